import { describe, expect, it } from "vitest";
import { synthesize, type Templates } from "../../sandbox/cloudformation/synthesize.ts";
import { choose } from "../../sandbox/mutation/choose.ts";
import { mutationsOf } from "../../sandbox/mutation/mutations.ts";
import { parseOptions } from "../../sandbox/mutation/options.ts";
import { reasons } from "../../sandbox/mutation/reasons.ts";
import { mutated, templateOf } from "../../sandbox/mutation/template-text.ts";
import { scenarioSettings } from "../../sandbox/scenario/settings.ts";

const templates = synthesize(scenarioSettings);
const all = mutationsOf(templates);
const everything = { only: "", whole: false, explained: true, sample: undefined, seed: 1 };

/** The templates after one mutation, by what only its name ends with. */
const taken = (end: string): Templates => {
  const found = all.filter(({ id }) => id.endsWith(end));
  expect(found).toHaveLength(1);
  const copy = structuredClone(templates);
  found[0]?.apply(copy);
  return copy;
};
const textsOf = (of: Templates): readonly string[] => mutated.map((name) => JSON.stringify(templateOf(of, name)));

describe("what is taken away", () => {
  it("is something, from one template alone", () => {
    const before = textsOf(templates);
    for (const { id, apply } of all.filter((_, index) => index % 9 === 0)) {
      const copy = structuredClone(templates);
      apply(copy);
      const changed = textsOf(copy).filter((text, index) => text !== before[index]);
      // The members' template is a text in the hub's.
      expect({ id, changed: changed.length }).toEqual({ id, changed: id.startsWith("member:") ? 2 : 1 });
    }
  });

  it("is a statement, and each of its actions by itself", () => {
    const statementsOf = (of: Templates): readonly string[] => {
      const roles = Object.values(templateOf(of, "member").Resources).filter(({ Type }) => Type === "AWS::IAM::Role");
      return roles.flatMap(({ Properties }) =>
        Object(Properties).Policies.flatMap(
          (policy: { PolicyDocument: { Statement: { Sid: string; Action: string[] }[] } }) =>
            policy.PolicyDocument.Statement.map(({ Sid, Action }) => `${Sid} ${Action.length}`),
        ),
      );
    };
    const before = statementsOf(templates);
    const reads = before.find((one) => one.startsWith("ReadTrails"));
    expect(reads).toBe("ReadTrails 2");
    const less = taken("member: iam-warden-audit: without ReadTrails, of that cloudtrail:GetTrailStatus");
    expect(statementsOf(less)).toEqual(before.map((one) => (one === reads ? "ReadTrails 1" : one)));
  });

  it("is disabled where others refer to it", () => {
    const without = templateOf(taken("member: without AWS::Events::Rule ForwardingRuleiamchanges1"), "member");
    const states = Object.values(without.Resources).flatMap(({ Type, Properties }) =>
      Type === "AWS::Events::Rule" ? [Object(Properties).State] : [],
    );
    expect(states.filter((state) => state === "DISABLED")).toHaveLength(1);
  });
});

describe("a guardrail", () => {
  const scps = (of: Templates) =>
    Object.values(of.guardrails.Resources).map(({ Properties }) => ({
      isAttached: Object(Properties).TargetIds !== undefined,
      actions: Object(Properties).Content.Statement.map(
        ({ Sid, Action }: { Sid: string; Action: string[] }) => `${Sid} ${Action.length}`,
      ),
    }));

  it("is attached nowhere, or loses a statement, or an action of one", () => {
    const [root, own, boundary] = scps(templates);
    expect(scps(taken("guardrails: without AWS::Organizations::Policy DenyRoot"))[0]).toEqual({
      ...root,
      isAttached: false,
    });
    expect(scps(taken("guardrail ProtectIamWarden: without the denial of ProtectTags"))[1]?.actions).toEqual(
      own?.actions.slice(0, 1),
    );
    const less = taken("guardrail RequireBoundary: without the denial of RequireBoundary, of that iam:AcquireRole");
    expect(scps(less)[2]?.actions).toEqual(boundary?.actions.with(0, "RequireBoundary 2"));
  });
});

describe("a sample", () => {
  const sample = (seed: number) => choose(all, { ...everything, sample: 20, seed }).map(({ id }) => id);

  it("is the same for the same seed, has nothing twice, and differs by seed", () => {
    expect(sample(1)).toEqual(sample(1));
    expect(new Set(sample(1)).size).toBe(20);
    expect(sample(1)).not.toEqual(sample(2));
  });

  it("leaves out what has a reason, unless that is asked for", () => {
    const tried = choose(all, { ...everything, explained: false });
    expect(tried.length).toBeLessThan(all.length);
    expect(tried.filter(({ id }) => reasons.some(({ of }) => of.test(id)))).toEqual([]);
  });
});

it("has no reason for what nobody takes away", () => {
  expect(reasons.filter(({ of }) => !all.some(({ id }) => of.test(id))).map(({ why }) => why)).toEqual([]);
});

describe("npm run mutate", () => {
  const defaults = { help: false, list: false, ...everything, explained: false, processes: 2 };
  it.each([
    [[], defaults],
    [["--sample", "40", "--seed", "7"], { ...defaults, sample: 40, seed: 7 }],
    [["--only", "queue", "--whole"], { ...defaults, only: "queue", whole: true }],
  ])("takes %j", (args, options) => {
    expect(parseOptions(args)).toEqual(options);
  });

  it.each([
    [["--sample", "0"], "--sample takes a whole number from 1"],
    [["--seed", "many"], "not many"],
    [["--processes", "0"], "--processes takes a whole number from 1"],
    [["--fast"], "--fast"],
  ])("refuses %j", (args, message) => {
    expect(parseOptions(args)).toContain(message);
  });
});
