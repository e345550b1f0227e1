import type { AnyControl, EventPattern, Json } from "../control.ts";
import type { WriteName } from "../remediation/step.ts";

/**
 * How CloudTrail spells that a policy refused a call: `AccessDenied` most services, `Client.UnauthorizedOperation` EC2,
 * `AuthorizationError` SNS, the others a few.
 */
export const denialCodes: readonly Json[] = [
  { prefix: "AccessDenied" },
  { suffix: "UnauthorizedOperation" },
  { prefix: "AuthorizationError" },
  "ForbiddenException",
  "NotAuthorizedException",
  "UnauthorizedException",
];

/**
 * What AWS says of a call that one of our writes may have cut off; a policy's ARN or an encoded message may follow. Of
 * identity-based policies users' alone: those of roles deny so much, and no inline one is named, that the few of a
 * quarantined role are not worth hearing all of an organization's.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 */
const messagesAfter: Partial<Record<WriteName, readonly string[]>> = {
  PutRolePermissionsBoundary: [
    "*because no permissions boundary allows*",
    "*with an explicit deny in a permissions boundary*",
  ],
  PutUserPolicy: ["*user/*with an explicit deny in an identity-based policy*"],
};

/**
 * The pattern that delivers denials which the controls' repairs may have caused, from any service; undefined if no repair
 * can cause one that is told apart. The ordinary denials of an organization do not match: a permission that nobody gave,
 * SCPs, resource, session and endpoint policies, and services which say no reason (there `with an explicit deny` alone
 * was an SCP as often as not).
 */
export const denialPattern = (controls: readonly AnyControl[]): EventPattern | undefined => {
  const writes = new Set<string>(
    controls.flatMap((control) => (control.type === "state" ? (control.repair?.writes ?? []) : [])),
  );
  const messages = Object.entries(messagesAfter).flatMap(([write, texts]) => (writes.has(write) ? texts : []));
  if (messages.length === 0) return undefined;
  return {
    source: [{ prefix: "aws." }],
    "detail-type": ["AWS API Call via CloudTrail"],
    detail: { errorCode: denialCodes, errorMessage: messages.map((wildcard) => ({ wildcard })) },
  };
};
