import { describe, expect, it } from "vitest";
import { ForgedEventError, MalformedInputError } from "../../shared/errors.ts";
import { parseEnvelope } from "../../shared/events/envelope.ts";
import { matches } from "../../shared/events/matcher.ts";
import { eventPatterns } from "../../shared/events/patterns.ts";
import { hintsOf, subjectsOf } from "../../shared/events/subjects.ts";

const account = "111122223333";
const administrator = "444455556666";
const bucket = "arn:aws:s3:::example-bucket";

/**
 * As AWS documents it.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-eventbridge.html
 */
const event = {
  account,
  detail: {
    accountId: account,
    action: ["s3:GetObject"],
    analyzedAt: "2019-11-21T01:22:22Z",
    condition: {},
    createdAt: "2019-11-20T04:58:50Z",
    id: "22222222-dcba-4444-dcba-333333333333",
    isDeleted: false,
    isPublic: false,
    principal: { AWS: "999988887777" },
    region: "us-west-2",
    resource: bucket,
    resourceType: "AWS::S3::Bucket",
    status: "ACTIVE",
    updatedAt: "2019-11-21T01:14:07Z",
    version: "1.0",
  },
  "detail-type": "Access Analyzer Finding",
  id: "11111111-2222-4444-aaaa-333333333333",
  region: "us-west-2",
  resources: [`arn:aws:access-analyzer:us-west-2:${account}:analyzer/MyAnalyzer`],
  source: "aws.access-analyzer",
  time: "2019-11-21T01:22:33Z",
  version: "0",
};
const withDetail = (over: object) => ({ ...event, detail: { ...event.detail, ...over } });
/** Of the organization's analyzer, in the account that has it. */
const ofOrganization = {
  ...{ ...event, account: administrator },
  resources: [`arn:aws:access-analyzer:us-west-2:${administrator}:analyzer/organization`],
};

describe("an event of a finding of Access Analyzer", () => {
  it("is about a resource, and nobody's call", () => {
    const { record, envelopeAccount } = parseEnvelope(event);
    expect(envelopeAccount).toBe(account);
    expect(record).toMatchObject({ eventId: event.id, accountId: account, awsRegion: "us-west-2", userIdentity: {} });
    expect(record.eventTime).toEqual(new Date(event.time));
    expect(subjectsOf(record)).toEqual([{ kind: "resource", name: bucket }]);
    expect(hintsOf(record)).toEqual([
      { control: "external-access-finding", subject: { kind: "resource", name: bucket } },
    ]);
  });

  it("of an organization's analyzer is about the account that has the resource", () => {
    const { record, envelopeAccount } = parseEnvelope(ofOrganization);
    expect([record.accountId, envelopeAccount]).toEqual([account, administrator]);
  });

  it.each([
    ["archived", withDetail({ status: "ARCHIVED" })],
    ["deleted", withDetail({ isDeleted: true })],
    ["an error", withDetail({ error: "ACCESS_DENIED", principal: undefined, action: undefined, condition: undefined })],
  ])("has the resource looked at, whatever it says of it: %s", (_, changed) => {
    expect(subjectsOf(parseEnvelope(changed).record)).toEqual([{ kind: "resource", name: bucket }]);
  });

  const delivered = (of: object) => eventPatterns().filter(({ pattern }) => matches(pattern, of));

  it("is delivered by one rule; of a role, unused or internal access by none", () => {
    expect(delivered(event).map(({ name, lane }) => [name, lane])).toEqual([["access-analyzer-findings", "changes"]]);
    expect(delivered(withDetail({ resourceType: "AWS::IAM::Role" }))).toEqual([]);
    for (const type of [
      "Unused Access Finding for IAM entities",
      "Internal Access Finding",
      "Access Preview State Change",
    ])
      expect(delivered({ ...event, "detail-type": type })).toEqual([]);
    expect(delivered({ ...event, source: "custom.forger" })).toEqual([]);
  });

  it("of a role is about nothing, should it come", () => {
    const resource = `arn:aws:iam::${account}:role/open`;
    expect(subjectsOf(parseEnvelope(withDetail({ resource, resourceType: "AWS::IAM::Role" })).record)).toEqual([]);
  });

  it.each([
    [
      "another source",
      { ...event, source: "custom.forger" },
      /^event from source "custom.forger" says that it is a finding/,
    ],
    [
      "another account's analyzer",
      { ...event, account: administrator },
      /^event from account 444455556666 says that its analyzer is/,
    ],
    ["another service's resource for an analyzer", { ...event, resources: [bucket] }, /says that its analyzer is/],
    [
      "a resource of another account than it says",
      withDetail({ resource: "arn:aws:sqs:us-west-2:999988887777:queue" }),
      /^event about account 111122223333 says detail.resource is/,
    ],
  ])("is forged with %s", (_, forged, message) => {
    expect(() => parseEnvelope(forged)).toThrow(ForgedEventError);
    expect(() => parseEnvelope(forged)).toThrow(message);
  });

  it.each([
    ["no account", { ...event, account: undefined }],
    ["no owner", withDetail({ accountId: undefined })],
    ["an owner that is no account", withDetail({ accountId: "../../x" })],
    ["no resource", withDetail({ resource: undefined })],
    ["a resource that is no ARN", withDetail({ resource: "bucket" })],
    ["a resource that is no text", withDetail({ resource: { length: { valueOf: null } } })],
    ["a resource without end", withDetail({ resource: `arn:aws:s3:::${"x".repeat(3_000)}` })],
    ["no type", withDetail({ resourceType: null })],
    ["no analyzer", { ...event, resources: [] }],
    ["two analyzers", { ...event, resources: [...event.resources, ...event.resources] }],
    ["no time", { ...event, time: "yesterday" }],
    ["a prototype", { ...event, detail: JSON.parse(`{"__proto__":{},"resource":"${bucket}"}`) }],
    ["no detail", { ...event, detail: null }],
  ])("is malformed with %s", (_, malformed) => {
    expect(() => parseEnvelope(malformed)).toThrow(MalformedInputError);
  });
});
