import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ForgedEventError, MalformedInputError, WardenError } from "../../shared/errors.ts";
import { createReplayer, replayLog } from "../../shared/events/replay.ts";
import { defaultSettings } from "../../shared/settings/settings.ts";
import { account, assumedRole, envelope, iamUser, type Raw, record, root, signIn, without } from "./records.ts";

const replayRecord = createReplayer();

const replayed = async (...chunks: readonly (string | Uint8Array)[]) => {
  const bytes = (async function* () {
    for (const chunk of chunks) yield typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk;
  })();
  return Array.fromAsync(replayLog(bytes, createReplayer()));
};
const ids = async (...chunks: readonly (string | Uint8Array)[]) =>
  (await replayed(...chunks)).map((line) => ("error" in line ? line : line.eventId));

const on = (control: string, kind: string, name: string) => ({ control, subject: { kind, account, name } });

describe("one record", () => {
  it("is told with its hints", () => {
    const raw = record({ eventName: "DeactivateMFADevice", requestParameters: { userName: "alice" } });
    expect(JSON.stringify(replayRecord(raw))).toBe(
      JSON.stringify({
        eventId: "11111111-2222-3333-4444-555555555555",
        eventName: "DeactivateMFADevice",
        delivered: true,
        hints: [on("console-user-without-mfa", "user", "alice")],
        activity: [],
      }),
    );
  });

  it("is told with its activity", () => {
    expect(replayRecord(signIn({ userIdentity: root(), responseElements: { ConsoleLogin: "Failure" } }))).toEqual({
      eventId: "11111111-2222-3333-4444-555555555555",
      eventName: "ConsoleLogin",
      delivered: true,
      hints: [],
      activity: [
        {
          control: "root-sign-in-failure",
          severity: "high",
          reason: "Somebody failed to sign in to the console as root from 192.0.2.10.",
        },
      ],
    });
  });

  const delivered: Record<string, [value: Raw, delivered: boolean]> = {
    "a write that a control asks for": [record({ eventName: "CreateRole" }), true],
    "the same, in its envelope": [envelope(record({ eventName: "CreateRole" })), true],
    "one that no control asks for": [record({ eventName: "UploadSSHPublicKey" }), false],
    "one of an export, with every field": [
      record({ eventName: "CreateRole", errorCode: null, errorMessage: "" }),
      true,
    ],
    "one that failed": [record({ eventName: "CreateRole", errorCode: "AccessDenied" }), false],
    "one of another service": [record({ eventName: "CreateRole", eventSource: "ec2.amazonaws.com" }), false],
    "root's sign-in": [signIn({ userIdentity: root() }), true],
    "root's sign-in, spelt Signin": [signIn({ userIdentity: root(), eventType: "AwsConsoleSignin" }), true],
    "root's sign-in without event type": [signIn({ userIdentity: root(), eventType: undefined }), true],
    "root's sign-in, in an envelope spelt the other way": [
      envelope(signIn({ userIdentity: root() }), { "detail-type": "AWS Console Signin via CloudTrail" }),
      true,
    ],
    "root's read": [record({ userIdentity: root(), eventName: "GetUser" }), true],
    "root's call without event type": [record({ userIdentity: root(), eventType: undefined }), true],
    "root in the console": [record({ userIdentity: root(), eventType: "AwsConsoleAction" }), true],
    "a service event": [record({ userIdentity: root(), eventType: "AwsServiceEvent" }), false],
    "an insight": [record({ userIdentity: root(), eventType: "AwsCloudTrailInsight" }), false],
    "a user's sign-in": [signIn({ userIdentity: iamUser() }), false],
    "a record that says nothing of its caller": [record({ userIdentity: null, eventName: "CreateRole" }), true],
  };
  it.each(Object.entries(delivered))("is delivered or not: %s", (_, [value, expected]) => {
    expect(replayRecord(value).delivered).toBe(expected);
  });

  it("has no id and no account if the log has none", () => {
    const raw = without(
      record({ eventName: "CreateRole", requestParameters: { roleName: "app" } }),
      "eventID",
      "recipientAccountId",
    );
    const line = replayRecord({ ...raw, userIdentity: null, eventTime: "..." });
    expect(line.eventId).toBeNull();
    expect(line.hints[0]?.subject).toEqual({ kind: "role", account: null, name: "app" });
  });

  it("is refused if it is none, or forged", () => {
    for (const value of [null, 1, "x", [], {}, { Records: [] }, { detail: {}, "detail-type": "x" }]) {
      expect(() => replayRecord(value)).toThrow(MalformedInputError);
    }
    expect(() => replayRecord(envelope(record(), { account: "999988887777" }))).toThrow(ForgedEventError);
  });

  it("knows the session that an earlier AssumeRoot record made", () => {
    const replay = createReplayer();
    const accessKeyId = "ASIAEXAMPLECENTRAL01";
    const call = record({
      userIdentity: root({ accessKeyId }),
      eventName: "DeleteLoginProfile",
      requestParameters: null,
    });
    const assumeRoot = record({
      eventSource: "sts.amazonaws.com",
      eventName: "AssumeRoot",
      userIdentity: assumedRole,
      responseElements: { credentials: { accessKeyId } },
    });
    expect(replay(call).activity).toMatchObject([{ control: "root-activity", severity: "critical" }]);
    expect(replay(assumeRoot)).toMatchObject({ delivered: true, hints: [], activity: [] });
    expect(replay(call).activity).toMatchObject([{ control: "root-activity", severity: "medium" }]);
  });

  it("is judged by the controls that are on", () => {
    const hinted = (...ids: readonly string[]) => ids.map((id) => on(id, "role", "app"));
    const defaults = defaultSettings();
    const off = { mode: "off", options: {}, ladder: [] } as const;
    const settings = {
      ...defaults,
      controls: { ...defaults.controls, "root-activity": off, "role-without-boundary": off },
    };
    const replay = createReplayer(settings);
    const raw = record({ userIdentity: root(), eventName: "CreateRole", requestParameters: { roleName: "app" } });
    expect(replay(raw)).toMatchObject({
      delivered: true,
      hints: hinted(
        "admin-policy",
        "assume-any-role",
        "external-trust-without-external-id",
        "oidc-trust-unscoped",
        "oidc-trust-without-audience",
        "policy-near-size-limit",
        "privilege-escalation-path",
        "role-with-unapproved-boundary",
        "service-trust-confused-deputy",
        "service-wide-policy",
        "trust-open-to-anyone",
        "unused-role",
      ),
      activity: [],
    });
  });

  it("is judged the same again, whatever it is, or refused with a WardenError", () => {
    const changed = fc
      .dictionary(
        fc.constantFrom(...Object.keys(record())),
        fc.anything({ withNullPrototype: true, withDate: true, withMap: true }),
        { maxKeys: 3 },
      )
      .map((change) => record(change));
    fc.assert(
      fc.property(
        fc.oneof(
          changed,
          changed.map((raw) => envelope(raw)),
          fc.anything(),
        ),
        (value) => {
          const judge = (): string => {
            try {
              return JSON.stringify(createReplayer()(value));
            } catch (error) {
              if (!(error instanceof WardenError)) throw error;
              return error.message;
            }
          };
          expect(judge()).toBe(judge());
        },
      ),
    );
  });
});

describe("a log", () => {
  const a = record({ eventID: "a" });
  const b = record({ eventID: "b" });
  const c = envelope(record({ eventID: "c" }));
  const lines = [a, b, c].map((value) => JSON.stringify(value)).join("\n");
  const formats: Record<string, string | Uint8Array> = {
    "JSON Lines": lines,
    "a CloudTrail log file": JSON.stringify({ Records: [a, b, c] }),
    "a printed one": JSON.stringify({ Records: [a, b, c] }, null, 2),
    "printed records": [a, b, c].map((value) => JSON.stringify(value, null, 4)).join("\n"),
    "a list": JSON.stringify([a, b, c]),
    gzip: gzipSync(lines),
    "gzip of a CloudTrail log file": gzipSync(JSON.stringify({ Records: [a, b, c] })),
    "several gzip files after each other": Buffer.concat([
      gzipSync(`${JSON.stringify(a)}\n`),
      gzipSync(`${JSON.stringify(b)}\n${JSON.stringify(c)}`),
    ]),
    "text with a byte order mark": `\uFEFF${lines}`,
  };
  it.each(Object.entries(formats))("is read as %s", async (_, log) => {
    expect(await ids(log)).toEqual(["a", "b", "c"]);
  });

  it.each(Object.entries(formats))("is read as %s, a byte at a time", async (_, log) => {
    const bytes = typeof log === "string" ? new TextEncoder().encode(log) : log;
    expect(await ids(new Uint8Array(), ...Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(["a", "b", "c"]);
  });

  it("may be empty", async () => {
    expect(await ids()).toEqual([]);
    expect(await ids("")).toEqual([]);
    expect(await ids(gzipSync(""))).toEqual([]);
    expect(await ids('{"Records":[]}')).toEqual([]);
  });

  it("keeps text that a chunk cuts through", async () => {
    const raw = record({ eventName: "DeleteUser", requestParameters: { userName: "zoë‮𝒳" } });
    const bytes = new TextEncoder().encode(JSON.stringify(raw));
    const [line] = await replayed(...Array.from(bytes, (byte) => Uint8Array.of(byte)));
    expect(line).toMatchObject({
      hints: expect.arrayContaining([
        expect.objectContaining({ subject: { account: "111122223333", kind: "user", name: "zoë‮𝒳" } }),
      ]),
    });
  });

  it("tells what cannot be read, with its line, and loses nothing else", async () => {
    const nesting = `{"eventName":${"[".repeat(500_000)}${"]".repeat(500_000)}}`;
    const log = [
      JSON.stringify(a),
      "not JSON",
      '{"eventID":}',
      JSON.stringify({ ...a, eventName: 5 }),
      JSON.stringify(a).slice(0, -20),
      nesting,
      JSON.stringify(envelope(record(), { account: "999988887777" })),
      JSON.stringify(b),
      "{}",
      JSON.stringify(c),
    ].join("\n");
    const found = await ids(log);
    expect(found).toEqual([
      "a",
      { line: 2, error: expect.stringMatching(/^not JSON: /) },
      { line: 3, error: expect.stringMatching(/^not JSON: /) },
      { line: 4, error: expect.stringMatching(/^record: eventName: /) },
      { line: 5, error: expect.stringMatching(/^not JSON: /) },
      { line: 6, error: "record: nested deeper than 128 levels" },
      { line: 7, error: expect.stringMatching(/^event from account 999988887777/) },
      "b",
      { line: 9, error: expect.stringMatching(/^record: eventName: /) },
      "c",
    ]);
  });

  it("tells each broken record of a list alone", async () => {
    const log = JSON.stringify({ Records: [a, { eventVersion: 5 }, null, b, { x: [] }, b] });
    const found = await ids(log);
    expect(found.filter((item) => typeof item === "string")).toEqual(["a", "b", "b"]);
    expect(found.filter((item) => typeof item !== "string")).toHaveLength(3);
  });

  it("is read up to where gzip data break off", async () => {
    const zipped = gzipSync(lines.repeat(50));
    const found = await ids(zipped.subarray(0, zipped.length - 12));
    expect(found.slice(0, 2)).toEqual(["a", "b"]);
    expect(found.at(-1)).toEqual({ line: expect.any(Number), error: "damaged gzip data: unexpected end of file" });
    expect(await ids(Uint8Array.of(0x1f, 0x8b, 1, 2, 3))).toEqual([
      { line: 1, error: expect.stringMatching(/^damaged gzip data/) },
    ]);
  });

  it("passes on an error of whatever reads it", async () => {
    const broken = (async function* () {
      yield gzipSync(lines).subarray(0, 30);
      throw new Error("disk");
    })();
    await expect(Array.fromAsync(replayLog(broken, replayRecord))).rejects.toThrow("disk");
  });

  it("is not read further than it is asked for", async () => {
    let chunks = 0;
    const endless = (async function* () {
      for (;;) {
        chunks += 1;
        yield new TextEncoder().encode(`${lines}\n`);
      }
    })();
    const found: unknown[] = [];
    for await (const line of replayLog(endless, replayRecord)) {
      found.push(line);
      if (found.length === 7) break;
    }
    expect(chunks).toBeLessThanOrEqual(4);
  });
});
