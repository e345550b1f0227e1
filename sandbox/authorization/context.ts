import type { OrganizationState } from "../organizations/state.ts";
import type { Caller } from "../protocol/service.ts";
import type { AccountState, SandboxState } from "../state.ts";
import { entityOf } from "./layers.ts";

/** What a request says of itself, whoever makes it. */
export interface RequestFacts {
  readonly region: string;
  readonly now: Date;
  readonly sourceIPAddress: string;
  readonly resourceAccountId?: string | undefined;
  readonly resourceTags?: ReadonlyMap<string, string> | undefined;
  /** By the wire's names: the tags in it count. */
  readonly input?: Readonly<Record<string, unknown>>;
  readonly more?: Readonly<Record<string, string | readonly string[] | undefined>> | undefined;
}

/** What the organization's tree above an account reads as in `aws:PrincipalOrgPaths`: `o-x/r-y/ou-z/`. */
export const orgPath = (organization: OrganizationState, parentId: string): string => {
  const unit = organization.units.get(parentId);
  return unit ? `${orgPath(organization, unit.parentId)}${parentId}/` : `${organization.id}/${parentId}/`;
};

/** What of tags a request puts or takes off, however its service writes them. */
const requestTags = ({ Tags, tags, TagKeys, tagKeys }: Readonly<Record<string, unknown>>) => {
  const given = Tags ?? tags;
  const pairs: [string, string][] = Array.isArray(given)
    ? given.map(({ Key, Value = "" }) => [String(Key), String(Value)])
    : Object.entries(Object(given)).map(([key, value]) => [key, String(value)]);
  const taken = [TagKeys, tagKeys].flatMap((keys) => (Array.isArray(keys) ? keys.map(String) : []));
  return { pairs, keys: [...pairs.map(([key]) => key), ...taken] };
};

type Context = Map<string, readonly string[]>;

const put = (context: Context, key: string, value: string | readonly string[] | undefined): void => {
  if (value !== undefined) context.set(key.toLowerCase(), typeof value === "string" ? [value] : value);
};

const putCaller = (context: Context, { account, arn, id, principal, session }: Caller, now: Date): void => {
  const entity = entityOf(account, principal);
  put(context, "aws:PrincipalAccount", account.id);
  put(context, "aws:PrincipalArn", entity?.arn ?? arn);
  put(context, "aws:PrincipalIsAWSService", "false");
  put(context, "aws:PrincipalType", { root: "Account", user: "User", role: "AssumedRole" }[principal.type]);
  put(context, "aws:userid", id);
  if (principal.type === "user") put(context, "aws:username", principal.userName);
  for (const [key, value] of entity?.tags ?? []) put(context, `aws:PrincipalTag/${key}`, value);
  if (!session) return;
  put(context, "aws:TokenIssueTime", session.createdAt.toISOString());
  put(context, "aws:MultiFactorAuthPresent", String(session.mfa));
  if (session.mfa) put(context, "aws:MultiFactorAuthAge", String((now.getTime() - session.createdAt.getTime()) / 1000));
  if (session.assumedRoot) put(context, "aws:AssumedRoot", "true");
};

/** The condition keys of a request. Keys are in lower case; those that AWS would not send are not there. */
export const contextOf = (state: SandboxState, caller: Caller, facts: RequestFacts): Context => {
  const { now, input = {}, resourceAccountId, resourceTags = [], more = {} } = facts;
  const context: Context = new Map();
  put(context, "aws:CurrentTime", now.toISOString());
  put(context, "aws:EpochTime", String(now.getTime() / 1000));
  put(context, "aws:RequestedRegion", facts.region);
  put(context, "aws:SecureTransport", "true");
  put(context, "aws:SourceIp", facts.sourceIPAddress);
  put(context, "aws:ViaAWSService", "false");
  putCaller(context, caller, now);
  const place = (of: AccountState | undefined, whose: "Principal" | "Resource"): void => {
    if (of === undefined || of.standalone) return;
    put(context, `aws:${whose}OrgID`, state.organization.id);
    put(context, `aws:${whose}OrgPaths`, [orgPath(state.organization, of.parentId)]);
  };
  place(caller.account, "Principal");
  put(context, "aws:ResourceAccount", resourceAccountId);
  place(state.accounts.get(resourceAccountId ?? ""), "Resource");
  for (const [key, value] of resourceTags) put(context, `aws:ResourceTag/${key}`, value);
  const { pairs, keys } = requestTags(input);
  for (const [key, value] of pairs) put(context, `aws:RequestTag/${key}`, value);
  if (keys.length > 0) put(context, "aws:TagKeys", keys);
  for (const [key, value] of Object.entries(more)) put(context, key, value);
  return context;
};
