import { describe, expect, it } from "vitest";
import { type NewFinding, putFinding } from "../../sandbox/analyzers/findings.ts";
import { analyzerArn, analyzerIn } from "../../sandbox/analyzers/state.ts";
import { AwsError, accessDenied, throttled } from "../../sandbox/protocol/service.ts";
import { createSandbox } from "../../sandbox/sandbox.ts";
import { ThrottledError } from "../../shared/errors.ts";
import { known, unknownFact } from "../../shared/facts/facts.ts";
import { createLiveReader } from "../../shared/facts/live.ts";
import { readSnapshot } from "../../shared/facts/snapshot.ts";
import { unlimited } from "../../shared/organization/view.ts";
import { awsOf } from "../support/aws-of.ts";
import { organizationView } from "../support/facts.ts";
import { memberId, memberOf } from "../support/iam-account.ts";

const home = "us-east-1";
const other = "eu-west-1";
const bucket = { resource: "arn:aws:s3:::example-bucket", resourceType: "AWS::S3::Bucket", owner: memberId };
const queueArn = `arn:aws:sqs:${other}:${memberId}:orders`;
const stranger = { principal: { AWS: "999988887777" }, isPublic: false };

const world = (options: { readonly maxAttempts?: number } = {}) => {
  const sandbox = createSandbox();
  const { ref, account } = memberOf(sandbox);
  const aws = awsOf(sandbox, { watchedRegions: [home, other], ...options });
  const clock = () => sandbox.clock.now();
  const sleep = async (ms: number) => sandbox.clock.advance(ms);
  const own = (region: string) => analyzerArn(memberId, region, "account");
  const managementId = sandbox.state.organization.managementAccountId;
  const organizationsArn = analyzerArn(managementId, home, "organization");
  const management = sandbox.state.accounts.get(managementId);
  management?.analyzers.set(
    organizationsArn,
    analyzerIn(managementId, home, { createdAt: clock(), name: "organization", type: "ORGANIZATION" }),
  );
  const alone = unlimited("the account is in no organization");
  const within = organizationView({ analyzers: known([{ region: home, arn: organizationsArn }]) });
  return {
    ...{ sandbox, account, aws, own, organizationsArn, managementId, alone, within },
    put: (analyzer: string, finding: NewFinding) => putFinding(sandbox.state, analyzer, finding, clock()),
    bulk: async (organization: typeof within = alone) => {
      const snapshot = await readSnapshot(aws, ref, { clock, sleep, organization });
      const { others, unlisted, unreadAccess, gaps } = snapshot;
      return { resources: others.filter(({ kind }) => kind === "resource"), unlisted, unreadAccess, gaps };
    },
    live: (arn: string, organization: typeof within = alone) =>
      createLiveReader(aws, ref, clock, { organization }).other("resource", arn),
  };
};

describe("access from outside", () => {
  it("is read alike by both readers, one call for each analyzer", async () => {
    const { aws, put, own, bulk, live } = world();
    put(own(home), { id: "1", ...bucket, action: ["s3:ListBucket", "s3:GetObject"] });
    put(own(other), { id: "2", ...bucket, ...stranger, condition: { "aws:SourceVpc": "vpc-1" } });
    put(own(other), { id: "3", ...bucket, resource: queueArn, resourceType: "AWS::SQS::Queue" });
    const read = await bulk();
    expect(aws.calls()[memberId]?.["access-analyzer:ListFindings"]).toBe(2);
    expect(read).toMatchObject({ unlisted: new Map(), unreadAccess: [], gaps: [] });
    expect(read.resources).toMatchObject([
      {
        ...{ name: bucket.resource, arn: bucket.resource, type: "AWS::S3::Bucket", unread: [] },
        access: [
          { principal: { AWS: "*" }, actions: ["s3:GetObject", "s3:ListBucket"], isPublic: true, region: home },
          { ...stranger, condition: { "aws:SourceVpc": "vpc-1" }, region: other, analyzerArn: own(other) },
        ]
          .reverse()
          .toSorted((a, b) => (a.isPublic ? 0 : 1) - (b.isPublic ? 0 : 1)),
      },
      { name: queueArn, type: "AWS::SQS::Queue" },
    ]);
    expect(await live(bucket.resource)).toEqual(read.resources[0]);
    expect(await live(queueArn)).toEqual(read.resources[1]);
  });

  it("is neither what is archived or resolved, nor what a role or unused access is about", async () => {
    const { sandbox, account, put, own, bulk, live } = world();
    put(own(home), { id: "1", ...bucket, status: "ARCHIVED" });
    put(own(home), { id: "2", ...bucket, status: "RESOLVED" });
    const role = `arn:aws:iam::${memberId}:role/open`;
    for (const region of [home, other])
      put(own(region), { id: region, resource: role, resourceType: "AWS::IAM::Role", owner: memberId });
    const unused = analyzerIn(memberId, home, {
      ...{ createdAt: sandbox.clock.now(), name: "unused", type: "ACCOUNT_UNUSED_ACCESS" },
    });
    account.analyzers.set(unused.arn, unused);
    put(unused.arn, { id: "3", ...bucket, principal: {} });
    expect((await bulk()).resources).toEqual([]);
    expect(await live(bucket.resource)).toMatchObject({ access: [], unread: [], type: null });
    expect(await live(role)).toMatchObject({ access: [], unread: [] });
  });

  it("is read by the page", async () => {
    const { aws, put, own, bulk } = world();
    const arns = Array.from({ length: 230 }, (_, at) => `arn:aws:s3:::bucket-${String(at).padStart(3, "0")}`);
    for (const [at, resource] of arns.entries()) put(own(home), { id: `f${at}`, ...bucket, resource });
    expect((await bulk()).resources.map((one) => "name" in one && one.name)).toEqual(arns);
    expect(aws.calls()[memberId]?.["access-analyzer:ListFindings"]).toBe(4);
  });

  it("is read from the organization's analyzer where that is, of the one account alone", async () => {
    const { aws, account, put, own, organizationsArn, managementId, within, bulk, live } = world();
    account.analyzers.delete(own(home));
    put(organizationsArn, { id: "1", ...bucket });
    put(organizationsArn, { id: "2", ...bucket, resource: "arn:aws:s3:::not-ours", owner: "444455556666" });
    const { resources, unlisted } = await bulk(within);
    expect(resources).toMatchObject([
      { name: bucket.resource, access: [{ zone: "organization", analyzerArn: organizationsArn }] },
    ]);
    expect(unlisted).toEqual(new Map());
    expect(aws.calls()[managementId]?.["access-analyzer:ListFindings"]).toBe(1);
    expect(await live(bucket.resource, within)).toEqual(resources[0]);
    // Nobody of this account is a reason to ask for others.
    expect(await live("arn:aws:s3:::not-ours", within)).toMatchObject({ access: [] });
  });

  it("is not known where nobody looks for it", async () => {
    const { account, own, bulk, live } = world();
    account.analyzers.delete(own(other));
    const why = "no analyzer for external access is active";
    expect(await bulk()).toMatchObject({
      ...{ resources: [], unreadAccess: [{ region: other, why }], gaps: [] },
      unlisted: new Map([["resource", `${why} in ${other}`]]),
    });
    expect(await live(bucket.resource)).toMatchObject({ access: [], unread: [{ region: other, why }] });
    expect(await live(queueArn.replace(other, home))).toMatchObject({ access: [], unread: [] });
    expect(await live(queueArn.replace(other, "sa-east-1"))).toMatchObject({
      unread: [{ region: "sa-east-1", why: "it is not watched" }],
    });
  });

  it("is not known where it is not known which analyzers the organization has", async () => {
    const { bulk } = world();
    const why = "the organization was not read yet";
    expect((await bulk(unknownFact(why))).unlisted).toEqual(new Map([["resource", `${why} in ${other}, ${home}`]]));
  });

  it("is not known of the Region alone in which the organization may have analyzers that were not read", async () => {
    const { account, put, own, organizationsArn, bulk } = world();
    account.analyzers.delete(own(home));
    put(organizationsArn, { id: "1", ...bucket });
    const why = "access-analyzer:ListAnalyzers was denied";
    const { resources, unlisted, unreadAccess } = await bulk(
      organizationView({
        analyzers: known([{ region: home, arn: organizationsArn }]),
        unreadAnalyzers: [{ region: other, why }],
      }),
    );
    expect(unreadAccess).toEqual([{ region: other, why }]);
    expect(unlisted).toEqual(new Map([["resource", `${why} in ${other}`]]));
    expect(resources).toMatchObject([{ access: [{ region: home }], unread: [{ region: other, why }] }]);
  });

  it("is not known of a resource that could not be analyzed", async () => {
    const { put, own, bulk } = world();
    put(own(home), { id: "1", ...bucket, error: "ACCESS_DENIED" });
    put(own(other), { id: "2", ...bucket });
    const unread = [{ region: home, why: "Access Analyzer could not analyze the resource (ACCESS_DENIED)" }];
    expect((await bulk()).resources).toMatchObject([{ access: [{ region: other }], unread }]);
  });

  it.each([
    ["is denied", accessDenied, "access-analyzer:ListFindings was denied"],
    [
      "fails in AWS",
      () => new AwsError("InternalServerException", "Sorry.", 500),
      "access-analyzer:ListFindings failed in AWS",
    ],
    ["is throttled", throttled, "access-analyzer:ListFindings was throttled"],
    [
      "is gone",
      () => new AwsError("ResourceNotFoundException", "No such analyzer.", 404),
      "access-analyzer:ListFindings failed: ResourceNotFoundException: No such analyzer.",
    ],
  ] as const)("is not known of the Region alone whose analyzer %s", async (_, refusal, why) => {
    const { sandbox, put, own, bulk } = world({ maxAttempts: 1 });
    put(own(home), { id: "1", ...bucket });
    sandbox.intercept((call) => {
      if (call.operation === "ListFindings" && call.region === other) throw refusal(call);
    });
    const unreadAccess = [{ region: other, why, isFailure: true }];
    const read = await bulk();
    expect(read).toMatchObject({ unreadAccess, gaps: [why], unlisted: new Map([["resource", `${why} in ${other}`]]) });
    expect(read.resources).toMatchObject([{ access: [{ region: home }], unread: unreadAccess }]);
  });

  it("is not known where the organization's account does not let anybody in, and costs the account nothing else", async () => {
    const { sandbox, managementId, within, bulk } = world({ maxAttempts: 1 });
    sandbox.intercept((call) => {
      if (call.operation === "ListFindings" && call.account.id === managementId) throw accessDenied(call);
    });
    expect((await bulk(within)).unreadAccess).toMatchObject([{ region: home }]);
  });

  it("of one resource alone is asked for again later where AWS throttles it", async () => {
    const { sandbox, live } = world({ maxAttempts: 1 });
    sandbox.intercept(({ operation }) => {
      if (operation === "ListFindings") throw throttled();
    });
    await expect(live(bucket.resource)).rejects.toThrow(ThrottledError);
  });
});
