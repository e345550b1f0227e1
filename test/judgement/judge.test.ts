import { describe, expect, test } from "vitest";
import { judges, stateControls } from "../../shared/controls/catalogue.ts";
import { known, unknownFact } from "../../shared/facts/facts.ts";
import { judge } from "../../shared/judgement/judge.ts";
import { parseSettings } from "../../shared/settings/parse-yaml.ts";
import { defaultSettings } from "../../shared/settings/settings.ts";
import {
  accessKeyFacts,
  account,
  consolePassword,
  daysAgo,
  now,
  roleFacts,
  rootFacts,
  userFacts,
} from "../support/facts.ts";
import { allow, trusting } from "../support/trust.ts";

const asOf = daysAgo(0.001);

const alice = userFacts({
  name: "alice",
  console: consolePassword(),
  accessKeys: known([
    accessKeyFacts({ userName: "alice", id: known("AKIA1"), createdAt: daysAgo(300) }),
    accessKeyFacts({ userName: "alice", id: known("AKIA2"), active: false }),
  ]),
});
const { arn } = alice;

const judged = (facts: Parameters<typeof judge>[0], settings = defaultSettings()) =>
  judge(facts, settings, { asOf, now });
const short = (judgements: ReturnType<typeof judged>) =>
  judgements.map(({ control, subject, verdict }) => [control, subject.accessKeyId ?? subject.name, verdict.outcome]);

const userControls = stateControls.filter(judges("user")).map(({ id }) => id);
const keyControls = stateControls.filter(judges("accessKey")).map(({ id }) => id);

const isMfa = ({ control }: { readonly control: string }) => control === "console-user-without-mfa";

describe("judging", () => {
  test("a user judges its keys too, control by control and key by key", () => {
    expect(short(judged(alice)).map(([control, name]) => [control, name])).toEqual([
      ...userControls.map((control) => [control, "alice"]),
      ...["AKIA1", "AKIA2"].flatMap((id) => keyControls.map((control) => [control, id])),
    ]);
    expect([...userControls, ...keyControls]).toEqual(
      expect.arrayContaining(["console-user-without-mfa", "stale-access-key", "unused-access-key"]),
    );
  });

  test("takes the settings of the OU or account that the subject is in", () => {
    const settings = parseSettings(
      `version: 1
controls:
  console-user-without-mfa: { scopes: [{ ou: Root/Sandbox, mode: off }] }
  stale-access-key: { scopes: [{ account: "${account.id}", options: { maxAgeDays: 400 } }] }
`,
      "f",
    );
    const outcomes = (ouPath: string) => {
      const inOu = { ...account, ouPath };
      const keys = alice.accessKeys.known ? alice.accessKeys.value.map((key) => ({ ...key, account: inOu })) : [];
      return short(judged({ ...alice, account: inOu, accessKeys: known(keys) }, settings));
    };
    const isMfa = ([control]: readonly string[]) => control === "console-user-without-mfa";
    expect(outcomes("Root/Workloads").filter(isMfa)).toEqual([["console-user-without-mfa", "alice", "violation"]]);
    expect(outcomes("Root/Sandbox/Team").filter(isMfa)).toEqual([]);
    expect(outcomes("Root/Workloads")).toContainEqual(["stale-access-key", "AKIA1", "compliant"]);
    expect(short(judged(alice))).toContainEqual(["stale-access-key", "AKIA1", "violation"]);
  });

  test("says what a judgement rests on", () => {
    expect(judged(alice).find(isMfa)).toEqual({
      control: "console-user-without-mfa",
      severity: "high",
      account,
      subject: { kind: "user", name: "alice", arn },
      principalId: alice.id,
      verdict: { outcome: "violation", reason: expect.any(String), evidence: expect.any(Object) },
      asOf,
    });
  });

  test("takes a violation's own severity before the control's", () => {
    const provider = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com";
    const severityOf = (sub: string) => {
      const trust = allow(
        { Federated: provider },
        {
          Action: "sts:AssumeRoleWithWebIdentity",
          Condition: { StringLike: { "token.actions.githubusercontent.com:sub": sub } },
        },
      );
      const found = judge(trusting(trust), defaultSettings(), { asOf, now });
      return found.find(({ control }) => control === "oidc-trust-unscoped")?.severity;
    };
    expect(["repo:*", "repo:acme/*", "repo:acme/app:*"].map(severityOf)).toEqual(["critical", "low", "critical"]);
  });

  test("keys that could not be read makes every key control unknown, once", () => {
    const judgements = judged({ ...alice, accessKeys: unknownFact("iam:ListAccessKeys was denied") });
    const ofKeys = judgements.filter(({ subject }) => subject.kind === "accessKey");
    expect(ofKeys.map(({ control }) => control)).toEqual(keyControls);
    for (const { verdict, subject } of ofKeys) {
      expect(verdict).toEqual({
        outcome: "unknown",
        reason: "Cannot tell which access keys user alice has: iam:ListAccessKeys was denied",
        cause: "iam:ListAccessKeys was denied",
      });
      expect(subject).toEqual({ kind: "accessKey", name: "alice", arn });
    }
  });

  test("leaves out what the settings turn off", () => {
    const settings = defaultSettings();
    const off = {
      ...settings,
      controls: { ...settings.controls, [String(userControls[0])]: { mode: "off", options: {}, ladder: [] } },
    } as const;
    expect(judged(alice, off)).toEqual(judged(alice).slice(1));
  });

  test("takes a control that fails for unknown, and goes on", () => {
    const broken = {
      ...alice,
      get mfaActive(): never {
        throw new RangeError("broken");
      },
    };
    const judgements = judged(broken);
    expect(judgements.map(({ control }) => control)).toEqual(judged(alice).map(({ control }) => control));
    expect(judgements.find(isMfa)?.verdict).toEqual({
      outcome: "unknown",
      reason: "The control console-user-without-mfa failed: RangeError: broken",
      cause: "The control console-user-without-mfa failed: RangeError: broken",
    });
    const isOther = (one: (typeof judgements)[number]) => !isMfa(one);
    expect(judgements.filter(isOther)).toEqual(judged(alice).filter(isOther));
  });

  test.each([roleFacts(), rootFacts()])("a $kind names it", (facts) => {
    const judgements = judged(facts);
    expect(judgements.map(({ control }) => control)).toEqual(
      stateControls
        .filter(judges(facts.kind))
        .filter(({ isOffByDefault }) => !isOffByDefault)
        .map(({ id }) => id),
    );
    expect(judgements.length).toBeGreaterThan(0);
    const name = facts.kind === "role" ? facts.name : "root";
    for (const { subject } of judgements) expect(subject).toEqual({ kind: facts.kind, name, arn: facts.arn });
  });
});
