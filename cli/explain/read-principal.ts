import { GetRoleCommand, GetUserCommand, type Role, type User } from "@aws-sdk/client-iam";
import type { AwsAccess } from "../../shared/aws/access.ts";
import { serviceLinkedRoles } from "../../shared/controls/terms/roles/role-scope.ts";
import { AccessDeniedError } from "../../shared/errors.ts";
import { type AskedCaller, policyCaller } from "../../shared/explain/asked.ts";
import { callerContext } from "../../shared/explain/caller.ts";
import { type HeldLayers, type HeldPolicy, heldFacts, unreadPolicy } from "../../shared/explain/layers.ts";
import { type Fact, type PrincipalPolicies, unknownFact } from "../../shared/facts/facts.ts";
import { createPolicyReader } from "../../shared/facts/live-policies.ts";
import { deniedWhy, ifExists, read } from "../../shared/facts/reading.ts";
import { type RequestContext, requestContext } from "../../shared/policy/language/variables.ts";
import type { Caller } from "../../shared/policy/request/evaluate.ts";
import { CommandError } from "../command-error.ts";

/** What the account of a caller says of them. */
export interface ReadPrincipal {
  readonly layers: Pick<HeldLayers, "identity" | "boundary">;
  readonly caller: Caller;
  readonly context: RequestContext;
  /** The principal's tags, all of them: absent where they were not read, or where a session may have others. */
  readonly tags?: Readonly<Record<string, string>>;
  /** Service control policies do not limit what a service does through its own role. */
  readonly isServiceLinked: boolean;
}

const rootPolicy: HeldPolicy = {
  name: "root",
  document: { statements: [{ effect: "Allow", actions: ["*"], conditions: {}, unknownElements: [] }] },
};

const identityOf = ({ inline, attached, groups }: PrincipalPolicies): readonly HeldPolicy[] => [
  ...[...inline, ...attached].map((policy) => heldFacts(policy)),
  ...groups.flatMap(({ name, ...own }) => [...own.inline, ...own.attached].map((policy) => heldFacts(policy, name))),
];

/** What stands behind a name; `undefined` if nothing does. Also of an account that lets nobody in there is only that to say. */
const readEntity = async <T>(permission: string, accountId: string, send: () => Promise<T>) => {
  try {
    return await ifExists(read(permission, accountId, send));
  } catch (error) {
    if (error instanceof AccessDeniedError) return unknownFact(`${deniedWhy(error)} in account ${accountId}`);
    throw error;
  }
};

/** A role; `undefined` if there is none of the name. What may not be read is unknown. */
export const readRole = (
  aws: AwsAccess,
  accountId: string,
  RoleName: string,
): Promise<Fact<Role | undefined> | undefined> =>
  readEntity(
    "iam:GetRole",
    accountId,
    async () => (await aws.iam(accountId).send(new GetRoleCommand({ RoleName }))).Role,
  );

const readUser = (aws: AwsAccess, accountId: string, UserName: string): Promise<Fact<User | undefined> | undefined> =>
  readEntity(
    "iam:GetUser",
    accountId,
    async () => (await aws.iam(accountId).send(new GetUserCommand({ UserName }))).User,
  );

/**
 * Reads what a caller's account says of them: policies, groups, boundary, tags.
 * @throws CommandError if there is no such user or role
 */
export const readPrincipal = async (aws: AwsAccess, asked: AskedCaller): Promise<ReadPrincipal> => {
  const alone = { caller: policyCaller(asked), context: callerContext(asked), isServiceLinked: false };
  if (asked.kind === "federated" || asked.kind === "service") return { ...alone, layers: { identity: [] } };
  if (asked.kind === "root") return { ...alone, layers: { identity: [rootPolicy] } };
  const { accountId, kind, name } = asked;
  const found = await (kind === "role" ? readRole : readUser)(aws, accountId, name);
  if (found === undefined || (found.known && found.value === undefined))
    throw new CommandError(`There is no ${kind} ${name} in account ${accountId} (any more)`);
  if (!found.known || found.value === undefined)
    return {
      ...alone,
      layers: { identity: [unreadPolicy(`the policies of ${kind} ${name}`, found.known ? "" : found.why)] },
    };
  const { Arn: arn = asked.arn, Path: path = "/", PermissionsBoundary, Tags = [] } = found.value;
  const itself = { ...asked, arn };
  const tags = Object.fromEntries(Tags.map(({ Key = "", Value = "" }) => [Key, Value]));
  return {
    layers: await readPolicies(aws, itself, PermissionsBoundary?.PermissionsBoundaryArn ?? null),
    caller: policyCaller(itself),
    context: new Map([
      ...callerContext(itself),
      ...requestContext(
        Object.fromEntries(Object.entries(tags).map(([key, value]) => [`aws:PrincipalTag/${key}`, value])),
      ),
    ]),
    ...(kind === "user" && { tags }),
    isServiceLinked: kind === "role" && serviceLinkedRoles.excludes({ name, path }),
  };
};

const readPolicies = async (
  aws: AwsAccess,
  { accountId, kind, name }: Extract<AskedCaller, { kind: "user" | "role" }>,
  boundaryArn: string | null,
): Promise<Pick<HeldLayers, "identity" | "boundary">> => {
  const reader = createPolicyReader(aws.iam(accountId), accountId, read);
  const policies = await reader[kind](name, boundaryArn);
  if (policies.known) {
    const { boundary } = policies.value;
    return { identity: identityOf(policies.value), ...(boundary && { boundary: [heldFacts(boundary)] }) };
  }
  // One part that may not be read hides no other.
  const boundary = boundaryArn === null ? undefined : await reader.managed(boundaryArn);
  return {
    identity: [unreadPolicy(`the policies of ${kind} ${name}`, policies.why)],
    ...(boundary && { boundary: [heldFacts(boundary)] }),
  };
};
