import type { PolicyFacts } from "../../facts/facts.ts";
import { parsePolicy, type Statement } from "../../policy/language/document.ts";
import type { Ternary } from "../../policy/language/ternary.ts";
import { type RequestContext, requestContext } from "../../policy/language/variables.ts";
import { type Request, statementMatches } from "../../policy/request/evaluate.ts";

/** Guardrails that are told by what they deny, whatever their policies are called. */
export const guardrailKinds = ["deny-root", "protect-iam-warden"] as const;
export type GuardrailKind = (typeof guardrailKinds)[number];

export interface GuardedAccount {
  /** Twelve digits. */
  readonly id: string;
  readonly partition: string;
}

/** What one kind has to deny: calls that whoever administers the account could otherwise make. */
const requestsOf: Readonly<Record<GuardrailKind, (account: GuardedAccount) => readonly Request[]>> = {
  "deny-root": ({ id, partition }) => {
    const context = callerContext(id, `arn:${partition}:iam::${id}:root`, "Account");
    return [
      ["ec2:RunInstances", "*"],
      ["iam:CreateAccessKey", `arn:${partition}:iam::${id}:root`],
      ["iam:UpdateAssumeRolePolicy", `arn:${partition}:iam::${id}:role/app`],
      ["kms:ScheduleKeyDeletion", `arn:${partition}:kms:eu-west-1:${id}:key/00000000-0000-0000-0000-000000000000`],
      ["organizations:LeaveOrganization", "*"],
      ["s3:DeleteObject", `arn:${partition}:s3:::bucket/key`],
    ].map(([action = "", resource = ""]) => ({ action, resource, context }));
  },
  "protect-iam-warden": ({ id, partition }) => {
    const context = callerContext(id, `arn:${partition}:iam::${id}:role/administrator`, "AssumedRole");
    const rule = `arn:${partition}:events:us-east-1:${id}:rule/iam-warden-iam-changes-1`;
    const roles = ["audit", "forward", "remediate"].map(
      (name) => `arn:${partition}:iam::${id}:role/iam-warden-${name}`,
    );
    return [
      ...["events:DeleteRule", "events:DisableRule", "events:PutRule", "events:RemoveTargets"].map((action) => ({
        action,
        resource: rule,
        context,
      })),
      ...roles.flatMap((resource) =>
        [
          "iam:DeleteRole",
          "iam:DeleteRolePolicy",
          "iam:DetachRolePolicy",
          "iam:PutRolePolicy",
          "iam:UpdateAssumeRolePolicy",
        ].map((action) => ({ action, resource, context })),
      ),
    ];
  },
};

/** Of the strongest session there is: one that conditions on MFA or the transport let through. */
const callerContext = (id: string, arn: string, type: string): RequestContext =>
  requestContext({
    "aws:PrincipalArn": arn,
    "aws:PrincipalAccount": id,
    "aws:PrincipalType": type,
    "aws:PrincipalIsAWSService": "false",
    "aws:MultiFactorAuthPresent": "true",
    "aws:SecureTransport": "true",
    // A key without values is one that the request does not have: this is no session of central root access.
    "aws:AssumedRoot": [],
  });

/** The first call that nothing denies for certain. `unsure`: a policy or statement that nobody can judge may deny it. */
export type Hole = { readonly action: string; readonly unsure: boolean };

/**
 * Looks for a call that a kind of guardrail has to deny and the policies leave. A denial under a condition on anything but
 * who asks leaves the calls for which it does not hold, and counts as none.
 * @throws MalformedInputError if a known document is no policy
 */
export const holeIn = (
  kind: GuardrailKind,
  account: GuardedAccount,
  policies: readonly PolicyFacts[],
): Hole | undefined => {
  const isUnread = policies.some(({ document }) => !document.known);
  const denials = policies
    .flatMap(({ document }) => (document.known ? parsePolicy(document.value).statements : []))
    .filter(({ effect }) => effect === "Deny");
  const holes = requestsOf[kind](account).flatMap((request): readonly Hole[] => {
    const denied = denials.map((statement) => denies(statement, request));
    if (denied.includes(true)) return [];
    return [{ action: request.action, unsure: isUnread || denied.includes("unknown") }];
  });
  return holes.find(({ unsure }) => !unsure) ?? holes[0];
};

const denies = (statement: Statement, request: Request): Ternary => {
  const keys = Object.values(statement.conditions).flatMap((block) => Object.keys(block));
  return keys.every((key) => request.context.has(key.toLowerCase())) && statementMatches(statement, request);
};
