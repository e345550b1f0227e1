import { iamQuotas } from "../../aws/iam-quotas.ts";
import type { Declaration } from "../declarations.ts";
import type { Principal } from "../facts/policies.ts";
import { sizeOf } from "../facts/size.ts";
import type { Document } from "../source/source.ts";
import type { LintRule, RuleFinding } from "./rule.ts";

export const policySize: LintRule = {
  id: "policy-size",
  title: "Policy beyond a quota of IAM",
  severity: "medium",
  why: "IAM or Organizations refuses what is beyond a quota, so that the deployment fails.",
};

/** IAM's own, with what it can be asked for, and those of others' policies. */
const quotas = {
  ...iamQuotas,
  trustPolicyAtMost: 8_192,
  scp: 10_240,
  /** An older quota, which not every account may be past. */
  scpFormerly: 5_120,
  session: 2_048,
  attachedAtMost: { user: 20, group: 10, role: 25 },
} as const;

const number = new Intl.NumberFormat("en-US");
const characters = (size: number): string => `${number.format(size)} characters, white space not counted`;
const known = ({ content }: Document): number => (content.known ? sizeOf(content.value) : 0);

/** What is beyond a quota, of single documents and of all that a principal has. */
export const findBeyondQuota = (
  declarations: readonly Declaration[],
  principals: ReadonlyMap<string, Principal>,
): readonly RuleFinding[] => [
  ...declarations.flatMap(ofDocument),
  ...[...principals.values()].flatMap((principal) => [...ofInline(principal), ...ofAttached(principal)]),
];

const ofDocument = (one: Declaration): readonly RuleFinding[] => {
  const { address } = one;
  const finding = (document: Document, reason: string, severity = policySize.severity): readonly RuleFinding[] => [
    { severity, at: document.at, address, reason },
  ];
  if (one.type === "managedPolicy") {
    const size = known(one.document);
    if (size <= quotas.managedPolicy) return [];
    return finding(
      one.document,
      `The managed policy has ${characters(size)}; at most ${number.format(quotas.managedPolicy)} are allowed.`,
    );
  }
  if (one.type === "principal" && one.trust !== undefined) {
    const size = known(one.trust);
    if (size > quotas.trustPolicyAtMost)
      return finding(
        one.trust,
        `The trust policy has ${characters(size)}; at most ${number.format(quotas.trustPolicyAtMost)} are allowed.`,
      );
    if (size > quotas.trustPolicy)
      return finding(
        one.trust,
        `The trust policy has ${characters(size)}; more than ${number.format(quotas.trustPolicy)} are allowed only where the account's quota was raised, up to ${number.format(quotas.trustPolicyAtMost)}.`,
        "low",
      );
  }
  if (one.type !== "otherPolicy") return [];
  const size = known(one.document);
  const [what, quota] =
    one.of === "scp"
      ? (["service control policy", quotas.scp] as const)
      : (["session policy", quotas.session] as const);
  if (size > quota)
    return finding(one.document, `The ${what} has ${characters(size)}; at most ${number.format(quota)} are allowed.`);
  if (one.of === "scp" && size > quotas.scpFormerly)
    return finding(
      one.document,
      `The service control policy has ${characters(size)}; older documentation allows ${number.format(quotas.scpFormerly)}.`,
      "low",
    );
  return [];
};

const place = (principal: Principal) => principal.declaration ?? principal.inline[0];

const ofInline = (principal: Principal): readonly RuleFinding[] => {
  const { kind, inline } = principal;
  const size = inline.reduce((sum, { document }) => sum + known(document), 0);
  const at = place(principal);
  if (size <= quotas.inline[kind] || at === undefined) return [];
  const what = inline.length === 1 ? "inline policy has" : `${inline.length} inline policies have`;
  const reason = `The ${what} ${characters(size)}; a ${kind} may have ${number.format(quotas.inline[kind])} in all.`;
  return [{ severity: policySize.severity, at: at.at, address: at.address, reason }];
};

const ofAttached = (principal: Principal): readonly RuleFinding[] => {
  const { kind, name, attached, declaration } = principal;
  const count = attached.length;
  if (count <= quotas.attached[kind] || declaration === undefined) return [];
  const { at, address } = declaration;
  const most = quotas.attachedAtMost[kind];
  const beyond = count > most;
  const reason = beyond
    ? `${count} managed policies are attached to ${kind} ${name}; at most ${most} may be.`
    : `${count} managed policies are attached to ${kind} ${name}; more than ${quotas.attached[kind]} may be only where the account's quota was raised, up to ${most}.`;
  return [{ severity: beyond ? policySize.severity : "low", at, address, reason }];
};
