import * as z from "zod";
import { MalformedInputError } from "../shared/errors.ts";
import { parsePolicy } from "../shared/policy/document.ts";
import { evaluatePolicies, type Request } from "../shared/policy/evaluate.ts";
import { openSession } from "./callers.ts";
import { AwsError, type Call, integer, list, operation, type Service, tagList } from "./protocol/service.ts";
import type { OrganizationState, Principal, Role, SandboxState, Session } from "./state.ts";

const denied = ({ caller, service, operation }: Call, resource: string) =>
  new AwsError(
    "AccessDenied",
    `User: ${caller.arn} is not authorized to perform: ${service}:${operation} on resource: ${resource}`,
    403,
  );

/** A decision that nobody can make, and a document that nobody can read, is a denial. */
const isTrusted = (trustPolicy: string, request: Request): boolean => {
  try {
    return evaluatePolicies([parsePolicy(trustPolicy)], request).decision === "allow";
  } catch (error) {
    if (error instanceof MalformedInputError) return false;
    throw error;
  }
};

const roleByArn = ({ accounts }: SandboxState, arn: string): { accountId: string; role: Role } | undefined => {
  const [, accountId = "", name = ""] = /^arn:aws:iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/.exec(arn) ?? [];
  const account = accounts.get(accountId);
  const role = account?.status === "ACTIVE" ? account.roles.get(name.toLowerCase()) : undefined;
  return role?.arn === arn ? { accountId, role } : undefined;
};

/** What the organization's tree above an account reads as in `aws:PrincipalOrgPaths`: `o-x/r-y/ou-z/`. */
export const orgPath = (organization: OrganizationState, parentId: string): string => {
  const unit = organization.units.get(parentId);
  return unit ? `${orgPath(organization, unit.parentId)}${parentId}/` : `${organization.id}/${parentId}/`;
};

const startSession = (
  call: Call,
  accountId: string,
  principal: Principal,
  seconds: number,
  of: Pick<Session, "mfa" | "chained" | "assumedRoot">,
) => {
  const expiresAt = new Date(call.now.getTime() + seconds * 1000);
  const session = openSession(call.state, call.ids, { accountId, principal, createdAt: call.now, expiresAt, ...of });
  return {
    AccessKeyId: session.accessKeyId,
    SecretAccessKey: session.secretAccessKey,
    SessionToken: session.sessionToken,
    Expiration: new Date(call.wallClock().getTime() + seconds * 1000),
  };
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
    const { DurationSeconds: seconds = 3600, ExternalId, RoleArn, RoleSessionName: sessionName } = input;
    if (caller.principal.type === "root")
      throw new AwsError("AccessDenied", "Roles may not be assumed by root accounts.", 403);
    const found = roleByArn(state, RoleArn);
    const mfa = input.TokenCode !== undefined || caller.session?.mfa === true;
    const roleArn = callerRoleArn(call);
    const context = new Map<string, readonly string[]>([
      ["sts:rolesessionname", [sessionName]],
      ["aws:principalarn", [roleArn ?? caller.arn]],
      ["aws:principalaccount", [caller.account.id]],
      ["aws:sourceip", [call.sourceIPAddress]],
    ]);
    if (!caller.account.standalone) {
      context.set("aws:principalorgid", [state.organization.id]);
      context.set("aws:principalorgpaths", [orgPath(state.organization, caller.account.parentId)]);
    }
    if (ExternalId !== undefined) context.set("sts:externalid", [ExternalId]);
    if (caller.session || input.TokenCode !== undefined) context.set("aws:multifactorauthpresent", [String(mfa)]);
    const arns = roleArn === undefined ? [caller.arn] : [roleArn, caller.arn];
    const request = {
      action: "sts:AssumeRole",
      resource: RoleArn,
      context,
      caller: { type: "AWS", accountId: caller.account.id, arns },
    } as const;
    const allowed = found && isTrusted(found.role.trustPolicy, request);
    if (!found || !allowed) throw denied(call, RoleArn);
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
    call.resources.push({ accountId, type: "AWS::IAM::Role", ARN: role.arn });
    return {
      Credentials: startSession(call, accountId, { type: "role", roleName: role.name, sessionName }, seconds, {
        mfa,
        chained,
      }),
      AssumedRoleUser: {
        AssumedRoleId: `${role.id}:${sessionName}`,
        Arn: `arn:aws:sts::${accountId}:assumed-role/${role.name}/${sessionName}`,
      },
    };
  },
);

const callerRoleArn = ({ account, caller }: Call): string | undefined =>
  caller.principal.type === "role" ? account.roles.get(caller.principal.roleName.toLowerCase())?.arn : undefined;

const rootTasks = [
  "IAMAuditRootUserCredentials",
  "IAMCreateRootUserPassword",
  "IAMDeleteRootUserCredentials",
  "S3UnlockBucketPolicy",
  "SQSUnlockQueuePolicy",
].map((name) => `arn:aws:iam::aws:policy/root-task/${name}`);

/** A session of a member account's root. What its task policy allows is not evaluated. */
const assumeRoot = operation(
  {
    TargetPrincipal: z.string().min(12).max(2048),
    TaskPolicyArn: z.object({ arn: z.string() }),
    DurationSeconds: integer(0, 900).optional(),
  },
  (call, { TargetPrincipal, TaskPolicyArn, DurationSeconds: seconds = 900 }) => {
    const { caller, state } = call;
    const { managementAccountId, delegatedAdministrators } = state.organization;
    const [, accountId = ""] = /^(?:arn:aws:iam::)?(\d{12})(?::root)?$/.exec(TargetPrincipal) ?? [];
    const central =
      caller.account.id === managementAccountId ||
      delegatedAdministrators.get(caller.account.id)?.has("iam.amazonaws.com") === true;
    const account = state.accounts.get(accountId);
    const isMember = account?.status === "ACTIVE" && !account.standalone && accountId !== managementAccountId;
    if (!central || caller.principal.type === "root" || !isMember || !rootTasks.includes(TaskPolicyArn.arn)) {
      throw denied(call, `arn:aws:iam::${accountId}:root`);
    }
    const session = { mfa: false, chained: false, assumedRoot: true };
    return { Credentials: startSession(call, accountId, { type: "root" }, seconds, session) };
  },
);

/** AWS Security Token Service. Session policies are accepted and, like all permissions, not evaluated. */
export const sts: Service = {
  name: "sts",
  protocol: { type: "query", version: "2011-06-15", namespace: "https://sts.amazonaws.com/doc/2011-06-15/" },
  operations: {
    AssumeRole: assumeRole,
    AssumeRoot: assumeRoot,

    GetCallerIdentity: operation({}, ({ caller }) => ({
      UserId: caller.id,
      Account: caller.account.id,
      Arn: caller.arn,
    })),

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
    ),
  },
};
