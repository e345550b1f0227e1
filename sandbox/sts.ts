import * as z from "zod";
import { openSession } from "./callers.ts";
import { checkIdentityPolicy } from "./iam/documents.ts";
import { findPolicy } from "./iam/shapes.ts";
import type { Role } from "./iam/state.ts";
import { AwsError, type Call, integer, list, operation, type Service, tagList } from "./protocol/service.ts";
import { rootTasks } from "./root-tasks.ts";
import type { AccountState, Principal, SandboxState, Session } from "./state.ts";

const denied = ({ caller, service, operation }: Call, resource: string) =>
  new AwsError(
    "AccessDenied",
    `User: ${caller.arn} is not authorized to perform: ${service}:${operation} on resource: ${resource}`,
    403,
  );

/** A role of an active account, by its whole ARN. */
export const roleByArn = ({ accounts }: SandboxState, arn: string): { accountId: string; role: Role } | undefined => {
  const [, accountId = "", name = ""] = /^arn:aws:iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/.exec(arn) ?? [];
  const account = accounts.get(accountId);
  const role = account?.status === "ACTIVE" ? account.roles.get(name.toLowerCase()) : undefined;
  return role?.arn === arn ? { accountId, role } : undefined;
};

const startSession = (
  call: Call,
  accountId: string,
  principal: Principal,
  seconds: number,
  of: Pick<Session, "mfa" | "chained" | "assumedRoot" | "policies">,
) => {
  const expiresAt = new Date(call.now.getTime() + seconds * 1000 * call.clock.rate);
  const session = openSession(call.state, call.ids, { accountId, principal, createdAt: call.now, expiresAt, ...of });
  return {
    AccessKeyId: session.accessKeyId,
    SecretAccessKey: session.secretAccessKey,
    SessionToken: session.sessionToken,
    Expiration: new Date(call.wallClock().getTime() + seconds * 1000),
  };
};

const isWithMfa = ({ caller }: Call, tokenCode: string | undefined): boolean =>
  tokenCode !== undefined || caller.session?.mfa === true;

const longestSessionPolicy = 2048;

/** @throws AwsError for policies that no session may have */
const sessionPolicies = (
  account: AccountState | undefined,
  { Policy, PolicyArns = [] }: { Policy?: string | undefined; PolicyArns?: { arn: string }[] | undefined },
): string[] => {
  if (Policy !== undefined) checkIdentityPolicy(Policy);
  if (PolicyArns.length > 10 || (Policy ?? "").length > longestSessionPolicy)
    throw new AwsError("PackedPolicyTooLarge", "The total packed size of the session policies is too large");
  const managed = PolicyArns.flatMap(({ arn }) => {
    const policy = account && findPolicy(account, arn);
    return policy?.versions.filter(({ id }) => id === policy.defaultVersionId).map(({ document }) => document) ?? [];
  });
  return Policy === undefined ? managed : [Policy, ...managed];
};

const assumeRole = operation(
  {
    RoleArn: z.string().min(20).max(2048),
    RoleSessionName: z
      .string()
      .regex(/^[\w+=,.@-]*$/)
      .min(2)
      .max(64),
    DurationSeconds: integer(900, 43_200).optional(),
    ExternalId: z
      .string()
      .regex(/^[\w+=,.@:/-]*$/)
      .min(2)
      .max(1224)
      .optional(),
    Policy: z.string().optional(),
    PolicyArns: list(z.object({ arn: z.string() })).optional(),
    Tags: tagList.optional(),
    SerialNumber: z.string().optional(),
    TokenCode: z.string().optional(),
  },
  (call, input) => {
    const { caller, state } = call;
    const { DurationSeconds: seconds = 3600, RoleArn, RoleSessionName: sessionName } = input;
    if (caller.principal.type === "root")
      throw new AwsError("AccessDenied", "Roles may not be assumed by root accounts.", 403);
    const found = roleByArn(state, RoleArn);
    if (!found) throw denied(call, RoleArn);
    const chained = caller.principal.type === "role";
    if (chained && seconds > 3600) {
      throw new AwsError(
        "ValidationError",
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining",
      );
    }
    if (seconds > found.role.maxSessionDuration) {
      throw new AwsError(
        "ValidationError",
        "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
      );
    }
    const { accountId, role } = found;
    const policies = sessionPolicies(state.accounts.get(accountId), input);
    call.resources.push({ accountId, type: "AWS::IAM::Role", ARN: role.arn });
    return {
      Credentials: startSession(call, accountId, { type: "role", roleName: role.name, sessionName }, seconds, {
        mfa: isWithMfa(call, input.TokenCode),
        chained,
        ...(policies.length > 0 && { policies }),
      }),
      AssumedRoleUser: {
        AssumedRoleId: `${role.id}:${sessionName}`,
        Arn: `arn:aws:sts::${accountId}:assumed-role/${role.name}/${sessionName}`,
      },
    };
  },
  (call, { RoleArn, RoleSessionName, ExternalId, TokenCode, Tags = [] }) => {
    const found = roleByArn(call.state, RoleArn);
    const withMfa = call.caller.session || TokenCode !== undefined;
    const assuming = {
      resource: RoleArn,
      resourcePolicy: found?.role.trustPolicy,
      guarded: true,
      tags: found?.role.tags,
      context: {
        "sts:RoleSessionName": RoleSessionName,
        "sts:ExternalId": ExternalId,
        "aws:MultiFactorAuthPresent": withMfa ? String(isWithMfa(call, TokenCode)) : undefined,
      },
    };
    return Tags.length === 0 ? [assuming] : [assuming, { ...assuming, action: "sts:TagSession" }];
  },
);

/** The member account that a `TargetPrincipal` names by its id or its root's ARN. */
const targetOf = (targetPrincipal: string): string =>
  /^(?:arn:aws:iam::)?(\d{12})(?::root)?$/.exec(targetPrincipal)?.[1] ?? "";

/** A session of a member account's root, which does no more than its task. */
const assumeRoot = operation(
  {
    TargetPrincipal: z.string().min(12).max(2048),
    TaskPolicyArn: z.object({ arn: z.string() }),
    DurationSeconds: integer(0, 900).optional(),
  },
  (call, { TargetPrincipal, TaskPolicyArn, DurationSeconds: seconds = 900 }) => {
    const { caller, state } = call;
    const { managementAccountId, delegatedAdministrators, rootFeatures } = state.organization;
    const accountId = targetOf(TargetPrincipal);
    const isAdministrator =
      caller.account.id === managementAccountId ||
      delegatedAdministrators.get(caller.account.id)?.has("iam.amazonaws.com") === true;
    const account = state.accounts.get(accountId);
    const isMember = account?.status === "ACTIVE" && !account.standalone && accountId !== managementAccountId;
    const policies = rootTasks.get(TaskPolicyArn.arn);
    const isCentral = isAdministrator && rootFeatures.has("RootSessions");
    if (!isCentral || caller.principal.type === "root" || !isMember || !policies) {
      throw denied(call, `arn:aws:iam::${accountId}:root`);
    }
    const session = { mfa: false, chained: false, assumedRoot: true, policies };
    return { Credentials: startSession(call, accountId, { type: "root" }, seconds, session) };
  },
  ({ caller }, { TargetPrincipal, TaskPolicyArn }) => [
    {
      resource: `arn:aws:iam::${targetOf(TargetPrincipal)}:root`,
      // The organization lets its administrators in, not a policy of the member.
      accountId: caller.account.id,
      context: { "sts:TaskPolicyArn": TaskPolicyArn.arn },
    },
  ],
);

/** AWS Security Token Service. To ask who calls, or to prove MFA, needs no permission. */
export const sts: Service = {
  name: "sts",
  protocol: { type: "query", version: "2011-06-15", namespace: "https://sts.amazonaws.com/doc/2011-06-15/" },
  operations: {
    AssumeRole: assumeRole,
    AssumeRoot: assumeRoot,

    GetCallerIdentity: operation(
      {},
      ({ caller }) => ({ UserId: caller.id, Account: caller.account.id, Arn: caller.arn }),
      () => [],
    ),

    GetSessionToken: operation(
      {
        DurationSeconds: integer(900, 129_600).optional(),
        SerialNumber: z.string().optional(),
        TokenCode: z.string().optional(),
      },
      (call, input) => {
        const { caller } = call;
        if (caller.session)
          throw new AwsError("AccessDenied", "Cannot call GetSessionToken with session credentials", 403);
        const seconds = Math.min(input.DurationSeconds ?? 43_200, caller.principal.type === "root" ? 3600 : 129_600);
        const mfa = input.TokenCode !== undefined;
        return {
          Credentials: startSession(call, caller.account.id, caller.principal, seconds, { mfa, chained: false }),
        };
      },
      () => [],
    ),
  },
};
