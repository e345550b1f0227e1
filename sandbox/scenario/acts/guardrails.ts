import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  DeleteRoleCommand,
  IAMClient,
  PutRolePermissionsBoundaryCommand,
} from "@aws-sdk/client-iam";
import { deployGuardrails } from "../../deployed/stacks.ts";
import { addRole, administratorAccess, trusting } from "../../iam/state.ts";
import type { AccountState } from "../../state.ts";
import { codeOf, demand, demandEqual } from "../demand.ts";
import { adminRole, type Stage } from "../stage.ts";
import { approve } from "./care.ts";

const trust = trusting({ Service: "lambda.amazonaws.com" });

/**
 * Service control policies come late, to the root, an OU and an account: what they forbid is denied, and who is exempt, iam-warden
 * itself first of all, goes on working. They stay to the end.
 */
export const guardrails = async (stage: Stage): Promise<void> => {
  const { sandbox, templates, hub, data } = stage;
  await mend(stage);
  deployGuardrails(sandbox, templates, {
    hubAccountId: hub.id,
    ProtectIamWarden: [sandbox.state.organization.rootId],
    DenyRoot: [data.parentId],
    RequireBoundary: [data.id],
  });
  await root(stage);
  ownThings(stage);
  await boundaries(stage);
};

/** Before they hold: root makes itself a key, and two roles of which one gets a boundary, the other another. */
const mend = async (stage: Stage): Promise<void> => {
  const { sandbox, iam, data } = stage;
  const { id, roles } = data;
  await asRoot(stage).send(new CreateAccessKeyCommand({}));
  const PermissionsBoundary = `arn:aws:iam::${id}:policy/loose`;
  await iam(data).send(new CreateRoleCommand({ RoleName: "bare", AssumeRolePolicyDocument: trust }));
  await iam(data).send(
    new CreateRoleCommand({ RoleName: "wide", AssumeRolePolicyDocument: trust, PermissionsBoundary }),
  );
  await stage.wiring.settle();
  await stage.hours(2);
  for (const name of ["bare", "wide"])
    demandEqual(
      roles.get(name)?.boundary,
      `arn:aws:iam::${id}:policy/iam-warden-boundary`,
      `${name} of ${data.name} is given its boundary`,
    );
  demandEqual(data.root.accessKeys.length, 1, "root has a key again");
  sandbox.clock.advance(60_000);
};

const asRoot = ({ sandbox, data }: Stage): IAMClient =>
  new IAMClient({ ...sandbox.clientConfig(sandbox.credentialsFor(data.id, "root")), maxAttempts: 1 });

const root = async (stage: Stage): Promise<void> => {
  const { data } = stage;
  demandEqual(await codeOf(asRoot(stage).send(new CreateAccessKeyCommand({}))), "AccessDenied", "root may do nothing");
  await approve(stage, data, "root-access-key-exists", "repair");
  demandEqual(data.root.accessKeys, [], "central root access takes root's key away all the same");
};

/** By service: what nobody may do, and to what of iam-warden's. */
const protectedThings = ({ id }: AccountState) => ({
  iam: {
    actions: [
      ...[
        "AcquireRole",
        "AddRoleToInstanceProfile",
        "AttachRolePolicy",
        "CreateRole",
        "DeleteRole",
        "DetachRolePolicy",
      ],
      ...["PassRole", "PutRolePolicy", "SetDefaultPolicyVersion", "TagRole", "UntagRole", "UpdateAssumeRolePolicy"],
    ],
    resources: [
      ...["role/iam-warden-audit", "role/path/iam-warden-own", "policy/iam-warden-boundary"],
      // Whoever made one would be taken for who deploys.
      ...["role/stacksets-exec-0", "role/path/stacksets-exec-0"],
    ].map((name) => `arn:aws:iam::${id}:${name}`),
  },
  events: {
    actions: [
      ...["DeleteRule", "DisableRule", "EnableRule", "PutRule", "PutTargets", "RemoveTargets", "TagResource"],
      "UntagResource",
    ],
    resources: [`arn:aws:events:us-east-1:${id}:rule/iam-warden-iam-changes-1`],
  },
  sqs: {
    actions: ["AddPermission", "DeleteQueue", "PurgeQueue", "RemovePermission", "SetQueueAttributes"],
    resources: [`arn:aws:sqs:us-east-1:${id}:iam-warden-not-forwarded`],
  },
});

/** iam-warden stays as it was deployed, but for who deploys it; what is somebody else's is anybody's. */
const ownThings = (stage: Stage): void => {
  const { sandbox, data, hub } = stage;
  const as = (account: AccountState, role: string, service: string, action: string, resource: string) =>
    sandbox.use(account.id, { role }, { service, action, resource });
  for (const [service, { actions, resources }] of Object.entries(protectedThings(data))) {
    const [first = ""] = resources;
    const tried = [...actions.map((action) => [action, first]), ...resources.map((each) => [actions[0] ?? "", each])];
    for (const [action = "", resource = ""] of tried) {
      const answer = as(data, adminRole, service, action, resource);
      demandEqual(answer, "denied", `nobody may do ${service}:${action} on ${resource}`);
    }
  }

  const queue = (of: AccountState, name: string) => `arn:aws:sqs:us-east-1:${of.id}:${name}`;
  const mayChange = (account: AccountState, role: string): string =>
    as(account, role, "sqs", "SetQueueAttributes", queue(account, "iam-warden-not-forwarded"));
  demandEqual(
    as(data, adminRole, "sqs", "SetQueueAttributes", queue(data, "own")),
    "allowed",
    "what is not iam-warden's is not protected",
  );
  const [sets, cdk] = ["stacksets-exec-0123456789abcdef", `cdk-hnb659fds-cfn-exec-role-${hub.id}-us-east-1`];
  for (const [account, name, expected] of [
    [data, sets, "allowed"],
    [hub, cdk, "allowed"],
    [data, cdk, "denied"],
  ] as const) {
    const attachedPolicies = new Set([administratorAccess]);
    addRole(account, sandbox.ids, { name, createdAt: sandbox.clock.now(), attachedPolicies });
    demandEqual(mayChange(account, name), expected, `${name} in ${account.name} is ${expected} to deploy`);
    account.roles.delete(name);
  }
};

/** No role without an approved boundary, but what iam-warden's undo brings back. */
const boundaries = async (stage: Stage): Promise<void> => {
  const { sandbox, iam, data, ask, store, wiring } = stage;
  const { id, roles } = data;
  const [own, loose] = ["iam-warden-boundary", "loose"].map((name) => `arn:aws:iam::${id}:policy/${name}`);
  const made = { RoleName: "late", AssumeRolePolicyDocument: trust };
  const as = iam(data);
  const create = (more: object = {}) => codeOf(as.send(new CreateRoleCommand({ ...made, ...more })));
  demandEqual(await create(), "AccessDenied", "nobody makes a role without a boundary");
  demandEqual(await create({ PermissionsBoundary: loose }), "AccessDenied", "nor one with another boundary");
  demandEqual(await create({ PermissionsBoundary: own }), "done", "who gives a role its boundary may make it");
  const replace = new PutRolePermissionsBoundaryCommand({ RoleName: "late", PermissionsBoundary: loose });
  demandEqual(await codeOf(as.send(replace)), "AccessDenied", "nobody gives a role another boundary");
  for (const action of ["AcquireRole", "DeleteRolePermissionsBoundary"]) {
    const resource = `arn:aws:iam::${id}:role/late`;
    const answer = sandbox.use(id, { role: adminRole }, { service: "iam", action, resource });
    demandEqual(answer, "denied", `nobody may do iam:${action} on a role`);
  }
  await as.send(new DeleteRoleCommand({ RoleName: "late" }));

  const found = (await store.listAll(id)).filter(({ subject: { name } }) => name === "bare" || name === "wide");
  demand(found.length >= 2, "both repairs can be undone", found.length);
  for (const { id: finding, repair } of found)
    if (repair?.state === "repaired")
      await ask("operator", { command: "undo", id: finding, why: "It broke the build." });
  await wiring.settle();
  demandEqual(roles.get("bare")?.boundary, undefined, "iam-warden's undo takes a boundary off all the same");
  demandEqual(roles.get("wide")?.boundary, loose, "iam-warden's undo brings another boundary back all the same");
};
