import { AttachRolePolicyCommand, CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { findingId } from "../../shared/findings/finding.ts";
import type { HandleRequest } from "../../shared/operator/over-http.ts";
import type { SubjectRef } from "../../shared/subject.ts";
import { trusting } from "../iam/state.ts";
import type { Sandbox } from "../sandbox.ts";
import { administratorRole } from "../world/organization.ts";
import type { DemoOrganization } from "../world.ts";
import type { LifeStep } from "./step.ts";

const control = "role-without-boundary";
const roleName = "report-builder";
const subject: SubjectRef = { kind: "role", name: roleName };

/** A repair from its opening to its undo: by commands of a person, as `warden` sends them. */
export const repairStory = (
  sandbox: Sandbox,
  organization: DemoOrganization,
  operator: HandleRequest,
): readonly LifeStep[] => {
  const { id: accountId, name, credentials } = organization.account("shop-dev");
  const arn = `arn:aws:sts::${organization.hubAccountId}:assumed-role/${administratorRole}/security-engineer`;
  const id = findingId(accountId, control, subject);
  const until = new Date(sandbox.clock.now().getTime() + 30 * 86_400_000).toISOString().slice(0, 10);

  const command = async (request: object): Promise<unknown> => {
    const { statusCode, body } = await operator(JSON.stringify(request), { arn });
    if (statusCode !== 200) throw new Error(`the operator answers ${statusCode}: ${body}`);
    return JSON.parse(body);
  };
  const expected = (status: "open" | "resolved") => [{ accountId, control, subject, status }];

  return [
    {
      title: `A role without a boundary is made in ${name}, where the settings repair that after a week`,
      act: async () => {
        const iam = new IAMClient(sandbox.clientConfig(credentials));
        const trust = trusting({ Service: "lambda.amazonaws.com" });
        await iam.send(new CreateRoleCommand({ RoleName: roleName, AssumeRolePolicyDocument: trust }));
        const PolicyArn = "arn:aws:iam::aws:policy/AdministratorAccess";
        await iam.send(new AttachRolePolicyCommand({ RoleName: roleName, PolicyArn }));
      },
      expected: expected("open"),
    },
    {
      title: "A security engineer looks at the plan and approves it now: warden plan, warden approve",
      act: async () => {
        const digest = digestIn(await command({ command: "plan", id }));
        await command({ command: "approve", id, digest, why: "A new role: nothing depends on it yet." });
      },
      expected: expected("resolved"),
    },
    {
      title: "Its first report needs what the boundary denies",
      act: () => {
        sandbox.use(
          accountId,
          { role: roleName, sessionName: "first-report" },
          { service: "ec2", action: "DescribeInstances", region: "eu-west-1" },
        );
      },
      expected: expected("resolved"),
    },
    {
      title:
        "The engineer undoes the repair, and excuses the role until the boundary is wider: warden undo, warden exempt",
      act: async () => {
        await command({ command: "undo", id, why: "The report needs ec2:DescribeInstances." });
        await command({ command: "exempt", id, until, reason: "The boundary gets ec2:Describe* this month." });
      },
      expected: expected("open"),
    },
  ];
};

const digestIn = (answer: unknown): string => {
  const found = /"digest":"([0-9a-f]+)"/.exec(JSON.stringify(answer))?.[1];
  if (found === undefined) throw new Error(`the plan has no digest: ${JSON.stringify(answer)}`);
  return found;
};
