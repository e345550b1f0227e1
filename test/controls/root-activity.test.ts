import { describe, expect, it } from "vitest";
import { rootActivity } from "../../shared/controls/root-activity.ts";
import { createRootSessions, withCentralRoot } from "../../shared/events/central-root.ts";
import { parseRecord } from "../../shared/events/envelope.ts";
import type { CloudTrailRecord } from "../../shared/events/record.ts";
import { neighboursNotRead } from "../../shared/facts/neighbours.ts";
import { account, assumedRole, iamUser, type Raw, record, root, signIn } from "../events/records.ts";
import { organization } from "../support/facts.ts";

const context = {
  now: new Date("2026-11-01T09:20:00Z"),
  options: {},
  excludedRoles: { names: [], paths: [], tags: {}, trustTags: false },
  organization,
  neighbours: neighboursNotRead,
};
const judge = (parsed: CloudTrailRecord) => rootActivity.judge(parsed, context);

const consoleSession = (more: Raw = {}): Raw =>
  root({
    accessKeyId: "ASIAEXAMPLEROOT00001",
    sessionContext: { attributes: { creationDate: "2026-11-01T09:15:02Z", mfaAuthenticated: "true" } },
    ...more,
  });
const failure: Raw = { responseElements: { ConsoleLogin: "Failure" }, errorMessage: "Failed authentication" };

describe("root activity", () => {
  const found: Record<string, [raw: Raw, severity: string, reason: RegExp, episode: string]> = {
    "a sign-in with MFA": [
      signIn({ userIdentity: root() }),
      "critical",
      /^Root signed in to the console with MFA from 192\.0\.2\.10\.$/,
      "session 2026-11-01T09",
    ],
    "a sign-in with MFA, spelt YES": [
      signIn({ userIdentity: root(), additionalEventData: { MFAUsed: "YES" } }),
      "critical",
      /with MFA/,
      "session 2026-11-01T09",
    ],
    "a sign-in without MFA": [
      signIn({ userIdentity: root(), additionalEventData: { MFAUsed: "No" } }),
      "critical",
      /without MFA from/,
      "session 2026-11-01T09",
    ],
    "a sign-in that does not say": [
      signIn({ userIdentity: root(), additionalEventData: null }),
      "critical",
      /the record does not say/,
      "session 2026-11-01T09",
    ],
    "CheckMfa, which is not a sign-in": [
      signIn({ userIdentity: root(), eventName: "CheckMfa", responseElements: { CheckMfa: "Success" } }),
      "medium",
      /began to sign in as root/,
      "attempt 2026-11-01T09",
    ],
    "a request to reset the password": [
      signIn({ userIdentity: root(), eventName: "PasswordRecoveryRequested", responseElements: null }),
      "high",
      /asked to reset root's password/,
      "attempt 2026-11-01T09",
    ],
    "a changed password": [
      signIn({ userIdentity: root(), eventName: "PasswordUpdated", responseElements: { PasswordUpdated: "Success" } }),
      "critical",
      /^Root called signin:PasswordUpdated/,
      "session 2026-11-01T09",
    ],
    "a call in the console": [
      record({
        userIdentity: consoleSession({ invokedBy: "signin.amazonaws.com" }),
        eventTime: "2026-11-01T12:59:00Z",
      }),
      "critical",
      /^Root called iam:CreateUser from 192\.0\.2\.10\.$/,
      "session 2026-11-01T09",
    ],
    "a read": [
      record({ userIdentity: consoleSession(), eventName: "ListAccessKeys", readOnly: true }),
      "critical",
      /called iam:ListAccessKeys/,
      "session 2026-11-01T09",
    ],
    "a refused call": [
      record({ userIdentity: consoleSession(), errorCode: "AccessDenied" }),
      "critical",
      /called iam:CreateUser \(refused: AccessDenied\)/,
      "session 2026-11-01T09",
    ],
    "a call with root's access key": [
      record({ userIdentity: root({ accessKeyId: "AKIAEXAMPLEROOT00001" }), eventTime: "2026-11-01T11:00:00Z" }),
      "critical",
      /called iam:CreateUser/,
      "key AKIAEXAMPLEROOT00001 2026-11-01T11",
    ],
    "a call in another Region": [
      record({
        userIdentity: root(),
        eventSource: "ec2.amazonaws.com",
        eventName: "RunInstances",
        awsRegion: "sa-east-1",
      }),
      "critical",
      /called ec2:RunInstances/,
      "session 2026-11-01T09",
    ],
    "a record without event type": [
      record({ userIdentity: root(), eventType: undefined }),
      "critical",
      /called iam:CreateUser/,
      "session 2026-11-01T09",
    ],
    "a session whose start is unreadable": [
      record({ userIdentity: consoleSession({ sessionContext: { attributes: { creationDate: "..." } } }) }),
      "critical",
      /called iam:CreateUser/,
      "session 2026-11-01T09",
    ],
  };
  it.each(Object.entries(found))("finds %s", (_, [raw, severity, reason, episode]) => {
    const activity = judge(parseRecord(raw));
    expect(activity).toMatchObject({
      severity,
      episode,
      subject: { kind: "root", name: "root", arn: `arn:aws:iam::${account}:root` },
    });
    expect(activity?.reason).toMatch(reason);
  });

  const ignored: Record<string, Raw> = {
    "a failed sign-in, which root-sign-in-failure tells": signIn({ userIdentity: root(), ...failure }),
    "a failed sign-in that only says Failure": signIn({
      userIdentity: root(),
      responseElements: { ConsoleLogin: "Failure" },
    }),
    "an IAM user": record(),
    "a role session": record({ userIdentity: assumedRole }),
    "a role session of the console": signIn({ userIdentity: assumedRole, additionalEventData: { MFAUsed: "No" } }),
    "an event of an AWS service": record({ userIdentity: root(), eventType: "AwsServiceEvent" }),
    "a service on root's behalf": record({ userIdentity: root({ invokedBy: "autoscaling.amazonaws.com" }) }),
    "AWS itself": record({ userIdentity: root({ invokedBy: "AWS Internal" }) }),
    nobody: record({ userIdentity: null }),
    "root of another account, calling into this one": record({
      eventSource: "kms.amazonaws.com",
      eventName: "DescribeKey",
      userIdentity: root({ accountId: "999900001111", arn: "arn:aws:iam::999900001111:root" }),
    }),
    "a user called Root": record({ userIdentity: iamUser("Root") }),
    "an AssumeRoot call": record({
      eventSource: "sts.amazonaws.com",
      eventName: "AssumeRoot",
      userIdentity: assumedRole,
    }),
  };
  it.each(Object.entries(ignored))("does not count %s", (_, raw) => {
    expect(judge(parseRecord(raw))).toBeUndefined();
  });

  it.each([[undefined], [""], ["ANONYMOUS_PRINCIPAL"]])("counts root whose account is told as %j", (accountId) => {
    expect(judge(parseRecord(record({ userIdentity: root({ accountId }) })))?.severity).toBe("critical");
  });

  it("says when the session began, which a sign-in and a call without session do themselves", () => {
    const startOf = (raw: Raw) => judge(parseRecord(raw))?.startedAt.toISOString();
    expect(startOf(signIn({ userIdentity: root() }))).toBe("2026-11-01T09:15:00.000Z");
    expect(startOf(record({ userIdentity: consoleSession() }))).toBe("2026-11-01T09:15:02.000Z");
    expect(startOf(record({ userIdentity: root({ accessKeyId: "AKIAEXAMPLEROOT00001" }) }))).toBe(
      "2026-11-01T09:15:00.000Z",
    );
  });

  it("tells what one wants to know at 3 a.m.", () => {
    const raw = record({ userIdentity: consoleSession(), errorCode: "AccessDenied" });
    expect(judge(parseRecord(raw))?.evidence).toEqual({
      event: "iam:CreateUser",
      eventId: "11111111-2222-3333-4444-555555555555",
      at: "2026-11-01T09:15:00.000Z",
      outcome: "failed",
      error: "AccessDenied",
      sourceIPAddress: "192.0.2.10",
      userAgent: "aws-cli/2.30",
      region: "us-east-1",
      mfaUsed: true,
      accessKeyId: "ASIAEXAMPLEROOT00001",
      sessionStartedAt: "2026-11-01T09:15:02Z",
    });
  });

  it("is one episode from the sign-in through the session, and another one for an attempt before it", () => {
    const episodes = [
      signIn({ userIdentity: root(), eventName: "CheckMfa", responseElements: { CheckMfa: "Success" } }),
      signIn({ userIdentity: root() }),
      record({ userIdentity: consoleSession() }),
      record({ userIdentity: consoleSession(), eventTime: "2026-11-01T17:00:00Z" }),
      signIn({ userIdentity: root(), eventTime: "2026-11-01T18:00:00Z" }),
    ].map((raw) => judge(parseRecord(raw))?.episode);
    expect(episodes).toEqual([
      "attempt 2026-11-01T09",
      "session 2026-11-01T09",
      "session 2026-11-01T09",
      "session 2026-11-01T09",
      "session 2026-11-01T18",
    ]);
  });

  it.each([
    ["cn-north-1", "arn:aws-cn:iam::111122223333:root"],
    ["us-gov-west-1", "arn:aws-us-gov:iam::111122223333:root"],
    [undefined, "arn:aws:iam::111122223333:root"],
  ])("names root where the record does not (%s)", (awsRegion, arn) => {
    const raw = record({ awsRegion, userIdentity: { type: "Root" } });
    expect(judge(parseRecord(raw))?.subject.arn).toBe(arn);
  });
});

describe("central root sessions", () => {
  const hub = "777788889999";
  const assumeRoot = (callerArn: string, more: Raw = {}): Raw =>
    record({
      eventSource: "sts.amazonaws.com",
      eventName: "AssumeRoot",
      userIdentity: { ...assumedRole, arn: callerArn },
      requestParameters: {
        targetPrincipal: account,
        taskPolicyArn: { arn: "arn:aws:iam::aws:policy/root-task/IAMDeleteRootUserCredentials" },
        durationSeconds: 900,
      },
      responseElements: { credentials: { accessKeyId: "ASIAEXAMPLECENTRAL01", expiration: "Nov 1, 2026, 9:30:00 AM" } },
      ...more,
    });
  const session = (more: Raw = {}): Raw =>
    record({
      eventName: "DeleteLoginProfile",
      requestParameters: null,
      userIdentity: root({
        accessKeyId: "ASIAEXAMPLECENTRAL01",
        sessionContext: { attributes: { creationDate: "2026-11-01T09:14:00Z", mfaAuthenticated: "false" }, ...more },
      }),
    });
  const judgeAfter = (...made: readonly Raw[]) => {
    const sessions = createRootSessions();
    for (const raw of made) sessions.remember(parseRecord(raw));
    return judge(withCentralRoot(parseRecord(session()), sessions.find, hub));
  };
  const person = `arn:aws:sts::${hub}:assumed-role/security/jane`;

  it("are told from root by their own mark", () => {
    const activity = judge(parseRecord(session({ assumedRoot: "true" })));
    expect(activity).toMatchObject({
      severity: "medium",
      subject: { kind: "root", name: "root-session" },
      episode: "central ASIAEXAMPLECENTRAL01",
      evidence: { assumedBy: null, taskPolicyArn: null },
    });
    expect(activity?.reason).toBe("A central root session called iam:DeleteLoginProfile from 192.0.2.10.");
  });

  it("are told from root by the AssumeRoot record, which says who and what for", () => {
    const activity = judgeAfter(assumeRoot(person));
    expect(activity).toMatchObject({
      severity: "medium",
      subject: { name: "root-session" },
      evidence: {
        assumedBy: person,
        taskPolicyArn: "arn:aws:iam::aws:policy/root-task/IAMDeleteRootUserCredentials",
      },
    });
    expect(activity?.reason).toContain(`which ${person} asked for`);
  });

  it("count as root as long as nothing tells them apart", () => {
    expect(judge(parseRecord(session({ assumedRoot: "" })))).toMatchObject({
      severity: "critical",
      subject: { name: "root" },
    });
    expect(judgeAfter(assumeRoot(person, { errorCode: "AccessDenied" }))).toMatchObject({ severity: "critical" });
    expect(judgeAfter(assumeRoot(person, { eventSource: "sts.example.com" }))).toMatchObject({ severity: "critical" });
    expect(judgeAfter(assumeRoot(person, { responseElements: { credentials: "hidden" } }))).toMatchObject({
      severity: "critical",
    });
  });

  it("never raise a finding if iam-warden made them", () => {
    expect(judgeAfter(assumeRoot(`arn:aws:sts::${hub}:assumed-role/iam-warden-remediate/run`))).toBeUndefined();
  });

  it.each([
    "arn:aws:sts::999900001111:assumed-role/iam-warden-remediate/run",
    `arn:aws:sts::${hub}:assumed-role/not-iam-warden-remediate/run`,
    `arn:aws:iam::${hub}:user/iam-warden-remediate`,
  ])("are not iam-warden's own for a look-alike: %s", (callerArn) => {
    expect(judgeAfter(assumeRoot(callerArn))).toMatchObject({ severity: "medium" });
  });

  it("are nobody's own where the hub is not known", () => {
    const sessions = createRootSessions();
    sessions.remember(parseRecord(assumeRoot(`arn:aws:sts::${hub}:assumed-role/iam-warden-remediate/run`)));
    expect(judge(withCentralRoot(parseRecord(session()), sessions.find))).toMatchObject({ severity: "medium" });
  });

  it("are forgotten oldest first", () => {
    const sessions = createRootSessions(2);
    for (const id of ["A", "B", "C"]) {
      sessions.remember(parseRecord(assumeRoot(person, { responseElements: { credentials: { accessKeyId: id } } })));
    }
    expect(["A", "B", "C"].map((id) => sessions.find(id)?.accessKeyId)).toEqual([undefined, "B", "C"]);
  });

  it("do not lend their mark to anybody but root", () => {
    const sessions = createRootSessions();
    sessions.remember(parseRecord(assumeRoot(person)));
    const raw = record({ userIdentity: { ...iamUser(), accessKeyId: "ASIAEXAMPLECENTRAL01" } });
    expect(withCentralRoot(parseRecord(raw), sessions.find, hub).centralRoot).toBeUndefined();
  });
});
