import { describe, expect, it } from "vitest";
import { analyzerIn } from "../../sandbox/analyzers/state.ts";
import { AwsError, accessDenied, throttled } from "../../sandbox/protocol/service.ts";
import { createSandbox } from "../../sandbox/sandbox.ts";
import { ThrottledError } from "../../shared/errors.ts";
import { readAnalyzers } from "../../shared/facts/analyzers.ts";
import { createLiveReader } from "../../shared/facts/live.ts";
import { readSnapshot } from "../../shared/facts/snapshot.ts";
import { awsOf } from "../support/aws-of.ts";
import { memberId, memberOf } from "../support/iam-account.ts";

const watchedRegions = ["us-east-1", "eu-west-1"];

const member = () => {
  const sandbox = createSandbox();
  const { ref, account } = memberOf(sandbox);
  const aws = awsOf(sandbox, { watchedRegions });
  return { sandbox, ref, account, aws };
};

describe("an account's analyzers", () => {
  it("are read alike by both readers, one call for each Region", async () => {
    const { sandbox, ref, account, aws } = member();
    const { clock } = sandbox;
    for (const { arn, region } of [...account.analyzers.values()])
      if (region !== "us-east-1") account.analyzers.delete(arn);
    const unused = analyzerIn(memberId, "eu-west-1", { createdAt: clock.now(), type: "ACCOUNT_UNUSED_ACCESS" });
    account.analyzers.set(unused.arn, unused);
    const sleep = async (ms: number) => clock.advance(ms);
    const bulk = await readSnapshot(aws, ref, { clock: () => clock.now(), sleep });
    expect(aws.calls()[memberId]?.["access-analyzer:ListAnalyzers"]).toBe(2);
    expect(bulk.accountFacts.analyzers).toEqual([
      {
        region: "us-east-1",
        analyzers: {
          known: true,
          value: [
            {
              arn: `arn:aws:access-analyzer:us-east-1:${memberId}:analyzer/account`,
              name: "account",
              status: "ACTIVE",
            },
          ],
        },
      },
      { region: "eu-west-1", analyzers: { known: true, value: [] } },
    ]);
    const live = await createLiveReader(aws, ref, () => clock.now()).account();
    expect(live.analyzers).toEqual(bulk.accountFacts.analyzers);
  });

  it.each([
    ["is denied", accessDenied, "access-analyzer:ListAnalyzers was denied"],
    [
      "is not enabled",
      () => new AwsError("UnrecognizedClientException", "The security token included in the request is invalid.", 403),
      "access-analyzer:ListAnalyzers failed in eu-west-1: UnrecognizedClientException: The security token included in the request is invalid.",
    ],
    [
      "fails in AWS",
      () => new AwsError("InternalServerException", "Sorry.", 500),
      "access-analyzer:ListAnalyzers failed in AWS",
    ],
  ] as const)("are not known of the Region alone that %s", async (_, refusal, why) => {
    const { sandbox, aws } = member();
    sandbox.intercept((call) => {
      if (call.service === "access-analyzer" && call.region === "eu-west-1") throw refusal(call);
    });
    const [first, second] = await readAnalyzers(aws, memberId);
    expect(first?.analyzers.known).toBe(true);
    expect(second).toEqual({ region: "eu-west-1", analyzers: { known: false, why } });
  });

  it("are asked for again after a throttle, as often as any call", async () => {
    const { sandbox } = member();
    const aws = awsOf(sandbox, { watchedRegions: ["us-east-1"], maxAttempts: 3 });
    let refusals = 2;
    sandbox.intercept(({ service }) => {
      if (service === "access-analyzer" && refusals-- > 0) throw throttled();
    });
    expect(await readAnalyzers(aws, memberId)).toMatchObject([{ analyzers: { known: true } }]);
    expect(aws.calls()[memberId]?.["access-analyzer:ListAnalyzers"]).toBe(3);
    refusals = 3;
    await expect(readAnalyzers(aws, memberId)).rejects.toThrow(ThrottledError);
  });

  it.each([
    ["throttles to the end", throttled],
    ["does not answer", () => new AwsError("ServiceUnavailable", "Sorry.", 503)],
  ] as const)("cost a read of the whole account no more than the Region that %s", async (_, refusal) => {
    const { sandbox, ref, aws } = member();
    const { clock } = sandbox;
    sandbox.intercept((call) => {
      if (call.service === "access-analyzer" && call.region === "eu-west-1") throw refusal();
    });
    const sleep = async (ms: number) => clock.advance(ms);
    const { accountFacts } = await readSnapshot(aws, ref, { clock: () => clock.now(), sleep });
    const why = "access-analyzer:ListAnalyzers was not answered";
    expect(accountFacts.analyzers).toMatchObject([
      { region: "us-east-1", analyzers: { known: true } },
      { region: "eu-west-1", analyzers: { known: false, why } },
    ]);
    await expect(createLiveReader(aws, ref, () => clock.now()).account()).rejects.toThrow(ThrottledError);
  });

  it("are read by the page", async () => {
    const { account, sandbox, aws } = member();
    account.analyzers.clear();
    const names = Array.from({ length: 230 }, (_, at) => `a${String(at).padStart(3, "0")}`);
    for (const name of names) {
      const analyzer = analyzerIn(memberId, "us-east-1", { createdAt: sandbox.clock.now(), name });
      account.analyzers.set(analyzer.arn, analyzer);
    }
    const [first] = await readAnalyzers(aws, memberId);
    expect(first?.analyzers.known && first.analyzers.value.map(({ name }) => name)).toEqual(names);
    expect(aws.calls()[memberId]?.["access-analyzer:ListAnalyzers"]).toBe(4);
  });
});
