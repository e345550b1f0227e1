import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ForgedEventError, MalformedInputError, WardenError } from "../../shared/errors.ts";
import { parseEnvelope, parseRecord } from "../../shared/events/envelope.ts";
import { account, assumedRole, envelope, iamUser, type Raw, record, root, signIn, without } from "./records.ts";

const nested = (levels: number): unknown => JSON.parse(`${"[".repeat(levels)}${"]".repeat(levels)}`);

describe("parseEnvelope", () => {
  it("reads the record, the envelope and the account", () => {
    const event = parseEnvelope(envelope(record()));
    expect(event).toMatchObject({
      envelopeAccount: account,
      source: "aws.iam",
      detailType: "AWS API Call via CloudTrail",
      id: "99999999-2222-3333-4444-555555555555",
      region: "us-east-1",
    });
    expect(event.record).toMatchObject({
      eventId: "11111111-2222-3333-4444-555555555555",
      eventName: "CreateUser",
      eventSource: "iam.amazonaws.com",
      eventTime: new Date("2026-11-01T09:15:00Z"),
      accountId: account,
      requestParameters: { userName: "alice" },
      responseElements: {},
      userIdentity: { type: "IAMUser", userName: "admin" },
    });
  });

  const tolerated: Record<string, [change: Raw, expected: Raw]> = {
    "requestParameters null": [{ requestParameters: null }, { requestParameters: {} }],
    "requestParameters missing": [{ requestParameters: undefined }, { requestParameters: {} }],
    'requestParameters "null"': [{ requestParameters: "null" }, { requestParameters: {} }],
    "requestParameters prose": [{ requestParameters: "HIDDEN" }, { requestParameters: {} }],
    "requestParameters as JSON text": [
      { requestParameters: '{"userName":"alice"}' },
      { requestParameters: { userName: "alice" } },
    ],
    "requestParameters as JSON text cut short": [{ requestParameters: '{"userName":"al' }, { requestParameters: {} }],
    "responseElements text": [{ responseElements: "null" }, { responseElements: {} }],
    "serviceEventDetails text": [{ serviceEventDetails: "details" }, { serviceEventDetails: {} }],
    "additionalEventData null": [{ additionalEventData: null }, { additionalEventData: {} }],
    "no userIdentity": [{ userIdentity: undefined }, { userIdentity: {} }],
    "userIdentity null": [{ userIdentity: null }, { userIdentity: {} }],
    "userIdentity without type and arn": [
      { userIdentity: { accountId: account } },
      { userIdentity: { accountId: account } },
    ],
    "an empty access key id": [{ userIdentity: root() }, { userIdentity: { type: "Root", accessKeyId: undefined } }],
    "an empty assumedRoot": [
      { userIdentity: root({ sessionContext: { assumedRoot: "" } }) },
      { userIdentity: { sessionContext: { assumedRoot: undefined } } },
    ],
    "assumedRoot as a boolean": [
      { userIdentity: root({ sessionContext: { assumedRoot: true } }) },
      { userIdentity: { sessionContext: { assumedRoot: "true" } } },
    ],
    'mfaAuthenticated "False"': [
      { userIdentity: { ...assumedRole, sessionContext: { attributes: { mfaAuthenticated: "False" } } } },
      { userIdentity: { sessionContext: { attributes: { mfaAuthenticated: "false" } } } },
    ],
    "a session without attributes and issuer": [
      { userIdentity: root({ sessionContext: { sessionIssuer: {}, attributes: null } }) },
      { userIdentity: { type: "Root" } },
    ],
    "errorMessage without errorCode": [
      { errorMessage: "Failed authentication" },
      { errorMessage: "Failed authentication" },
    ],
    "no recipientAccountId": [{ recipientAccountId: undefined }, { accountId: account }],
    "no recipientAccountId and no caller": [
      { recipientAccountId: undefined, userIdentity: undefined },
      { accountId: account },
    ],
    "a numeric recipientAccountId": [{ recipientAccountId: 111122223333 }, { accountId: account }],
    "readOnly missing": [{ readOnly: undefined }, {}],
    "readOnly text": [{ readOnly: "false", managementEvent: "true" }, {}],
    "no eventType": [{ eventType: undefined }, { eventType: undefined }],
    "partner delegation": [
      { userIdentity: { ...iamUser(), invokedByDelegate: { accountId: "999988887777" } } },
      { userIdentity: { userName: "admin" } },
    ],
    "a time of an export": [
      { eventTime: "2023-01-03 01:52:07.000000000" },
      { eventTime: new Date("2023-01-03T01:52:07Z") },
    ],
    "a time without zone": [{ eventTime: "2023-01-03 01:52:07" }, { eventTime: new Date("2023-01-03T01:52:07Z") }],
    "a time with offset": [
      { eventTime: "2023-01-03T01:52:07.5+0130" },
      { eventTime: new Date("2023-01-03T00:22:07.5Z") },
    ],
    "no time": [{ eventTime: undefined }, { eventTime: new Date("2026-11-01T09:15:03Z") }],
    "a time that is none": [{ eventTime: "2026-13-45T99:99:99Z" }, { eventTime: new Date("2026-11-01T09:15:03Z") }],
    "no eventID": [{ eventID: undefined }, { eventId: "99999999-2222-3333-4444-555555555555" }],
    "unknown fields of any type": [{ tlsDetails: 5, resources: "x", edgeDeviceDetails: [[]] }, {}],
    "a prototype key among somebody's own names": [
      { requestParameters: JSON.parse('{"userName":"alice","dockerLabels":{"__proto__":"x","constructor":"y"}}') },
      { requestParameters: { userName: "alice" } },
    ],
  };
  it.each(Object.entries(tolerated))("tolerates %s", (_, [change, expected]) => {
    expect(parseEnvelope(envelope(record(change))).record).toMatchObject(expected);
  });

  it("pads a numeric account that lost its leading zero", () => {
    const event = envelope(record({ recipientAccountId: "011122223333", userIdentity: null }), {
      account: 11122223333,
    });
    expect(parseEnvelope(event).envelopeAccount).toBe("011122223333");
  });

  const malformed: Record<string, [value: unknown, message: RegExp]> = {
    nothing: [undefined, /event: expected an object/],
    null: [null, /event: expected an object/],
    text: ["{}", /event: expected an object/],
    "a list": [[envelope(record())], /event: expected an object/],
    "an empty object": [{}, /event: id/],
    "no detail": [envelope(record(), { detail: undefined }), /event: detail: expected an object/],
    "detail as text": [envelope(record(), { detail: JSON.stringify(record()) }), /event: detail: expected an object/],
    "no eventName": [envelope(without(record(), "eventName")), /event: detail: eventName/],
    "eventName as a list": [envelope(record({ eventName: ["CreateUser"] })), /event: detail: eventName/],
    "userIdentity as text": [
      envelope(record({ userIdentity: "root" })),
      /event: detail: userIdentity: expected an object/,
    ],
    "identity type as a number": [envelope(record({ userIdentity: root({ type: 1 }) })), /userIdentity: type/],
    "errorCode as an object": [envelope(record({ errorCode: {} })), /errorCode/],
    "requestParameters as a number": [
      envelope(record({ requestParameters: 7 })),
      /requestParameters: expected an object/,
    ],
    "requestParameters as a list": [
      envelope(record({ requestParameters: [] })),
      /requestParameters: expected an object/,
    ],
    "eventTime as a number": [envelope(record({ eventTime: 1700000000 })), /eventTime/],
    "no time anywhere": [envelope(record({ eventTime: "..." }), { time: "..." }), /eventTime: not a time/],
    "no account": [envelope(record(), { account: undefined }), /event: account: missing/],
    "an account that is not twelve digits": [
      envelope(record({ recipientAccountId: "12345" }), { account: "12345" }),
      /twelve/,
    ],
    "a megabyte of nested lists": [envelope(record({ requestParameters: nested(500_000) })), /nested deeper/],
    "a megabyte of nesting as JSON text": [
      envelope(record({ requestParameters: `{"a":${"[".repeat(500_000)}${"]".repeat(500_000)}}` })),
      /nested deeper/,
    ],
    "nothing but nesting": [nested(500_000), /nested deeper/],
    "a prototype key in the envelope": [
      { ...JSON.parse('{"x":{"__proto__":{}}}').x, ...JSON.parse(`{"__proto__":{"account":"${account}"}}`) },
      /prototype/,
    ],
    "a prototype key in the record": [
      envelope(JSON.parse(JSON.stringify(record()).replace("{", '{"__proto__":{"eventName":"x"},'))),
      /prototype/,
    ],
    "a prototype key in the identity": [envelope(record({ userIdentity: { constructor: "x" } })), /prototype/],
  };
  it.each(Object.entries(malformed))("refuses %s", (_, [value, message]) => {
    expect(() => parseEnvelope(value)).toThrow(MalformedInputError);
    expect(() => parseEnvelope(value)).toThrow(message);
  });

  const forged: Record<string, Raw> = {
    "another account": envelope(record({ recipientAccountId: "999988887777" })),
    "another caller's account and no recipient": envelope(
      record({ recipientAccountId: undefined, userIdentity: { ...iamUser(), accountId: "999988887777" } }),
    ),
    "a custom source": envelope(record(), { source: "com.example.iam" }),
    "a custom source for a service that decides nothing": envelope(record({ eventSource: "ec2.amazonaws.com" }), {
      source: "ec2",
    }),
    "another service's source for IAM": envelope(record(), { source: "aws.ec2" }),
    "IAM's source for another service": envelope(record({ eventSource: "ec2.amazonaws.com" }), { source: "aws.iam" }),
    "a sign-in from elsewhere": envelope(signIn(), { source: "aws.iam" }),
    "a name that only looks like IAM": envelope(record({ eventSource: "iam.amazonaws.com.example.com" }), {
      source: "aws.iam",
    }),
  };
  it.each(Object.entries(forged))("refuses as forged: %s", (_, value) => {
    expect(() => parseEnvelope(value)).toThrow(ForgedEventError);
  });

  it("accepts an AWS source that is not the event source's first label, where nothing hangs on it", () => {
    const detail = record({ eventSource: "entitlement.marketplace.amazonaws.com", userIdentity: root() });
    expect(parseEnvelope(envelope(detail, { source: "aws.marketplace" })).record.userIdentity.type).toBe("Root");
  });

  it("keeps errors to a line, however long the claim", () => {
    const event = envelope(record({ recipientAccountId: `x\n${"9".repeat(100_000)}` }));
    expect(() => parseEnvelope(event)).toThrow(/^event from account .{1,200}$/);
  });

  it("accepts placeholders only when asked to", () => {
    const event = envelope(record({ recipientAccountId: "12345", eventTime: "...", userIdentity: {} }), {
      account: "12345",
      time: "...",
    });
    expect(() => parseEnvelope(event)).toThrow(MalformedInputError);
    expect(parseEnvelope(event, { allowPlaceholders: true }).record).toMatchObject({
      eventTime: new Date(0),
      accountId: "12345",
    });
  });
});

describe("parseRecord", () => {
  it("fills in what a sanitized log leaves out", () => {
    const raw = without(record({ eventTime: "eventTime", recipientAccountId: "XXXXXXXX" }), "eventID");
    expect(parseRecord(raw)).toMatchObject({ eventId: "", eventTime: new Date(0), accountId: "XXXXXXXX" });
  });

  it("takes the caller's account where there is no recipient", () => {
    expect(parseRecord(without(record(), "recipientAccountId")).accountId).toBe(account);
  });

  it("never takes a correlation from the record", () => {
    expect(parseRecord(record({ centralRoot: { own: true } })).centralRoot).toBeUndefined();
  });
});

const hostile = fc.anything({
  maxDepth: 4,
  withNullPrototype: true,
  withBigInt: true,
  withDate: true,
  withMap: true,
  withSparseArray: true,
});
const fields = Object.keys(record());

describe("whatever arrives", () => {
  it("is read or refused with a WardenError", () => {
    const broken = fc
      .tuple(fc.constantFrom(...fields, "errorCode", "additionalEventData"), hostile, fc.boolean())
      .map(([field, value, identity]) =>
        identity ? record({ userIdentity: { ...iamUser(), [field]: value } }) : record({ [field]: value }),
      );
    const anything = fc.oneof(
      hostile,
      broken,
      broken.map((raw) => envelope(raw)),
      hostile.map((value) => envelope(record(), { detail: value })),
    );
    fc.assert(
      fc.property(anything, (value) => {
        for (const parse of [parseEnvelope, parseRecord]) {
          try {
            parse(value);
          } catch (error) {
            if (!(error instanceof WardenError)) throw error;
          }
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it("is refused where an object calls something its length that cannot be compared", () => {
    const value = { length: { toString: 1, valueOf: 1 } };
    for (const field of ["eventSource", "eventName", "eventID"]) {
      expect(() => parseRecord(record({ [field]: value }))).toThrow(MalformedInputError);
      expect(() => parseEnvelope(envelope(record({ [field]: value })))).toThrow(MalformedInputError);
    }
  });

  it("keeps text from AWS as it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 1 }), (name) => {
        expect(parseRecord(record({ requestParameters: { userName: name } })).requestParameters).toEqual({
          userName: name,
        });
      }),
    );
  });
});
