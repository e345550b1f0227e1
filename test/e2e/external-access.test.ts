import { describe, expect, it } from "vitest";
import { findingEvent, findingOf, type NewFinding } from "../../sandbox/analyzers/findings.ts";
import { analyzerArn, analyzerIn } from "../../sandbox/analyzers/state.ts";
import { accessDenied } from "../../sandbox/protocol/service.ts";
import { settingsOf } from "../support/settings.ts";
import { type SmallOrganization, smallOrganization } from "../support/small-organization.ts";

const home = "us-east-1";
const other = "eu-west-1";
const stranger = "999988887777";
const bucketArn = "arn:aws:s3:::payments-archive";

/** As deployed, in two Regions, with an analyzer of the whole organization in the management account. */
const organize = () => {
  const organization = smallOrganization({ settings: settingsOf(`version: 1\ndeployment: { regions: [${other}] }\n`) });
  const { sandbox, data, wiring, store } = organization;
  const { managementAccountId } = sandbox.state.organization;
  const createdAt = sandbox.clock.now();
  const organizations = analyzerIn(managementAccountId, home, { createdAt, name: "all", type: "ORGANIZATION" });
  sandbox.state.accounts.get(managementAccountId)?.analyzers.set(organizations.arn, organizations);
  const own = (region: string) => analyzerArn(data.id, region, "account");
  const bucket: NewFinding = {
    ...{ id: "a", resource: bucketArn, resourceType: "AWS::S3::Bucket", owner: data.id, action: ["s3:GetObject"] },
  };
  return {
    ...organization,
    ...{ own, organizations, bucket, managementAccountId },
    analyze: async (analyzer: string, finding: NewFinding) => {
      sandbox.analyze(analyzer, finding);
      await wiring.settle();
    },
    found: async () =>
      (await store.listAll(data.id))
        .filter(({ control }) => control === "external-access-finding")
        .map(({ subject, status, severity }) => `${subject.kind} ${subject.name} ${severity} ${status}`),
  };
};

const evidenceOf = async ({ store, data }: SmallOrganization) => {
  const [finding] = (await store.listAll(data.id)).filter(({ control }) => control === "external-access-finding");
  return finding?.evidence;
};

const mailsAbout = ({ sandbox }: SmallOrganization, words: string): readonly string[] =>
  sandbox.deliveries.map(({ message }) => message).filter((message) => message.includes(words));

const open = `resource ${bucketArn} high open`;
const resolved = `resource ${bucketArn} high resolved`;

describe("what Access Analyzer tells of a resource", () => {
  it("is a finding, and told; and over when somebody archives it", async () => {
    const organization = organize();
    const { own, bucket, analyze, found, wiring } = organization;
    await wiring.sweep(); // It reads which analyzers the organization has.
    await analyze(own(home), bucket);
    expect(await found()).toEqual([open]);
    const [mail] = mailsAbout(organization, bucketArn);
    expect(mail?.replace(/\s+/g, " ")).toContain(`S3 bucket ${bucketArn} can be reached by anyone (s3:GetObject)`);
    expect(mail).toContain("Access Analyzer does not tell who gave the access");
    expect(mail).toContain(`--resource-arn ${bucketArn}`);
    await analyze(own(home), { ...bucket, status: "ARCHIVED" });
    expect(await found()).toEqual([resolved]);
    await analyze(own(home), { ...bucket, status: "ACTIVE" });
    expect(await found()).toEqual([open]);
    await analyze(own(home), { ...bucket, status: "RESOLVED" });
    expect(await found()).toEqual([resolved]);
  });

  it("is one finding of two Regions and the organization's analyzer, told once, whoever tells of it", async () => {
    const organization = organize();
    const { own, organizations, bucket, analyze, found, wiring, sandbox } = organization;
    await wiring.sweep();
    await analyze(own(home), bucket);
    await analyze(own(other), { ...bucket, id: "b" });
    await analyze(organizations.arn, { ...bucket, id: "c" });
    expect(await found()).toEqual([open]);
    expect(await evidenceOf(organization)).toMatchObject({
      access: [{ principal: { AWS: "*" }, actions: ["s3:GetObject"], isPublic: true }],
      foundBy: [own(other), own(home), organizations.arn]
        .sort()
        .map((analyzer) => expect.objectContaining({ analyzer })),
    });
    const told = mailsAbout(organization, bucketArn).length;
    sandbox.clock.advance(60_000);
    await wiring.sweep();
    expect(await found()).toEqual([open]);
    expect(mailsAbout(organization, bucketArn)).toHaveLength(told);
    // As long as one of them finds it, it is there.
    await analyze(own(home), { ...bucket, status: "RESOLVED" });
    await analyze(own(other), { ...bucket, id: "b", status: "RESOLVED" });
    expect(await found()).toEqual([open]);
    await analyze(organizations.arn, { ...bucket, id: "c", status: "RESOLVED" });
    expect(await found()).toEqual([resolved]);
  });

  it("is not told of a role, of which other controls judge the trust, nor of what is nothing new", async () => {
    const { own, analyze, found, data, sandbox } = organize();
    const queued: string[] = [];
    sandbox.onQueued((event) => queued.push(event["detail-type"]));
    const resource = `arn:aws:iam::${data.id}:role/open`;
    await analyze(own(home), { id: "r", resource, resourceType: "AWS::IAM::Role", owner: data.id });
    expect(queued).toEqual([]);
    expect(await found()).toEqual([]);
  });

  it("is not believed: what Access Analyzer itself does not have is none", async () => {
    const { bucket, own, found, sandbox, wiring, telemetry, invoke } = organize();
    await wiring.sweep(); // It reads which accounts there are.
    const now = sandbox.clock.now();
    const event = findingEvent(sandbox.ids, own(home), findingOf(bucket, now), now);
    const message = (body: object, messageId: string) => ({
      ...{ messageId, body: JSON.stringify(body), attributes: { ApproximateReceiveCount: "1" } },
    });
    const forged = [
      event,
      { ...event, account: stranger },
      { ...event, source: "custom.forger" },
      { ...event, detail: { ...event.detail, resource: `arn:aws:sqs:${home}:${stranger}:queue` } },
      { ...event, detail: { ...event.detail, accountId: stranger } },
      { ...event, detail: { ...event.detail, resource: "no ARN" } },
      { ...event, detail: { ...event.detail, resource: { toString: 1 } } },
      { ...event, resources: [] },
      { ...event, time: "yesterday" },
    ];
    const answer = await invoke("intake", { Records: forged.map((body, at) => message(body, `m${at}`)) });
    // What is malformed comes back and ends with the dead letters; what is forged does not, and of nothing anything is made.
    expect(answer).toEqual({
      batchItemFailures: ["m5", "m6", "m7", "m8"].map((itemIdentifier) => ({ itemIdentifier })),
    });
    await wiring.settle();
    expect(await found()).toEqual([]);
    expect(telemetry.counted("EventsRefused")).toBe(4);
  });
});

describe("a sweep", () => {
  it("finds what no event told, and that it is over", async () => {
    const { own, organizations, bucket, found, wiring, sandbox, data } = organize();
    const put = (analyzer: string, finding: NewFinding) => {
      for (const { analyzers } of sandbox.state.accounts.values())
        analyzers.get(analyzer)?.findings.set(finding.id, findingOf(finding, sandbox.clock.now()));
    };
    const queue = `arn:aws:sqs:${other}:${data.id}:orders`;
    put(organizations.arn, bucket);
    put(own(other), {
      ...{ ...bucket, id: "q", resource: queue, resourceType: "AWS::SQS::Queue" },
      principal: { AWS: stranger },
    });
    put(own(home), { ...bucket, id: "x", resource: "arn:aws:s3:::approved", status: "ARCHIVED" });
    await wiring.sweep();
    const both = [open, `resource ${queue} medium open`];
    expect((await found()).sort()).toEqual(both.sort());
    sandbox.clock.advance(10 * 60_000);
    put(organizations.arn, { ...bucket, status: "RESOLVED" });
    await wiring.sweep();
    expect((await found()).sort()).toEqual([resolved, `resource ${queue} medium open`].sort());
  });

  it("resolves nothing of an analyzer that it may not read, or that somebody deleted", async () => {
    const { own, bucket, analyze, found, wiring, sandbox, data } = organize();
    await analyze(own(other), bucket);
    sandbox.clock.advance(10 * 60_000);
    const allow = sandbox.intercept((call) => {
      if (call.operation === "ListFindings" && call.region === other) throw accessDenied(call);
    });
    await wiring.sweep();
    expect(await found()).toEqual([open]);
    allow();
    const analyzer = data.analyzers.get(own(other));
    data.analyzers.delete(own(other));
    await wiring.sweep();
    expect(await found()).toEqual([open]);
    // Back, and with nothing to tell.
    if (analyzer) data.analyzers.set(analyzer.arn, { ...analyzer, findings: new Map() });
    sandbox.clock.advance(10 * 60_000);
    await wiring.sweep();
    expect(await found()).toEqual([resolved]);
  });
});
