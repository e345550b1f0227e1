import type { AccessKey, Role, User } from "./iam/state.ts";
import { AwsError, type Caller } from "./protocol/service.ts";
import type { Ids } from "./random.ts";
import type { AccountState, Principal, SandboxState, Session } from "./state.ts";

export const rootArn = (accountId: string): string => `arn:aws:iam::${accountId}:root`;

/** A principal of an account as a caller; undefined if there is no such user or role (any more). */
export const identify = (
  account: AccountState,
  principal: Principal,
  accessKeyId: string,
  session?: Session,
): Caller | undefined => {
  const common = { account, principal, accessKeyId, ...(session && { session }) };
  if (principal.type === "root") return { ...common, arn: rootArn(account.id), id: account.id };
  if (principal.type === "user") {
    const user = account.users.get(principal.userName.toLowerCase());
    return user && { ...common, arn: user.arn, id: user.id };
  }
  const role = account.roles.get(principal.roleName.toLowerCase());
  const { sessionName } = principal;
  const arn = `arn:aws:sts::${account.id}:assumed-role/${role?.name}/${sessionName}`;
  return role && { ...common, arn, id: `${role.id}:${sessionName}` };
};

/** Where an access key lives: its owner is root where `userName` is absent. */
export const findAccessKey = (
  accounts: Iterable<AccountState>,
  id: string,
): { account: AccountState; userName?: string; key: AccessKey } | undefined => {
  for (const account of accounts) {
    const rootKey = account.root.accessKeys.find((key) => key.id === id);
    if (rootKey) return { account, key: rootKey };
    for (const user of account.users.values()) {
      const key = user.accessKeys.find((one) => one.id === id);
      if (key) return { account, userName: user.name, key };
    }
  }
  return undefined;
};

const invalidToken = () =>
  new AwsError("InvalidClientTokenId", "The security token included in the request is invalid.", 403);

/**
 * Who signed a request. The signature itself is not verified.
 * @throws AwsError `InvalidClientTokenId` or `ExpiredToken`
 */
export const authenticate = (
  state: SandboxState,
  accessKeyId: string,
  token: string | undefined,
  now: Date,
): Caller => {
  const session = state.sessions.get(accessKeyId);
  if (session) {
    const account = state.accounts.get(session.accountId);
    const caller = account && identify(account, session.principal, accessKeyId, session);
    if (!caller || session.token !== token) throw invalidToken();
    if (session.expiresAt && session.expiresAt <= now) {
      throw new AwsError("ExpiredToken", "The security token included in the request is expired", 403);
    }
    return caller;
  }
  const owner = findAccessKey(state.accounts.values(), accessKeyId);
  const principal: Principal =
    owner?.userName === undefined ? { type: "root" } : { type: "user", userName: owner.userName };
  const caller = owner?.key.status === "Active" ? identify(owner.account, principal, accessKeyId) : undefined;
  if (!caller) throw invalidToken();
  return caller;
};

/** Notes that a caller's credentials were used, as last-used and last-accessed fields show it. */
export const noteUse = (
  { account, principal, accessKeyId, session }: Caller,
  use: { readonly at: Date; readonly service: string; readonly operation: string; readonly region: string },
) => {
  const { at, service, operation, region } = use;
  if (principal.type === "root") {
    const key = session ? undefined : findAccessKey([account], accessKeyId)?.key;
    if (key) key.lastUsed = { at, service, region };
    return;
  }
  const entity =
    principal.type === "role"
      ? account.roles.get(principal.roleName.toLowerCase())
      : account.users.get(principal.userName.toLowerCase());
  if (!entity) return;
  noteAccess(entity, { at, service, operation, region });
  if ("trustPolicy" in entity) entity.lastUsed = { at, region };
  else if (!session) {
    const key = entity.accessKeys.find(({ id }) => id === accessKeyId);
    if (key) key.lastUsed = { at, service, region };
  }
};

/** Notes that a user or role called an action, as its service last accessed details show it. */
export const noteAccess = (
  entity: User | Role,
  {
    at,
    service,
    operation,
    region,
  }: { readonly at: Date; readonly service: string; readonly operation: string; readonly region: string },
) => {
  entity.accessed ??= new Map();
  const accessed = entity.accessed.get(service) ?? { at, region, actions: new Map<string, Date>() };
  accessed.at = at;
  accessed.region = region;
  accessed.actions.set(operation, at);
  entity.accessed.set(service, accessed);
};

/** Makes temporary credentials. */
export const openSession = (
  state: SandboxState,
  ids: Ids,
  session: Omit<Session, "secret" | "token">,
): { accessKeyId: string; secretAccessKey: string; sessionToken: string } => {
  const accessKeyId = ids.accessKey("ASIA");
  const secret = ids.secret();
  const token = ids.sessionToken();
  state.sessions.set(accessKeyId, { ...session, secret, token });
  return { accessKeyId, secretAccessKey: secret, sessionToken: token };
};
