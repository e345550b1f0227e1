import * as z from "zod";
import { known, unknownFact } from "../../shared/facts/facts.ts";
import { type PolicyDocument, parsePolicy } from "../../shared/policy/language/document.ts";
import { administration } from "../../shared/policy/principal/administrator.ts";
import { type Answer, everything } from "../../shared/policy/principal/answer.ts";
import { can } from "../../shared/policy/principal/effective.ts";
import { isOpen } from "../../shared/policy/principal/open-conditions.ts";
import { confinementsOf } from "../../shared/policy/trust/confinement.ts";
import type { PolicyCase } from "./case.ts";
import { accountWith, judgedBy, type Ours } from "./judge-case.ts";
import {
  describedRole,
  describedUser,
  holdersOf,
  memberOf,
  reportedRoot,
  reportedUser,
  roleTrusting,
} from "./subjects.ts";

/** A case that asks what we do not ask, and why. */
export interface NotJudged {
  readonly notJudged: string;
}

type Check = (asked: PolicyCase) => Ours | NotJudged;

/** What a policy can do is not judged of one that nobody has, where the peer was told to leave those alone. */
const isLeftAlone = ({ input }: PolicyCase): boolean => input.attached === false && input.scan_unused_services !== true;
const unheld: Ours = { says: "no finding", by: "nobody has the policy" };

const byControls =
  (...controls: readonly string[]): Check =>
  (asked) =>
    isLeftAlone(asked)
      ? unheld
      : judgedBy(holdersOf(asked.input.policy_document, asked.input.attached_to), { controls });

/** Whoever has no more than a policy. */
const holding = (document: PolicyDocument) => ({
  identity: [{ name: "policy", kind: "inline" as const, document }],
  serviceControl: [],
});

const byLanguage =
  (question: (document: PolicyDocument, asked: PolicyCase) => Answer, by: string): Check =>
  (asked) => {
    if (isLeftAlone(asked)) return unheld;
    const answer = question(parsePolicy(asked.input.policy_document), asked);
    if (answer.decision === "unknown") return { says: "unknown", by };
    return { says: isOpen(answer) ? "finding" : "no finding", by };
  };

const everythingOf = (service: string): Check =>
  byLanguage(
    (document) => can(holding(document), `${service}:*`, everything),
    "every action of the service on everything",
  );

const subscribing = byLanguage(
  (document) => can(holding(document), "aws-marketplace:Subscribe", everything),
  "the action on everything",
);

const conditionInput = z.object({
  condition: z.record(z.string(), z.record(z.string(), z.union([z.string(), z.array(z.string())]))),
  source_account: z.string().optional(),
  is_cross_account_allowed: z.boolean().optional(),
});

/** Whether conditions say who may come in: within one account, where no other is allowed. */
const byConfinement: Check = ({ input }) => {
  const { condition, source_account: own, is_cross_account_allowed: isAny = true } = conditionInput.parse(input);
  const { conditions } =
    parsePolicy({
      Version: "2012-10-17",
      Statement: { Effect: "Allow", Condition: condition },
    }).statements[0] ?? {};
  const { confining } = confinementsOf(conditions ?? {});
  const isConfined = confining.some(({ of }) => isAny || of.every((id) => id === own));
  return { says: isConfined ? "no finding" : "finding", by: "what a condition confines to" };
};

/** The same of a statement that names everyone. */
const byConfinementOfStatement: Check = (asked) => {
  const { statement, source_account: account } = z
    .object({ statement: z.object({ Condition: z.unknown() }), source_account: z.string() })
    .parse(asked.input);
  const of = account === "" ? {} : { source_account: account, is_cross_account_allowed: false };
  return byConfinement({ ...asked, input: { condition: statement.Condition, ...of } });
};

const statementsOf = (document: unknown): readonly unknown[] => {
  const { Statement } = z.looseObject({ Statement: z.unknown() }).parse(document);
  return Array.isArray(Statement) ? Statement : [Statement];
};

/** Whom a policy of a resource lets in, asked of a role that trusts the same. */
const byTrust: Check = ({ input }) =>
  judgedBy([roleTrusting(statementsOf(input.policy_document))], {
    controls: [
      "trust-open-to-anyone",
      ...(input.is_cross_account_allowed === false ? ["external-trust-without-external-id"] : []),
      ...(input.check_cross_service_confused_deputy === true ? ["service-trust-confused-deputy"] : []),
    ],
  });

const passwordPolicySchema = z
  .object({
    ...{ length: z.int(), symbols: z.boolean(), numbers: z.boolean(), uppercase: z.boolean(), lowercase: z.boolean() },
    ...{ allow_change: z.boolean(), max_age: z.int(), hard_expiry: z.boolean(), reuse_prevention: z.int().nullable() },
  })
  .nullable();

/** Of length and memory, `options` leave the one that the check is about. */
const byPasswordPolicy =
  (options: object): Check =>
  ({ input }) => {
    const policy = passwordPolicySchema.parse(input.password_policy);
    const fact =
      policy === null
        ? unknownFact("the case has no password policy that could be read")
        : known({
            minimumLength: policy.length,
            requireLowercase: policy.lowercase,
            requireUppercase: policy.uppercase,
            requireNumbers: policy.numbers,
            requireSymbols: policy.symbols,
            usersMayChange: policy.allow_change,
            maxAgeDays: policy.max_age || null,
            hardExpiry: policy.hard_expiry,
            remembered: policy.reuse_prevention,
          });
    return judgedBy([accountWith(fact)], {
      controls: ["weak-password-policy"],
      options: { "weak-password-policy": options },
    });
  };

const byReport =
  (control: string, optionsOf: (config: unknown) => object = () => ({})): Check =>
  ({ input, evaluatedAt }) =>
    judgedBy([reportedUser(input.credential_report_row)], {
      controls: [control],
      options: { [control]: optionsOf(input.config) },
      ...(evaluatedAt && { now: evaluatedAt }),
    });

const byRoot =
  (...controls: readonly string[]): Check =>
  ({ input }) =>
    judgedBy([reportedRoot(input.credential_report_row, input.account_mfa_enabled, input.virtual_mfa_devices)], {
      controls,
    });

const not =
  (why: string): Check =>
  () => ({ notJudged: why });

const kindsOfCharacters = not(
  "weak-password-policy asks for length and memory; kinds of characters are deliberately left out, as its page says.",
);
const escalation = byControls("privilege-escalation-path", "admin-policy");
const cloudTrail = everythingOf("cloudtrail");
const admin = byControls("admin-policy");

/** How each check of the peer is put to us. */
const checks: Readonly<Record<string, Check>> = {
  iam_rotate_access_key_90_days: byReport("stale-access-key", () => ({ maxAgeDays: 90 })),
  iam_user_accesskey_unused: byReport("unused-access-key", (config) => ({
    maxUnusedDays: z.object({ max_unused_access_keys_days: z.int() }).parse(config).max_unused_access_keys_days,
  })),
  iam_user_no_setup_initial_access_key: not(
    "It asks for keys that were never used, however young, of users with a password; unused-access-key counts days since the key was made, which these rows do not have.",
  ),
  iam_customer_attached_policy_no_administrative_privileges: admin,
  iam_customer_unattached_policy_no_administrative_privileges: admin,
  iam_inline_policy_no_administrative_privileges: admin,
  iam_group_administrator_access_policy: ({ input }) =>
    judgedBy([memberOf(input.group)], { controls: ["admin-policy"] }),
  iam_role_administratoraccess_policy: ({ input }) =>
    judgedBy([describedRole(input.role)], { controls: ["admin-policy"] }),
  "lib:admin_star_policy": byLanguage((document) => administration(holding(document)), "who is an administrator"),
  iam_no_custom_policy_permissive_role_assumption: byControls("assume-any-role"),
  "lib:condition_private_ip": byConfinement,
  "lib:condition_restricts_to_account": byConfinement,
  "lib:condition_restricts_to_org": byConfinement,
  "lib:condition_trusted_ips": byConfinement,
  iam_administrator_access_with_mfa: not(
    "It asks for MFA of administrators who have no console password. admin-policy tells of such users with MFA or without; console-user-without-mfa asks for it where there is a password.",
  ),
  iam_user_mfa_enabled_console_access: byReport("console-user-without-mfa"),
  iam_policy_attached_only_to_group_or_roles: ({ input }) =>
    judgedBy([describedUser(input.user)], { controls: ["policy-attached-to-user"] }),
  iam_password_policy_lowercase: kindsOfCharacters,
  iam_password_policy_uppercase: kindsOfCharacters,
  iam_password_policy_number: kindsOfCharacters,
  iam_password_policy_symbol: kindsOfCharacters,
  iam_password_policy_minimum_length_14: byPasswordPolicy({ minCharacters: 14, minRememberedPasswords: 1 }),
  iam_password_policy_reuse_24: byPasswordPolicy({ minCharacters: 6, minRememberedPasswords: 24 }),
  iam_inline_policy_allows_privilege_escalation: escalation,
  iam_policy_allows_privilege_escalation: escalation,
  "lib:privilege_escalation": escalation,
  iam_avoid_root_usage: not(
    "root-activity judges the records of what root does, and the credential report only where no record came of it; these cases have no records.",
  ),
  iam_no_root_access_key: byRoot("root-access-key-exists"),
  iam_root_credentials_management_enabled: ({ input }) =>
    judgedBy([accountWith(unknownFact("the case says nothing of passwords"))], {
      controls: ["central-root-access-disabled"],
      rootFeatures: z.array(z.string()).parse(input.organization_features),
    }),
  iam_root_hardware_mfa_enabled: byRoot("root-mfa-not-hardware", "root-without-mfa"),
  iam_inline_policy_no_full_access_to_cloudtrail: cloudTrail,
  iam_policy_no_full_access_to_cloudtrail: cloudTrail,
  iam_policy_no_full_access_to_kms: everythingOf("kms"),
  iam_inline_policy_no_wildcard_marketplace_subscribe: subscribing,
  iam_policy_no_wildcard_marketplace_subscribe: subscribing,
  "lib:marketplace_subscribe": subscribing,
  "lib:full_service_access": (asked) => everythingOf(z.string().parse(asked.input.service))(asked),
  iam_role_cross_account_readonlyaccess_policy: ({ input }) =>
    judgedBy([describedRole(input.role)], { controls: ["external-trust-without-external-id"] }),
  iam_role_cross_service_confused_deputy_prevention: ({ input }) =>
    judgedBy([describedRole(input.role)], { controls: ["service-trust-confused-deputy"] }),
  "lib:policy_public_or_cross_account": byTrust,
  "lib:public_principal": ({ input }) =>
    judgedBy([roleTrusting([input.statement])], { controls: ["trust-open-to-anyone"] }),
  "lib:source_arn_restrictive": byConfinementOfStatement,
};

/** What we say of a case, or why we say nothing. */
export const judgeCase = (asked: PolicyCase): Ours | NotJudged =>
  Object.hasOwn(checks, asked.check) ? (checks[asked.check] ?? noSuchCheck)(asked) : noSuchCheck(asked);

const noSuchCheck: Check = ({ check }) => ({ notJudged: `Nobody has said yet how the check ${check} is put to us.` });
