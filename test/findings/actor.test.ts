import { expect, test } from "vitest";
import type { CloudTrailRecord, UserIdentity } from "../../shared/events/record.ts";
import { actorOf } from "../../shared/findings/actor.ts";

const aRecord = (userIdentity: UserIdentity, changes: Partial<CloudTrailRecord> = {}): CloudTrailRecord => ({
  eventId: "11111111-2222-3333-4444-555555555555",
  eventName: "CreateUser",
  eventSource: "iam.amazonaws.com",
  eventTime: new Date("2026-11-01T09:15:00Z"),
  userIdentity,
  requestParameters: {},
  responseElements: {},
  additionalEventData: {},
  serviceEventDetails: {},
  ...changes,
});

const call = {
  eventName: "CreateUser",
  eventId: "11111111-2222-3333-4444-555555555555",
  at: "2026-11-01T09:15:00.000Z",
};

test("keeps who, what, when and from where", () => {
  const arn = "arn:aws:iam::111122223333:user/staff/admin";
  const from = { sourceIPAddress: "192.0.2.10", userAgent: "aws-cli/2.30", awsRegion: "us-east-1" };
  expect(actorOf(aRecord({ type: "IAMUser", arn, principalId: "AIDA1" }, from))).toStrictEqual({
    arn,
    type: "IAMUser",
    ...call,
    sourceIPAddress: "192.0.2.10",
    userAgent: "aws-cli/2.30",
    region: "us-east-1",
  });
});

test.each<[string, UserIdentity, string | undefined]>([
  ["a service", { type: "AWSService", invokedBy: "sso.amazonaws.com" }, "sso.amazonaws.com"],
  ["a caller without ARN", { type: "SAMLUser", principalId: "abc:bea" }, "abc:bea"],
  ["nobody", {}, undefined],
])("names %s as far as the record does", (_who, identity, arn) => {
  expect(actorOf(aRecord(identity))).toStrictEqual({
    ...(arn === undefined ? {} : { arn }),
    ...(identity.type === undefined ? {} : { type: identity.type }),
    ...call,
  });
});
