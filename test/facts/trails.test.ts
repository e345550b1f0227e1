import { describe, expect, it } from "vitest";
import { AwsError } from "../../sandbox/protocol/service.ts";
import { createSandbox } from "../../sandbox/sandbox.ts";
import { organizationTrail, type Trail } from "../../sandbox/trails/state.ts";
import { createLiveReader } from "../../shared/facts/live.ts";
import { readSnapshot } from "../../shared/facts/snapshot.ts";
import { sweptTrailReading } from "../../shared/facts/trails.ts";
import { awsOf } from "../support/aws-of.ts";
import { memberId, memberOf } from "../support/iam-account.ts";

/** What both readers say of a member's trails, and the calls that the bulk read took. */
const read = async (
  prepare: (trail: Trail, trails: Map<string, Trail>) => void,
  denied: readonly string[] = [],
  disabledRegion?: string,
) => {
  const sandbox = createSandbox();
  const { state, clock } = sandbox;
  const { ref } = memberOf(sandbox);
  const [trail] = state.trails.values();
  if (trail === undefined) throw new Error("the sandbox has no trail");
  prepare(trail, state.trails);
  sandbox.intercept(({ service, operation, region }) => {
    if (region === disabledRegion)
      throw new AwsError("UnrecognizedClientException", "The security token included in the request is invalid.", 403);
    if (denied.includes(`${service}:${operation}`)) throw new AwsError("AccessDeniedException", "not for you");
  });
  const aws = awsOf(sandbox, { trails: sweptTrailReading });
  const sleep = async (ms: number) => clock.advance(ms);
  const bulk = await readSnapshot(aws, ref, { clock: () => clock.now(), sleep });
  const { [memberId]: calls = {} } = aws.calls();
  const live = await createLiveReader(aws, ref, () => clock.now()).account();
  expect(live.trails).toEqual(bulk.accountFacts.trails);
  return {
    trails: bulk.accountFacts.trails,
    gaps: bulk.gaps,
    calls: Object.fromEntries(Object.entries(calls).filter(([name]) => name.startsWith("cloudtrail:"))),
    arn: trail.arn,
  };
};

describe("an account's trails", () => {
  it("are covered by the organization's, in three calls", async () => {
    const { trails, calls, arn } = await read(() => {});
    expect(trails).toEqual({ known: true, value: { covering: arn, flaws: [] } });
    expect(calls).toEqual({
      "cloudtrail:DescribeTrails": 1,
      "cloudtrail:GetEventSelectors": 1,
      "cloudtrail:GetTrailStatus": 1,
    });
  });

  it.each([
    ["that was stopped", { isLogging: false }, "is not logging"],
    ["of one Region", { isMultiRegion: false }, "does not cover every Region"],
    ["of reads", { managementEvents: "ReadOnly" }, "logs no management events that write"],
    ["whose bucket is gone", { deliveryError: "NoSuchBucket" }, "cannot write to its bucket"],
    ["of data", { managementEvents: "None", hasAdvancedSelectors: true }, "logs no management events that write"],
  ] as const)("are not covered by one %s", async (_what, flawed, flaw) => {
    const { trails, arn } = await read((trail) => Object.assign(trail, flawed));
    expect(trails).toEqual({ known: true, value: { covering: null, flaws: [{ trail: arn, flaw }] } });
  });

  it("are covered by one of its own in another Region, whatever the organization's lacks", async () => {
    const own = { ...organizationTrail(memberId, "eu-central-1"), isOrganization: false };
    const { trails } = await read((trail, all) => {
      trail.isLogging = false;
      all.set(own.arn, own);
    });
    expect(trails).toEqual({ known: true, value: { covering: own.arn, flaws: [] } });
  });

  it.each(["DescribeTrails", "GetTrailStatus", "GetEventSelectors"])(
    "are not known where %s is denied",
    async (operation) => {
      const { trails, gaps } = await read(() => {}, [`cloudtrail:${operation}`]);
      expect(trails).toEqual({ known: false, why: `cloudtrail:${operation} was denied` });
      expect(gaps).toEqual([`cloudtrail:${operation} was denied`]);
    },
  );

  it("are covered by one that can be looked at, whatever there is beside it", async () => {
    const { trails, arn } = await read(
      (trail, all) => {
        const own = { ...organizationTrail(memberId, "me-central-1"), isOrganization: false };
        all.clear();
        all.set(own.arn, own);
        all.set(trail.arn, trail);
      },
      [],
      "me-central-1",
    );
    expect(trails).toEqual({ known: true, value: { covering: arn, flaws: [] } });
  });

  it("are not known where the only one is at home in a Region that the account has not enabled", async () => {
    const { trails } = await read(
      (trail, all) => {
        all.clear();
        all.set("abroad", { ...trail, homeRegion: "me-central-1" });
      },
      [],
      "me-central-1",
    );
    expect(trails).toEqual({
      known: false,
      why: "reading the account's trails failed: UnrecognizedClientException: The security token included in the request is invalid.",
    });
  });

  it("may be none", async () => {
    const { trails } = await read((trail, all) => all.delete(trail.arn));
    expect(trails).toEqual({ known: true, value: { covering: null, flaws: [] } });
  });
});
