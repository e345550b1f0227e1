import { matches } from "../events/matcher.ts";
import { type CloudTrailRecord, serviceOf, type UserIdentity } from "../events/record.ts";
import { cut } from "../findings/bounds.ts";
import { denialCodes } from "./denial-pattern.ts";

/** Who was refused a call: a user or role, whatever session it used. */
export interface DeniedPrincipal {
  readonly kind: "role" | "user";
  readonly name: string;
  /** The principal's own account; that of the record may be another's. */
  readonly accountId: string;
}

/** A call that a permissions boundary refused, or an explicit deny in an identity-based policy. */
export interface Denial {
  /** As policies name it, e.g. `s3:ListAllMyBuckets`; the record's event may have another name. */
  readonly action: string;
  readonly by: "permissionsBoundary" | "identityPolicy";
  readonly principal: DeniedPrincipal;
  /** ISO 8601 in UTC. */
  readonly at: string;
  /** AWS's, at most 500 characters; the caller chose the names in it, so it is a stranger's text. */
  readonly message: string;
}

const messageLimit = 500;

/**
 * What a record says of a call that a repair may have cut off; undefined if it was refused for another reason, or if no
 * user or role of an account is named: root and AWS's services have no boundary, and the owner of a resource in another
 * account is not told who called.
 */
export const denialOf = (record: CloudTrailRecord): Denial | undefined => {
  const { errorCode, errorMessage = "", eventTime, eventSource, eventName } = record;
  if (errorCode === undefined || !matches({ errorCode: denialCodes }, { errorCode })) return undefined;
  const reason = reasonIn(errorMessage);
  const principal = principalOf(record.userIdentity);
  if (reason === undefined || principal === undefined) return undefined;
  const named = actionIn(errorMessage, /\bis not authorized to perform: (\S+)/);
  const repeated = actionIn(reason.text, / allows the (\S+) action/);
  // AWS names one action twice; where they differ, a resource's name pretends to be the reason.
  if (named !== undefined && repeated !== undefined && named.toLowerCase() !== repeated.toLowerCase()) return undefined;
  return {
    action: named ?? repeated ?? cut(`${serviceOf(eventSource)}:${eventName}`, 200),
    by: reason.by,
    principal,
    at: eventTime.toISOString(),
    message: cut(errorMessage.replace(/\.? Encoded authorization failure message: .*$/s, ""), messageLimit),
  };
};

const reasons = [
  ["because no permissions boundary allows the ", "permissionsBoundary"],
  ["with an explicit deny in a permissions boundary", "permissionsBoundary"],
  ["with an explicit deny in an identity-based policy", "identityPolicy"],
] as const;

/** The reason stands last: what reads like one before it is part of a name that somebody chose. */
const reasonIn = (message: string): { readonly by: Denial["by"]; readonly text: string } | undefined => {
  const at = Math.max(message.lastIndexOf("because no "), message.lastIndexOf("with an explicit deny"));
  if (at < 0) return undefined;
  const text = message.slice(at);
  const found = reasons.find(([start]) => text.startsWith(start));
  return found && { by: found[1], text };
};

/** Services spell their prefix as they like, policies in lower case. */
const actionIn = (text: string, pattern: RegExp): string | undefined => {
  const [service = "", name = ""] = pattern.exec(text)?.[1]?.split(":") ?? [];
  return /^[A-Za-z0-9-]{1,63}$/.test(service) && /^[A-Za-z0-9]{1,128}$/.test(name)
    ? `${service.toLowerCase()}:${name}`
    : undefined;
};

const principalOf = (identity: UserIdentity): DeniedPrincipal | undefined => {
  const own = arnParts(identity.arn);
  const issuer = identity.sessionContext?.sessionIssuer;
  const issuing = arnParts(issuer?.arn);
  switch (identity.type) {
    case "AssumedRole":
    case "Role":
      if (issuer?.type !== undefined && issuer.type !== "Role") return undefined;
      return principal(
        "role",
        issuer?.userName ?? issuing?.name ?? own?.name,
        issuer?.accountId ?? issuing?.accountId ?? identity.accountId ?? own?.accountId,
      );
    case "IAMUser":
      return principal("user", identity.userName ?? own?.name, identity.accountId ?? own?.accountId);
    case "FederatedUser":
      // What a user federates has no more rights than the user.
      if (issuer?.type !== "IAMUser") return undefined;
      return principal("user", issuer.userName ?? issuing?.name, issuer.accountId ?? issuing?.accountId);
    default:
      return undefined;
  }
};

const principal = (
  kind: DeniedPrincipal["kind"],
  name: string | undefined,
  accountId: string | undefined,
): DeniedPrincipal | undefined =>
  name !== undefined && /^[\w+=,.@-]{1,64}$/.test(name) && accountId !== undefined && /^\d{12}$/.test(accountId)
    ? { kind, name, accountId }
    : undefined;

/** Whose a user's, a role's or a role session's ARN is; paths are left out. */
const arnParts = (arn: string | undefined): { readonly accountId: string; readonly name: string } | undefined => {
  const [, accountId, session, entity] =
    /^arn:[\w-]+:(?:iam|sts)::(\d{12}):(?:assumed-role\/([^/]+)\/[^/]+|(?:user|role)\/(?:.*\/)?([^/]+))$/.exec(
      arn ?? "",
    ) ?? [];
  const name = session ?? entity;
  return accountId === undefined || name === undefined ? undefined : { accountId, name };
};
