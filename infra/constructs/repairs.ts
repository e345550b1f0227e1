import { Duration, Stack } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import { mostTries } from "../../shared/remediation/queue.ts";
import type { RootTask, WriteName } from "../../shared/remediation/step.ts";
import { writes } from "../../shared/remediation/writes.ts";
import { remediator, roleNames } from "../names.ts";
import { acceptWildcard } from "./accepted.ts";
import { WardenFunction } from "./warden-function.ts";
import {
  assumeAuditRole,
  assumeInMembers,
  describeOrganization,
  environmentOf,
  listOwned,
  type Wiring,
} from "./wiring.ts";
import { type WorkQueue, workOn, workQueue } from "./work-queue.ts";

/** Long enough for one repair with throttled calls; six times as long passes before what failed is tried again. */
const functionTimeout = Duration.minutes(5);

/** The only writer, and its queue. Make it only where a control opted in, and then with what these controls write. */
export class Repairs extends Construct {
  readonly queues: WorkQueue;
  readonly function: WardenFunction;

  constructor(scope: Construct, id: string, wiring: Wiring, written: readonly WriteName[]) {
    super(scope, id);
    this.queues = workQueue(this, { functionTimeout, tries: mostTries });
    const remediate = new WardenFunction(this, "Function", {
      entry: remediator,
      description: "Repairs and undoes what the settings opted in, if every interlock holds",
      timeout: functionTimeout,
      memorySize: 512,
      environment: { ...environmentOf(this, wiring), REMEDIATION_ROLE_NAME: roleNames.remediate },
      bundledSettings: wiring.bundledSettings,
    });
    this.function = remediate;
    // Repairs are few, and their breakers count better the fewer run at once; two is the least that Lambda takes.
    workOn(remediate, this.queues, { batchSize: 1, maxConcurrency: 2 });
    remediate.addToRolePolicy(assumeAuditRole(this, wiring));
    remediate.addToRolePolicy(assumeInMembers(this, wiring, roleNames.remediate));
    for (const statement of assumeRoot(this, written, ["IAMAuditRootUserCredentials", "IAMDeleteRootUserCredentials"]))
      remediate.addToRolePolicy(statement);
    remediate.addToRolePolicy(listOwned(wiring));
    remediate.addToRolePolicy(describeOrganization());
    wiring.table.grantStore(remediate);
    wiring.table.grantBreakers(remediate);
    wiring.topic.grantPublish(remediate);
  }
}

/** Permission to act as members' root for some tasks; none where no write runs as root. */
export const assumeRoot = (
  scope: Construct,
  written: readonly WriteName[],
  tasks: readonly RootTask[],
): PolicyStatement[] => {
  if (!written.some((name) => writes[name].task !== undefined)) return [];
  const { partition } = Stack.of(scope);
  const roots = `arn:${partition}:iam::*:root`;
  acceptWildcard(
    scope,
    roots,
    "Accounts join without a deployment: roots of other organizations are beyond any AssumeRoot, and the condition names the tasks.",
  );
  return [
    new PolicyStatement({
      actions: ["sts:AssumeRoot"],
      resources: [roots],
      conditions: {
        StringEquals: {
          "sts:TaskPolicyArn": tasks.map((task) => `arn:${partition}:iam::aws:policy/root-task/${task}`),
        },
      },
    }),
  ];
};
