import {
  CloudTrailClient,
  CreateTrailCommand,
  DeleteTrailCommand,
  StartLoggingCommand,
  StopLoggingCommand,
} from "@aws-sdk/client-cloudtrail";
import { watched } from "../arrange.ts";
import { demand, demandEqual } from "../demand.ts";
import { adminRole, type Stage } from "../stage.ts";

type Account = Stage["data"];

/** Somebody stops the one trail of an account, in each Region that is watched, while the organization has none. */
export const trails = async (stage: Stage): Promise<void> => {
  const { web, hub, management, sandbox } = stage;
  const before = [...sandbox.state.trails];
  sandbox.state.trails.clear();
  for (const account of [web, hub, management])
    for (const region of ["us-east-1", watched]) await stopped(stage, account, region);
  for (const [arn, trail] of before) sandbox.state.trails.set(arn, trail);
};

const stopped = async ({ sandbox, wiring, findings, told }: Stage, account: Account, region: string): Promise<void> => {
  const { id, name } = account;
  const client = new CloudTrailClient({
    ...sandbox.clientConfig(sandbox.credentialsFor(id, { role: adminRole })),
    region,
  });
  const Name = "own";
  const found = async (): Promise<readonly string[]> => {
    await wiring.settle();
    return (await findings(account)).filter((line) => line.startsWith("trail-missing "));
  };
  await client.send(new CreateTrailCommand({ Name, S3BucketName: "trail-logs", IsMultiRegionTrail: true }));
  await client.send(new StartLoggingCommand({ Name }));
  await wiring.settle();
  const before = told("everything@example.com", account).length;
  await client.send(new StopLoggingCommand({ Name }));
  demandEqual(await found(), [`trail-missing account/${id} open`], `a stopped trail of ${name} in ${region} is found`);
  demand(told("everything@example.com", account).length > before, `people are told of a stopped trail of ${name}`);
  await client.send(new StartLoggingCommand({ Name }));
  demandEqual(await found(), [`trail-missing account/${id} resolved`], `and that it logs again, in ${region}`);
  await client.send(new DeleteTrailCommand({ Name }));
  await wiring.settle();
};
