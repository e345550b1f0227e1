import { analyzerIn } from "../../analyzers/state.ts";
import { watched } from "../arrange.ts";
import { demand, demandEqual } from "../demand.ts";
import type { Stage } from "../stage.ts";

type Account = Stage["data"];

/** Access Analyzer tells of what others can reach, in each Region that is watched. */
export const access = async (stage: Stage): Promise<void> => {
  const { web, hub, management, sandbox } = stage;
  // The one that a repair made there was undone.
  const made = analyzerIn(management.id, watched, { createdAt: sandbox.clock.now() });
  management.analyzers.set(made.arn, made);
  for (const account of [web, hub, management])
    for (const region of ["us-east-1", watched]) await ofBucket(stage, account, region);
  management.analyzers.delete(made.arn);
};

/** A bucket that everybody reads, until somebody takes that away. */
const ofBucket = async (
  { sandbox, wiring, findings, told }: Stage,
  account: Account,
  region: string,
): Promise<void> => {
  const { id, name } = account;
  const analyzer = [...account.analyzers.values()].find((one) => one.region === region);
  if (analyzer === undefined) throw new Error(`${name} has no analyzer in ${region}`);
  const resource = `arn:aws:s3:::${name}-${region}`;
  const found = { id: resource, resource, resourceType: "AWS::S3::Bucket", owner: id, action: ["s3:GetObject"] };
  const tell = async (status: "ACTIVE" | "RESOLVED") => {
    sandbox.analyze(analyzer.arn, { ...found, status });
    await wiring.settle();
    return (await findings(account)).filter((line) => line.includes(resource));
  };
  const finding = `external-access-finding resource/${resource}`;
  const before = told("everything@example.com", account).length;
  demandEqual(await tell("ACTIVE"), [`${finding} open`], `a public bucket of ${name} in ${region} is found`);
  demand(told("everything@example.com", account).length > before, `people are told of a public bucket of ${name}`);
  demandEqual(await tell("RESOLVED"), [`${finding} resolved`], `and that it is none any more, in ${region}`);
};
