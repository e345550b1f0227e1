import {
  AddUserToGroupCommand,
  AttachGroupPolicyCommand,
  AttachRolePolicyCommand,
  CreateGroupCommand,
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  CreateRoleCommand,
  DeleteGroupPolicyCommand,
  DeleteServerCertificateCommand,
  DetachGroupPolicyCommand,
  PutGroupPolicyCommand,
} from "@aws-sdk/client-iam";
import { administratorAccess, trusting } from "../../iam/state.ts";
import { allowing, expiredCertificate, troubled } from "../arrange.ts";
import { demand, demandEqual } from "../demand.ts";
import type { Stage } from "../stage.ts";

/** Changes that name nobody whom they touch: of a group, of a policy that others have; and of what is no principal. */
export const policies = async (stage: Stage): Promise<void> => {
  for (const account of troubled(stage)) {
    await ofGroup(stage, account);
    await ofPolicy(stage, account);
    await ofCertificate(stage, account);
  }
};

type Account = Stage["data"];

/** Minutes later, so that no change counts as told together with the one before. */
const settle = async ({ sandbox, wiring }: Stage): Promise<void> => {
  await wiring.settle();
  sandbox.clock.advance(5 * 60_000);
};

const statusOf = async ({ findings }: Stage, account: Account, finding: string): Promise<string | undefined> =>
  (await findings(account)).find((line) => line.startsWith(`${finding} `))?.slice(finding.length + 1);

const ofGroup = async (stage: Stage, account: Account): Promise<void> => {
  const iam = stage.iam(account);
  const GroupName = "ops";
  const robot = () => statusOf(stage, account, "admin-policy user/robot");
  await iam.send(new CreateGroupCommand({ GroupName }));
  await iam.send(new AddUserToGroupCommand({ GroupName, UserName: "robot" }));
  await settle(stage);
  demandEqual(await robot(), undefined, `a group of ${account.name} without policies makes no administrator`);
  await iam.send(new AttachGroupPolicyCommand({ GroupName, PolicyArn: administratorAccess }));
  await settle(stage);
  demandEqual(await robot(), "open", `a group's policy makes an administrator of its member in ${account.name}`);
  await iam.send(new DetachGroupPolicyCommand({ GroupName, PolicyArn: administratorAccess }));
  await settle(stage);
  demandEqual(await robot(), "resolved", `without it the member in ${account.name} is none`);
  await iam.send(new PutGroupPolicyCommand({ GroupName, PolicyName: "own", PolicyDocument: allowing("*") }));
  await settle(stage);
  demandEqual(await robot(), "open", `a group's inline policy makes an administrator, too, in ${account.name}`);
  await iam.send(new DeleteGroupPolicyCommand({ GroupName, PolicyName: "own" }));
  await settle(stage);
  demandEqual(await robot(), "resolved", `without that, too, the member in ${account.name} is none`);
};

const ofPolicy = async (stage: Stage, account: Account): Promise<void> => {
  const iam = stage.iam(account);
  const worker = () => statusOf(stage, account, "admin-policy role/worker");
  const PolicyArn = `arn:aws:iam::${account.id}:policy/tools`;
  await iam.send(new CreatePolicyCommand({ PolicyName: "tools", PolicyDocument: allowing("s3:GetObject") }));
  await iam.send(
    new CreateRoleCommand({
      RoleName: "worker",
      PermissionsBoundary: `arn:aws:iam::${account.id}:policy/iam-warden-boundary`,
      AssumeRolePolicyDocument: trusting({ Service: "lambda.amazonaws.com" }),
    }),
  );
  await iam.send(new AttachRolePolicyCommand({ RoleName: "worker", PolicyArn }));
  await settle(stage);
  demandEqual(await worker(), undefined, `a role of ${account.name} that reads objects is no administrator`);
  await iam.send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: allowing("*"), SetAsDefault: true }));
  await settle(stage);
  demandEqual(await worker(), "open", `a new version of a policy tells on whoever has it in ${account.name}`);
};

const ofCertificate = async (stage: Stage, account: Account): Promise<void> => {
  const certificate = () =>
    statusOf(stage, account, `server-certificate-expired serverCertificate/${expiredCertificate}`);
  demand((await certificate()) === "open", `an expired certificate of ${account.name} is known since the sweep`);
  await stage.iam(account).send(new DeleteServerCertificateCommand({ ServerCertificateName: expiredCertificate }));
  await settle(stage);
  demandEqual(await certificate(), "resolved", `once it is deleted from ${account.name}, it is settled at once`);
};
