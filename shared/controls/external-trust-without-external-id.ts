import * as z from "zod";
import { defineControl, type EvaluationContext, notApplicable } from "../control.ts";
import type { RoleFacts } from "../facts/facts.ts";
import { all, type Ternary } from "../policy/language/ternary.ts";
import type { Confinement, ConfinementKind } from "../policy/trust/confinement.ts";
import { isConfinedBy, type Trust } from "../policy/trust/trust.ts";
import { accountId, trustedAccountIds } from "./terms/trust/account-ids.ts";
import {
  deletedPrincipals,
  isOfOrganization,
  judgeTrusts,
  kindsOfSources,
  looseWords,
  namedIn,
  organizationWords,
  type TrustJudgement,
  trustHints,
  undecidedWords,
} from "./terms/trust/trust.ts";
import { trustCommands, trustTemplates } from "./terms/trust/trust-templates.ts";

const options = z.strictObject({
  trustedAccountIds: trustedAccountIds(
    "Accounts outside the organization that need no external id, because their owner acts for nobody else.",
  ),
  vendors: z
    .record(accountId, z.string().min(1).max(100))
    .default({})
    .describe("Names of accounts outside the organization, for the reason to show. A name alone trusts nobody."),
});
type Options = z.infer<typeof options>;

const severity = "high";

/** A role that another organization's account may assume without an external id. */
export const externalTrustWithoutExternalId = defineControl({
  id: "external-trust-without-external-id",
  title: "Role trusts an outside account without an external id",
  severity,
  frameworks: {},
  subjects: ["role"],
  hints: trustHints,
  options,
  guidance: {
    what: "A role can be assumed from an account outside the organization, and its trust policy asks for no external id.",
    why: "A vendor that serves many customers can be brought to use its access to your role for another of them, who needs to know no more than the role's ARN: the confused deputy. An external id that the vendor gives each customer stops that.",
    counts: [
      "Outside is every account that is not among the organization's, named by its id, its root user's ARN or the ARN of a user, role or session in it, or by a condition on a principal `*`.",
      "Enough is `sts:ExternalId` with fixed values under an operator that is false where there is none, or a condition that confines to accounts of the organization or to the organization.",
      "A condition on the account or resource for which a service acts counts as the account that it names.",
      "A trust in a single user or role of the account is severity medium: only who is that principal can be confused.",
      "A principal `*` confined to a unique id alone (`aws:userid` like AROA…) is severity low: nobody can see whose id it is.",
      "While the organization's accounts are not known, the verdict on trusts in other accounts than the role's own is unknown.",
      "Unique ids such as AROA… stand where a user or role was deleted: nobody can be it again, and it counts as no trust.",
      "Accounts of trustedAccountIds need no external id; those of vendors do, and are called by name.",
    ],
    fix: {
      cli: trustCommands(
        "Agree on an external id with the owner of the account, who has to send it, then ask for it:",
        `Add to the statement: "Condition": {"StringEquals": {"sts:ExternalId": "EXTERNAL_ID"}}`,
      ),
      ...trustTemplates({
        Effect: "Allow",
        Principal: { AWS: "arn:aws:iam::VENDOR_ACCOUNT_ID:root" },
        Action: "sts:AssumeRole",
        Condition: { StringEquals: { "sts:ExternalId": "EXTERNAL_ID" } },
      }),
    },
  },
  evaluate: (role, context) =>
    judgeTrusts(
      role,
      severity,
      (trust) => judge(role, trust, context),
      notApplicable(`Role ${role.name} trusts no account but its own.${deletedPrincipals(role)}`),
    ),
});

const judge = (role: RoleFacts, trust: Trust, context: EvaluationContext<Options>): TrustJudgement => {
  const { principal, action } = trust;
  if (action !== "sts:AssumeRole" || (principal.type !== "aws" && principal.type !== "everyone")) return "none";
  if (principal.type === "aws" && principal.accountId === role.account.id) return "none";
  const isInside = isOfOrganization(role, context);
  const inside = principal.type === "aws" ? isInside(principal.accountId) : false;
  const isWithin = isConfinedBy(trust, (confinement) => namesOnly(confinement, isInside));
  if (inside === true || isWithin === true) return "fine";

  const callers = principal.type === "aws" ? [principal.accountId] : namedIn(trust, kindsOfCallers);
  const named = callers.length > 0 ? callers : namedIn(trust, kindsOfSources);
  if (named.length === 0) {
    // A trust in everyone that confines to nobody is the matter of trust-open-to-anyone.
    if (isWithin === false) return "none";
    const isToSomebody = isConfinedBy(trust, ({ kind }) => kind === "principal") === true;
    if (!isToSomebody) return { unknown: undecidedWords(trust) };
    return {
      what: `Whoever has the unique id in its conditions can assume role ${role.name}, and an id does not say of which account it is: look whose it is, and name that principal.`,
      severity: "low",
    };
  }
  const { trustedAccountIds } = context.options;
  if (named.every((id) => trustedAccountIds.includes(id))) return "fine";
  const hasExternalId = isConfinedBy(trust, ({ kind }) => kind === "externalId");
  if (hasExternalId === true) return "fine";
  if (hasExternalId === "unknown") return { unknown: undecidedWords(trust) };
  if (inside === "unknown" || isWithin === "unknown") {
    return { unknown: organizationWords(context, named) };
  }
  const outside = named.filter((id) => isInside(id) !== true && !trustedAccountIds.includes(id));
  return problem(role, trust, { outside, acting: callers.length === 0 }, context.options);
};

/** @param how.acting services act for those outside, who do not call themselves */
const problem = (
  role: RoleFacts,
  trust: Trust,
  { outside, acting }: { readonly outside: readonly string[]; readonly acting: boolean },
  { vendors }: Options,
): TrustJudgement => {
  const whom = outside.map((id) => (Object.hasOwn(vendors, id) ? `${id} (${vendors[id]})` : id)).join(", ");
  const isToOne =
    (trust.principal.type === "aws" && !trust.principal.isWholeAccount) ||
    isConfinedBy(trust, ({ kind, of }) => kind === "principal" && of.every((id) => outside.includes(id))) === true;
  const who = acting ? `A service acting for ${whom}` : isToOne ? `One principal of ${whom}` : `Whoever may in ${whom}`;
  return {
    what: `${who}, outside the organization, can assume role ${role.name} without an external id.${looseWords(trust)}`,
    severity: isToOne ? "medium" : severity,
    evidence: { outside },
  };
};

const kindsOfCallers: readonly ConfinementKind[] = ["account", "organization", "principal"];

/** Whether a condition lets in nobody but whom these names are of. A unique id does not tell its account. */
const namesOnly = ({ kind, of }: Confinement, isInside: (id: string) => Ternary): Ternary => {
  if (kindsOfSources.includes(kind)) return all(of.map(isInside));
  if (!kindsOfCallers.includes(kind)) return false;
  return of.length === 0 ? "unknown" : all(of.map(isInside));
};
