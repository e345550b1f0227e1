import { execFileSync } from "node:child_process";
import { known } from "../../shared/facts/facts.ts";
import { type Finding, findingId } from "../../shared/findings/finding.ts";
import type { AccountSweep, FindingStore } from "../../shared/findings/store.ts";
import type { Verification } from "../../shared/judgement/verifications.ts";

export const hubAccount = { id: "111122223333", name: "payments-prod", ouPath: "Root/Workloads/Prod" };

/** An open, delivered finding at version 1 about the user `alice`, with whatever is given instead. */
export const aFinding = (changes: Partial<Finding> = {}): Finding => {
  const account = changes.account ?? hubAccount;
  const control = changes.control ?? "console-user-without-mfa";
  const subject = changes.subject ?? {
    kind: "user",
    name: "alice",
    arn: `arn:aws:iam::${account.id}:user/alice`,
  };
  return {
    id: findingId(account.id, control, subject),
    account,
    control,
    severity: "high",
    subject,
    status: "open",
    reason: `${subject.name} can sign in to the console with a password alone`,
    evidence: { console: true, mfaDevices: 0 },
    openedAt: "2026-11-03T02:13:05.000Z",
    observedAt: "2026-11-03T02:13:05.000Z",
    history: [{ at: "2026-11-03T02:13:05.000Z", what: "opened" }],
    outbox: [],
    version: 1,
    ...changes,
  };
};

/** An open finding about a user of that name. */
export const findingAbout = (name: string, changes: Partial<Finding> = {}): Finding =>
  aFinding({
    ...changes,
    subject: { kind: "user", name, arn: `arn:aws:iam::${(changes.account ?? hubAccount).id}:user/${name}` },
  });

/** A user whom a stale report accuses of everything and who was read live, with whatever is given instead. */
export const aVerification = (changes: Partial<Verification> = {}): Verification => ({
  userId: "AIDAEXAMPLE",
  at: new Date("2026-11-03T07:00:00.123Z"),
  unverified: ["unused-access-key@1790000000"],
  plan: {
    parts: new Set(["loginProfile", "passwordLastUsed", "mfaDevices", "accessKeys", "accessKeyLastUsed"]),
    lastUsedOf: new Set([1_780_000_000]),
  },
  live: {
    loginProfile: known({ enabled: true, createdAt: known(new Date("2026-01-02T03:04:05.000Z")) }),
    passwordLastUsedAt: known(null),
    mfaActive: known(true),
    accessKeys: known([
      { id: "AKIAONE", active: true, createdAt: new Date("2026-05-28T20:26:40.000Z"), lastUsedAt: known(null) },
      { id: "AKIATWO", active: false, createdAt: new Date("2026-09-21T13:20:00.000Z") },
    ]),
  },
  ...changes,
});

/** The finding as a later version of the program might store it: this one cannot read it. */
export const unreadable = (finding: Finding): Finding => ({
  ...finding,
  severity: "apocalyptic" as Finding["severity"],
});

/** The result of a sweep, likewise. */
export const unreadableSweep = (sweep: AccountSweep): AccountSweep => ({
  ...sweep,
  status: "postponed" as AccountSweep["status"],
});

/** Names that nobody should be able to do anything with. */
export const hostileNames: Readonly<Record<string, string>> = {
  script: "<script>alert(1)</script>",
  bold: "*bold*",
  underscores: "_it_ ~gone~",
  channel: "<!channel>",
  mention: "<@U123>",
  here: "@here",
  backticks: "``` `x` ```",
  link: "[log in](https://evil.example/login)",
  slackLink: "<https://evil.example|AWS console>",
  url: "https://evil.example/login",
  newlines: "a\r\nSeverity: none\nb",
  rightToLeft: "gpj.\u202eexe\u202c",
  zeroWidth: "ad\u200bm\u2060in\ufeff",
  ansi: "\u001b[31mred\u001b[0m\u0007",
  nul: "a\u0000b",
  quotes: "'; rm -rf ~; echo '\"$(id)`id`",
  keys: "ACCOUNT#1/FINDING#2",
  emoji: "🔑 Schlüssel 東京",
  long: "x".repeat(10_000),
};

/** What no channel may be given: controls, invisible and direction-changing characters, halves of pairs. */
export const invisible = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

/** What a script prints in a bash that knows nothing of this machine. */
export const runInBash = (script: string): string =>
  execFileSync("bash", ["--norc", "--noprofile", "-c", script], {
    env: { LC_ALL: "C.UTF-8", PATH: "/usr/bin:/bin" },
    cwd: "/",
    stdio: ["ignore", "pipe", "inherit"],
  }).toString("utf8");

/** A store that counts how often a single finding is read and written. */
export const countingStore = (store: FindingStore): FindingStore & { readonly calls: { get: number; put: number } } => {
  const calls = { get: 0, put: 0 };
  return {
    ...store,
    calls,
    get: (accountId, id) => {
      calls.get += 1;
      return store.get(accountId, id);
    },
    put: (finding) => {
      calls.put += 1;
      return store.put(finding);
    },
  };
};

/** Who did it, as an event says. */
export const actor = {
  arn: "arn:aws:sts::111122223333:assumed-role/PlatformAdmin/bea",
  type: "AssumedRole",
  eventName: "CreateLoginProfile",
  eventId: "e-1",
  at: "2026-11-03T02:12:41.000Z",
  sourceIPAddress: "198.51.100.7",
  region: "us-east-1",
};
