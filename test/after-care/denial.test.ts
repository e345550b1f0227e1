import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addRole } from "../../sandbox/iam/state.ts";
import { denialOf } from "../../shared/after-care/denial.ts";
import { denialPattern } from "../../shared/after-care/denial-pattern.ts";
import { controls } from "../../shared/controls/catalogue.ts";
import { parseEnvelope, parseRecord } from "../../shared/events/envelope.ts";
import { matches } from "../../shared/events/matcher.ts";
import { account, assumedRole, iamUser, type Raw, record, root, without } from "../events/records.ts";
import { startSandbox } from "../sandbox/support.ts";
import { ordinary, ours } from "./messages.ts";

const cut = "because no permissions boundary allows the kms:ListKeys action";
const messageOf = (reason = cut, action = "kms:ListKeys", on = "") =>
  `User: arn:aws:sts::${account}:assumed-role/deploy/session is not authorized to perform: ${action}${on} ${reason}`;

const denied = (more: Raw = {}) =>
  denialOf(
    parseRecord(
      record({
        eventSource: "kms.amazonaws.com",
        eventName: "ListKeys",
        userIdentity: assumedRole,
        errorCode: "AccessDenied",
        errorMessage: messageOf(),
        ...more,
      }),
    ),
  );
const saying = (errorMessage: string) => denied({ errorMessage });
const by = (userIdentity: unknown) => denied({ userIdentity })?.principal;

const deploy = { kind: "role", name: "deploy", accountId: account };
const session = assumedRole.sessionContext as Raw;
const issuer = session.sessionIssuer as Raw;
const issuedBy = (sessionIssuer: Raw | null, more: Raw = {}): Raw => ({
  ...assumedRole,
  sessionContext: { ...session, sessionIssuer },
  ...more,
});

describe("what a record says of a denial", () => {
  it("is who, what, why and when", () => {
    expect(denied()).toEqual({
      action: "kms:ListKeys",
      by: "permissionsBoundary",
      principal: deploy,
      at: "2026-11-01T09:15:00.000Z",
      message: messageOf(),
    });
  });

  it.each(Object.entries(ours))("is read from %s", (_, { action, by, errorCode, errorMessage }) => {
    expect(denied({ errorCode, errorMessage })).toMatchObject({ action, by });
  });

  it.each(Object.entries(ordinary))("is nothing where it is ordinary: %s", (_, { errorCode, errorMessage }) => {
    expect(denied({ errorCode, errorMessage })).toBeUndefined();
  });

  it("is nothing where the call did not fail for want of permission", () => {
    expect(denied({ errorCode: "ValidationException" })).toBeUndefined();
    expect(denied({ errorCode: null })).toBeUndefined();
    expect(denied({ errorMessage: null })).toBeUndefined();
  });

  it("leaves out what only AWS can decode", () => {
    const { errorCode, errorMessage } = ours["EC2's own words, a full stop and an encoded message"] ?? {};
    expect(denied({ errorCode, errorMessage })?.message).toMatch(/ allows the ec2:RunInstances action$/);
  });
});

describe("the action", () => {
  it("is the message's, not the event's name", () => {
    expect(saying(messageOf(cut.replace("kms:ListKeys", "s3:ListBucket"), "s3:ListBucket"))?.action).toBe(
      "s3:ListBucket",
    );
  });

  it.each<[string, string, string]>([
    [
      "of the reason, where it stands there alone",
      `Refused ${cut.replace("kms:ListKeys", "KMS:Decrypt")}`,
      "kms:Decrypt",
    ],
    [
      "of the event, where the message has none",
      "Refused with an explicit deny in a permissions boundary",
      "kms:ListKeys",
    ],
    [
      "of the event, where the message's is none",
      messageOf("with an explicit deny in a permissions boundary", "<b>all</b>"),
      "kms:ListKeys",
    ],
  ])("is that %s", (_, message, action) => {
    expect(saying(message)?.action).toBe(action);
  });
});

describe("the principal", () => {
  it.each<[string, unknown, unknown]>([
    ["the role of a session, not the session", assumedRole, deploy],
    [
      "the role, whatever the session calls itself",
      { ...assumedRole, arn: `arn:aws:sts::${account}:assumed-role/deploy/admin` },
      deploy,
    ],
    [
      "the role by the issuer's ARN, without its path",
      issuedBy(without({ ...issuer, arn: `arn:aws:iam::${account}:role/a/b/deploy` }, "userName", "accountId")),
      deploy,
    ],
    ["the role by the session's ARN", without(issuedBy(null), "accountId"), deploy],
    [
      "the role by the session's ARN in another partition",
      { type: "AssumedRole", arn: `arn:aws-us-gov:sts::${account}:assumed-role/deploy/s` },
      deploy,
    ],
    ["the role for which a service calls", { ...assumedRole, invokedBy: "cloudformation.amazonaws.com" }, deploy],
    ["a user", iamUser("alice"), { kind: "user", name: "alice", accountId: account }],
    [
      "a user by ARN",
      without(iamUser("alice"), "userName", "accountId"),
      { kind: "user", name: "alice", accountId: account },
    ],
    [
      "the user who federated somebody",
      {
        type: "FederatedUser",
        accountId: account,
        arn: `arn:aws:sts::${account}:federated-user/guest`,
        sessionContext: { sessionIssuer: { type: "IAMUser", userName: "alice", accountId: account } },
      },
      { kind: "user", name: "alice", accountId: account },
    ],
    [
      "nobody where root federated somebody",
      {
        type: "FederatedUser",
        accountId: account,
        sessionContext: { sessionIssuer: { type: "Root", accountId: account } },
      },
      undefined,
    ],
    ["nobody for root", root(), undefined],
    [
      "nobody for a session of root",
      {
        type: "AssumedRole",
        accountId: account,
        arn: `arn:aws:iam::${account}:root`,
        sessionContext: { sessionIssuer: { type: "Root", accountId: account } },
      },
      undefined,
    ],
    ["nobody for an AWS service", { type: "AWSService", invokedBy: "ec2.amazonaws.com" }, undefined],
    [
      "nobody for a caller of another account, whose name is withheld",
      { type: "AWSAccount", accountId: "444455556666", principalId: "AROAEXAMPLE:s" },
      undefined,
    ],
    [
      "nobody for who only asks for a session",
      { type: "WebIdentityUser", userName: "repo:o/r", principalId: "x" },
      undefined,
    ],
    ["nobody for a person of Identity Center", { type: "IdentityCenterUser", accountId: account }, undefined],
    ["nobody without a type", without(iamUser(), "type"), undefined],
    ["nobody without an account", { type: "IAMUser", userName: "alice" }, undefined],
    ["nobody without a name", { type: "IAMUser", accountId: account }, undefined],
    ["nobody where nothing is known", null, undefined],
    ["nobody with a name that IAM would not take", { ...iamUser(), userName: "alice\u202e\n" }, undefined],
    ["nobody of an account that is none", { ...iamUser(), accountId: "management" }, undefined],
  ])("is %s", (_, userIdentity, principal) => {
    expect(by(userIdentity)).toEqual(principal);
  });

  it("is of its own account, whichever account the record is about", () => {
    const other = issuedBy({ ...issuer, accountId: "444455556666" }, { accountId: "444455556666" });
    expect(denied({ userIdentity: other, recipientAccountId: account })?.principal.accountId).toBe("444455556666");
    expect(denied({ userIdentity: assumedRole, recipientAccountId: "444455556666" })?.principal).toEqual(deploy);
  });
});

describe("a hostile message", () => {
  const pretended = "x with an explicit deny in a permissions boundary";
  it.each<[string, string]>([
    [
      "names a resource like a reason",
      messageOf(
        "because no identity-based policy allows the kms:ListKeys action",
        "kms:ListKeys",
        ` on resource: "arn:aws:s3:::${pretended}"`,
      ),
    ],
    [
      "names one before an SCP's deny",
      messageOf("with an explicit deny in a service control policy", "kms:ListKeys", ` on resource: ${pretended}`),
    ],
    ["names another action in its reason", messageOf(cut, "s3:ListAllMyBuckets")],
    ["spells the reason otherwise", messageOf(cut.toUpperCase())],
  ])("that %s says nothing", (_, message) => {
    expect(saying(message)).toBeUndefined();
  });

  it("is cut, between characters, however long it is", () => {
    const long = messageOf(
      cut,
      "kms:ListKeys",
      ` on resource: ${"😀 because no permissions boundary ".repeat(20_000)}`,
    );
    const found = saying(long);
    expect(found).toMatchObject({ by: "permissionsBoundary", action: "kms:ListKeys" });
    expect(found?.message.length).toBeLessThanOrEqual(500);
    expect(found?.message.isWellFormed()).toBe(true);
    expect(saying(messageOf(`${cut.slice(0, -"kms:ListKeys action".length)}${"a".repeat(500_000)}`))).toMatchObject({
      action: "kms:ListKeys",
    });
  });

  it("never makes more of a record than a denial of a well-formed name", () => {
    const part = fc.oneof(
      fc.string({ unit: "binary", maxLength: 12 }),
      fc.constantFrom(
        cut,
        "with an explicit deny",
        " in a permissions boundary",
        "is not authorized to perform: ",
        "a:B",
        ": ",
      ),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), fc.string({ unit: "binary" }), (parts, userName) => {
        const found = denied({ errorMessage: parts.join(" "), userIdentity: { ...iamUser(), userName } });
        if (found === undefined) return;
        expect(found.action).toMatch(/^[a-z0-9-]+:[A-Za-z0-9]+$/);
        expect(found.principal.name).toMatch(/^[\w+=,.@-]+$/);
        expect(found.message.length).toBeLessThanOrEqual(500);
      }),
    );
  });
});

it("reads whatever the pattern delivers of the sandbox's calls, and nothing else", () => {
  const { sandbox, accountId, account: management, events } = startSandbox();
  const document = (Effect: string, Action: string) =>
    JSON.stringify({ Version: "2012-10-17", Statement: { Effect, Action, Resource: "*" } });
  const role = addRole(management, sandbox.ids, { name: "app", createdAt: sandbox.clock.now() });
  role.inlinePolicies.set("own", document("Allow", "*"));
  role.boundary = "arn:aws:iam::aws:policy/ReadOnlyAccess";
  const call = (service: string, action: string) => sandbox.use(accountId, { role: "app" }, { service, action });
  expect([call("kms", "ListKeys"), call("ec2", "DescribeInstances"), call("ec2", "RunInstances")]).toEqual([
    "denied",
    "allowed",
    "denied",
  ]);
  role.inlinePolicies.set("own", document("Allow", "ec2:*"));
  expect(call("kms", "ListAliases")).toBe("denied");
  const pattern = denialPattern(controls) ?? {};
  const told = events.map((event) => [matches(pattern, event), denialOf(parseEnvelope(event).record)?.action]);
  expect(told).toEqual([
    [true, "kms:ListKeys"],
    [false, undefined],
    [true, "ec2:RunInstances"],
    [false, undefined],
  ]);
});
