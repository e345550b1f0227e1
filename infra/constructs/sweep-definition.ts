import { Duration } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { IBucket } from "aws-cdk-lib/aws-s3";
import {
  Choice,
  Condition,
  DistributedMap,
  Fail,
  type IChainable,
  JsonPath,
  S3JsonItemReader,
  Succeed,
  TaskInput,
} from "aws-cdk-lib/aws-stepfunctions";
import { LambdaInvoke } from "aws-cdk-lib/aws-stepfunctions-tasks";
import type { Construct } from "constructs";
import type { WardenFunction } from "./warden-function.ts";

export type SweepFunctions = Readonly<Record<"listAccounts" | "sweepAccount" | "digest", WardenFunction>>;

/** The bucket of the plans, and the objects that are plans. */
export interface Plans {
  readonly bucket: IBucket;
  readonly objects: string;
}

/** Reads a plan's accounts, and nothing else of the bucket. */
class PlanReader extends S3JsonItemReader {
  readonly #objects: string;

  constructor({ bucket, objects }: Plans) {
    super({ bucket, key: JsonPath.stringAt("$.accountsKey") });
    this.#objects = objects;
  }

  override providePolicyStatements(): PolicyStatement[] {
    return [new PolicyStatement({ actions: ["s3:GetObject"], resources: [this.#objects] })];
  }
}

/** Accounts swept at once: each has its own IAM rate limits, so this bounds the concurrency that the functions take. */
const accountsAtOnce = 20;

/** What the state machine of a sweep does, step by step. */
export const sweepDefinition = (scope: Construct, functions: SweepFunctions, plans: Plans): IChainable => {
  // Of several retriers that match an error the first alone counts: the CDK's own would give Lambda's errors two minutes.
  const invoked = { payloadResponseOnly: true, retryOnServiceExceptions: false };
  const list = new LambdaInvoke(scope, "List the accounts", { lambdaFunction: functions.listAccounts, ...invoked });
  // An answer that is not done is itself the next request; the state is replaced by it.
  const sweep = new LambdaInvoke(scope, "Sweep the account", { lambdaFunction: functions.sweepAccount, ...invoked });
  const tell = new LambdaInvoke(scope, "Tell the digest", {
    lambdaFunction: functions.digest,
    ...invoked,
    resultPath: JsonPath.DISCARD,
  });
  // A step of its own: a report that has to be tried again tells no digest again.
  const report = new LambdaInvoke(scope, "Write the report", {
    lambdaFunction: functions.digest,
    ...invoked,
    payload: TaskInput.fromObject({
      step: "report",
      runId: JsonPath.stringAt("$.runId"),
      listedAt: JsonPath.stringAt("$.listedAt"),
      accountsKey: JsonPath.stringAt("$.accountsKey"),
    }),
    resultPath: JsonPath.DISCARD,
  });
  const retry = { errors: ["States.ALL"], interval: Duration.seconds(30), backoffRate: 2 };
  // For two hours: what they need may be down for one, and there is but one sweep a day.
  const patient = { ...retry, maxAttempts: 8 };
  for (const step of [list, tell, report]) step.addRetry(patient);
  // For a few minutes: accounts wait for each other, and one that fails for good must not hold up hundreds.
  sweep.addRetry({ ...retry, maxAttempts: 4 });

  const each = new DistributedMap(scope, "Each account", {
    itemReader: new PlanReader(plans),
    itemSelector: { runId: JsonPath.stringAt("$.runId"), account: JsonPath.objectAt("$$.Map.Item.Value") },
    maxConcurrency: accountsAtOnce,
    toleratedFailurePercentage: 100, // One account that cannot be swept stops no other; the digest names it.
    resultPath: JsonPath.DISCARD, // The digest is given the plan, as it was listed.
  });
  each.itemProcessor(
    sweep.next(
      new Choice(scope, "All of it?")
        .when(Condition.booleanEquals("$.done", false), sweep)
        .otherwise(new Succeed(scope, "Swept", { outputPath: JsonPath.DISCARD })),
    ),
  );
  // What begins anew sweeps again whom it swept, which does no harm.
  each.addRetry({ ...patient, errors: ["States.ItemReaderFailed"] });
  // Should the map itself fail, the digest says which accounts gave no result.
  each.addCatch(tell, { resultPath: JsonPath.DISCARD });
  // Nor does a digest that cannot be told keep anybody from the report; the run has failed all the same.
  tell.addCatch(report, { resultPath: "$.untold" });
  const end = new Choice(scope, "Digest told?")
    .when(
      Condition.isPresent("$.untold"),
      new Fail(scope, "Digest not told", {
        error: "DigestNotTold",
        cause: "The report is written, but the digest could not be told: what it says stays to be told, hour by hour.",
      }),
    )
    .otherwise(new Succeed(scope, "Told and written"));
  return list.next(each).next(tell).next(report).next(end);
};
