import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  IAMClient,
  PutRolePermissionsBoundaryCommand,
  UpdateAssumeRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { AssumeRoleCommand, type Credentials, STSClient } from "@aws-sdk/client-sts";
import { addRole, addUser, administratorAccess, trusting } from "../../iam/state.ts";
import type { AccountState } from "../../state.ts";
import { codeOf, demandEqual } from "../demand.ts";
import { adminRole, type Stage } from "../stage.ts";

/** What keeps people and iam-warden itself from what nobody may: asked for, since nothing in the product asks. */
export const boundary = async (stage: Stage): Promise<void> => {
  const { data, hub, management } = stage;
  for (const account of [data, management]) {
    await protectedPrincipals(stage, account);
    await developers(stage, account);
  }
  await developers(stage, hub);
  reachIntoHub(stage);
};

const denied = async (what: string, send: Promise<unknown>): Promise<void> =>
  demandEqual(await codeOf(send), "AccessDenied", what);

const iamAs = ({ sandbox }: Stage, { AccessKeyId = "", SecretAccessKey = "", SessionToken = "" }: Credentials) =>
  new IAMClient({
    ...sandbox.clientConfig({
      ...{ accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken },
    }),
    maxAttempts: 1,
  });

/** The remediation role may not touch what is protected, even with an approved boundary. */
const protectedPrincipals = async (stage: Stage, account: AccountState): Promise<void> => {
  const { sandbox, hub } = stage;
  const { id, name } = account;
  const session = { role: "iam-warden-hub-remediate", sessionName: "test" };
  const sts = new STSClient({ ...sandbox.clientConfig(sandbox.credentialsFor(hub.id, session)), maxAttempts: 1 });
  const RoleArn = `arn:aws:iam::${id}:role/iam-warden-remediate`;
  const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: "test" }));
  if (Credentials === undefined) throw new Error("no credentials");
  const PermissionsBoundary = `arn:aws:iam::${id}:policy/iam-warden-boundary`;
  const bound = new PutRolePermissionsBoundaryCommand({ RoleName: adminRole, PermissionsBoundary });
  await denied(`the remediation role in ${name} bounds no protected role`, iamAs(stage, Credentials).send(bound));
};

/** Somebody with all permissions within iam-warden's boundary. */
const developers = async (stage: Stage, account: AccountState): Promise<void> => {
  const { sandbox } = stage;
  const { id, name } = account;
  const boundary = `arn:aws:iam::${id}:policy/iam-warden-boundary`;
  const createdAt = sandbox.clock.now();
  const attachedPolicies = () => new Set([administratorAccess]);
  addRole(account, sandbox.ids, { name: "developer", createdAt, boundary, attachedPolicies: attachedPolicies() });
  addUser(account, sandbox.ids, { name: "dev", createdAt, boundary, attachedPolicies: attachedPolicies() });
  const as = (who: Parameters<typeof sandbox.credentialsFor>[1]) =>
    new IAMClient({ ...sandbox.clientConfig(sandbox.credentialsFor(id, who)), maxAttempts: 1 });
  const developer = as({ role: "developer" });
  const AssumeRolePolicyDocument = trusting({ Service: "lambda.amazonaws.com" });

  const may = (service: string, action: string, resource = "*"): string =>
    sandbox.use(id, { role: "developer" }, { service, action, resource });
  demandEqual(may("ec2", "DescribeInstances"), "allowed", `developers of ${name} may use services`);
  demandEqual(may("iam", "ListUsers"), "allowed", `developers of ${name} see identities`);
  demandEqual(may("organizations", "LeaveOrganization"), "denied", `developers of ${name} leave no organization`);
  await developer.send(
    new CreateRoleCommand({ RoleName: "bounded", PermissionsBoundary: boundary, AssumeRolePolicyDocument }),
  );
  const opening = (RoleName: string) =>
    developer.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: AssumeRolePolicyDocument }));
  await opening("bounded");
  await as({ user: "dev" }).send(new CreateAccessKeyCommand({ UserName: "dev" }));
  await denied(`iam-warden's roles in ${name} are nobody's to open`, opening("iam-warden-audit"));
  // Whoever writes the boundary has none.
  const rewriting = may("iam", "CreatePolicyVersion", boundary);
  demandEqual(rewriting, "denied", `iam-warden's boundary in ${name} is nobody's to change`);
  await denied(`unbounded roles in ${name} are nobody's to open`, opening(adminRole));
  const rule = `arn:aws:events:us-east-1:${id}:rule/iam-warden-iam-changes-1`;
  demandEqual(may("events", "DisableRule", rule), "denied", `iam-warden's rules in ${name} are nobody's to stop`);
  await tidy(stage, account);
};

/** They would be findings. */
const tidy = async ({ wiring }: Stage, { roles, users }: AccountState): Promise<void> => {
  await wiring.settle();
  for (const role of ["developer", "bounded"]) roles.delete(role);
  users.delete("dev");
};

const reachIntoHub = ({ sandbox, hub, stack }: Stage): void => {
  const boundary = `arn:aws:iam::${hub.id}:policy/iam-warden-boundary`;
  const createdAt = sandbox.clock.now();
  const attachedPolicies = new Set([administratorAccess]);
  addRole(hub, sandbox.ids, { name: "developer", createdAt, boundary, attachedPolicies });
  const may = (service: string, action: string, resource: string): string =>
    sandbox.use(hub.id, { role: "developer" }, { service, action, resource });
  const topic = stack.outputs.get("AlertTopicArn") ?? "";
  demandEqual(
    may("sns", "Publish", topic),
    "denied",
    "developers of the hub tell nobody anything in iam-warden's name",
  );
  for (const { arn } of sandbox.state.functions.values())
    demandEqual(may("lambda", "InvokeFunction", arn), "denied", "developers of the hub ask only by a function's URL");
  hub.roles.delete("developer");
};
