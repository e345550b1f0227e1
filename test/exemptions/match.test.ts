import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Exemption, endExemption } from "../../shared/exemptions/exemption.ts";
import { type Excusable, exemptionFor } from "../../shared/exemptions/match.ts";
import { newExemption } from "../../shared/exemptions/new-exemption.ts";
import type { SubjectRef } from "../../shared/subject.ts";
import { anExemption, caller, days, now } from "./exemptions.ts";

const prod = { id: "111122223333", ouPath: "Root/Workloads/Prod" };
const keyOf = (name: string, accessKeyId = "AKIAIOSFODNN7EXAMPLE"): SubjectRef => ({
  kind: "accessKey",
  name,
  accessKeyId,
});
const staleKey = (changes: Partial<Excusable> = {}): Excusable => ({
  control: "stale-access-key",
  account: prod,
  subject: keyOf("ci-build"),
  ...changes,
});
const excused = (exemption: Exemption, who: Excusable, at = now): boolean =>
  exemptionFor([exemption], who, at) === exemption;

describe("the control", () => {
  it("is one of those named", () => {
    const exemption = anExemption({ controls: ["stale-access-key", "unused-access-key"] });
    expect(excused(exemption, staleKey())).toBe(true);
    expect(excused(exemption, staleKey({ control: "unused-access-key" }))).toBe(true);
    for (const control of [
      "two-active-access-keys",
      "Stale-access-key",
      "stale-access",
      "all",
      "__proto__",
      "length",
      "",
    ])
      expect(excused(exemption, staleKey({ control }))).toBe(false);
  });

  it("is any where all are meant, of that subject alone", () => {
    const scope = { account: prod.id };
    const exemption = anExemption({ controls: "all", scope, subject: { kind: "user", pattern: "alice" } });
    const of = (subject: SubjectRef) =>
      excused(exemption, { control: "unused-console-password", account: prod, subject });
    expect(of({ kind: "user", name: "alice" })).toBe(true);
    expect(of({ kind: "user", name: "bob" })).toBe(false);
    expect(of({ kind: "root", name: "root" })).toBe(false);
    expect(of(keyOf("alice"))).toBe(false);
  });
});

describe("the scope", () => {
  const inOu = (ou: string, ouPath: string | undefined): boolean =>
    excused(
      anExemption({ scope: { ou } }),
      staleKey({ account: { id: prod.id, ...(ouPath !== undefined && { ouPath }) } }),
    );

  it.each([
    ["the OU itself", "Root/Prod", "Root/Prod", true],
    ["an OU below", "Root/Prod", "Root/Prod/Cards", true],
    ["three below", "Root/Prod", "Root/Prod/Cards/Core/Eu", true],
    ["from the root", "Root", "Root/Prod/Cards", true],
    ["the root itself", "Root", "Root", true],
    ["the OU above", "Root/Prod", "Root", false],
    ["a name that begins alike", "Root/Prod", "Root/Production", false],
    ["a name that it begins", "Root/Production", "Root/Prod", false],
    ["below a name that begins alike", "Root/Prod", "Root/Prod2/Cards", false],
    ["another root", "Root/Prod", "Root2/Prod", false],
    ["that name elsewhere", "Root/Prod", "Root/Other/Root/Prod", false],
    ["another case", "Root/Prod", "Root/prod", false],
    ["a look-alike", "Root/Prod", "Root/Pr\u043ed", false],
    ["a slash within a name", "Root/Prod", "Root%2FProd", false],
    ["a star is a name", "Root/*", "Root/Prod", false],
    ["an unknown OU", "Root", undefined, false],
    ["an empty OU", "Root", "", false],
  ])("%s: %j and an account in %j", (_name, ou, ouPath, expected) => expect(inOu(ou, ouPath)).toBe(expected));

  it("is the account alone, wherever it is and even if nobody knows where", () => {
    const exemption = anExemption({ scope: { account: prod.id } });
    expect(excused(exemption, staleKey())).toBe(true);
    expect(excused(exemption, staleKey({ account: { id: prod.id } }))).toBe(true);
    expect(excused(exemption, staleKey({ account: { ...prod, id: "444455556666" } }))).toBe(false);
  });

  it("is every account for the organization", () => {
    const exemption = anExemption({ scope: { organization: true } });
    expect(excused(exemption, staleKey())).toBe(true);
    expect(excused(exemption, staleKey({ account: { id: "444455556666" } }))).toBe(true);
  });

  it("follows an account that moves to where it is now", () => {
    const left = anExemption({ scope: { ou: "Root/Workloads/Prod" } });
    const entered = anExemption({ scope: { ou: "Root/Suspended" } });
    const moved = staleKey({ account: { id: prod.id, ouPath: "Root/Suspended" } });
    expect(exemptionFor([left, entered], staleKey(), now)).toBe(left);
    expect(exemptionFor([left, entered], moved, now)).toBe(entered);
    expect(exemptionFor([left], moved, now)).toBeUndefined();
  });
});

describe("the subject", () => {
  const meant = (pattern: string, subject: SubjectRef): boolean =>
    excused(anExemption({ subject: { kind: "accessKey", pattern } }), staleKey({ subject }));

  it.each<[string, string, SubjectRef, boolean]>([
    ["an exact name", "ci-build", keyOf("ci-build"), true],
    ["a name that it begins", "ci-build", keyOf("ci-build2"), false],
    ["a name that it ends", "ci-build", keyOf("my-ci-build"), false],
    ["a pattern", "ci-*", keyOf("ci-build"), true],
    ["nothing for its star", "ci-*", keyOf("ci-"), true],
    ["a pattern in the middle", "*-ci-*", keyOf("eu-ci-build"), true],
    ["another case", "ci-build", keyOf("CI-build"), false],
    ["another case, by pattern", "ci-*", keyOf("Ci-build"), false],
    ["a dot is a dot", "ci.build", keyOf("cixbuild"), false],
    ["a plus is a plus", "ci+build", keyOf("ciibuild"), false],
    ["the letters of expressions as they are", "ci.b+x@a,b=c", keyOf("ci.b+x@a,b=c"), true],
    ["a name of a star", "ci-*", keyOf("*"), false],
    ["a star within a name", "ci-*", keyOf("ci-*"), false],
    ["a question mark within a name", "ci-*", keyOf("ci-?"), false],
    ["a line break at the end", "ci-build", keyOf("ci-build\n"), false],
    ["a line break, by pattern", "ci-*", keyOf("ci-build\nroot"), false],
    ["a mark that turns text", "ci-*", keyOf("ci-\u202edliub"), false],
    ["an invisible character", "ci-*", keyOf("ci-\u200bbuild"), false],
    ["a look-alike", "ci-*", keyOf("ci-\u0431uild"), false],
    ["a longer name than IAM gives", "ci-*", keyOf(`ci-${"x".repeat(126)}`), false],
    ["no name", "ci-*", keyOf(""), false],
    ["a name that objects have", "__proto__", keyOf("__proto__"), true],
    ["such a name for another", "constructor", keyOf("ci-build"), false],
    ["a key by its id", "AKIAIOSFODNN7EXAMPLE", keyOf("whoever"), true],
    ["another key of that user", "AKIAIOSFODNN7EXAMPLE", keyOf("whoever", "AKIAIOSFODNN7EXAMPL2"), false],
    ["a key whose id is not known", "AKIAIOSFODNN7EXAMPLE", { kind: "accessKey", name: "whoever" }, false],
    ["a user named like a key", "AKIAIOSFODNN7EXAMPLE", keyOf("AKIAIOSFODNN7EXAMPLE", "AKIAI44QH8DHBEXAMPLE"), false],
    ["no ids by pattern", "AKIAIOSF*", keyOf("whoever"), false],
    ["the user of the key", "ci-build", { kind: "user", name: "ci-build" }, false],
    ["a role of that name", "ci-build", { kind: "role", name: "ci-build" }, false],
  ])("%s: %j", (_name, pattern, subject, expected) => expect(meant(pattern, subject)).toBe(expected));

  it("is everybody whom the controls judge where none is named", () => {
    expect(excused(anExemption({ subject: undefined }), staleKey({ subject: keyOf("whoever") }))).toBe(true);
  });

  it("of the same name in another account is another", () => {
    const exemption = anExemption({ scope: { account: prod.id }, subject: { kind: "accessKey", pattern: "ci-build" } });
    expect(excused(exemption, staleKey({ account: { id: "444455556666", ouPath: prod.ouPath } }))).toBe(false);
  });

  it("of root is the root user or the sessions of central root access", () => {
    const control = "root-activity";
    const of = (pattern: string, name: string) =>
      excused(anExemption({ controls: [control], scope: { account: prod.id }, subject: { kind: "root", pattern } }), {
        control,
        account: prod,
        subject: { kind: "root", name },
      });
    expect([of("root", "root"), of("root", "root-session")]).toEqual([true, false]);
    expect([of("root-session", "root"), of("root-session", "root-session")]).toEqual([false, true]);
    expect([of("root*", "root"), of("root*", "root-session")]).toEqual([true, true]);
  });

  it("is never told by tags, whatever somebody tagged it with", () => {
    const tagged = { ...keyOf("mallory"), tags: { exempt: "true", "iam-warden:exempt": "ci-*" }, exempt: true };
    expect(excused(anExemption(), staleKey({ subject: tagged }))).toBe(false);
  });

  it("is compared without taking forever over a hostile pattern", () => {
    const name = "a".repeat(128);
    const refusedToday: Exemption = {
      ...anExemption(),
      subject: { kind: "accessKey", pattern: `${"*a".repeat(60)}*b` },
    };
    const allowed = anExemption({ subject: { kind: "accessKey", pattern: `${"*aaa".repeat(31)}*b` } });
    for (const exemption of [refusedToday, allowed])
      expect(excused(exemption, staleKey({ subject: keyOf(name) }))).toBe(false);
  });
});

describe("the time", () => {
  it("is before the end, and no moment later", () => {
    const exemption = anExemption({ until: days(1).toISOString() });
    expect(excused(exemption, staleKey(), new Date(days(1).getTime() - 1))).toBe(true);
    expect(excused(exemption, staleKey(), days(1))).toBe(false);
    expect(excused({ ...exemption, until: "whenever" }, staleKey())).toBe(false);
  });

  it("is not after somebody ended it", () => {
    const ended = endExemption(anExemption(), { by: caller, now: days(2) });
    expect(excused(ended, staleKey(), days(1))).toBe(false);
    expect(excused(ended, staleKey(), days(3))).toBe(false);
  });
});

describe("of several", () => {
  const longer = anExemption({ until: days(60).toISOString() }, days(-1));
  const shorter = anExemption({ until: days(20).toISOString() }, days(-2));
  const later = anExemption({ until: days(60).toISOString() });

  it("the one that lasts longest counts, then the one made first", () => {
    expect(exemptionFor([shorter, later, longer], staleKey(), now)).toBe(longer);
    expect(exemptionFor([shorter, later], staleKey(), now)).toBe(later);
    expect(exemptionFor([later, shorter], staleKey(), now)).toBe(later);
  });

  it("one that does not apply hides none that does", () => {
    const ended = endExemption(longer, { by: caller, now });
    const other = anExemption({ scope: { account: "444455556666" }, until: days(300).toISOString() });
    expect(exemptionFor([ended, other, shorter], staleKey(), now)).toBe(shorter);
  });
});

describe("whatever the exemptions", () => {
  const ou = fc.array(fc.constantFrom("A", "B", "AB"), { maxLength: 3 }).map((names) => ["Root", ...names].join("/"));
  const accountId = fc.constantFrom("111122223333", "444455556666");
  const name = fc.constantFrom("ci-build", "ci-deploy", "my-ci-x", "alice");
  const scope = fc.oneof(
    fc.record({ ou }),
    fc.record({ account: accountId }),
    fc.constant({ organization: true as const }),
  );
  const exemption = fc
    .record({
      scope,
      pattern: fc.constantFrom("ci-*", "*ci-*", "ci-build", "*alice"),
      controls: fc.constantFrom(["stale-access-key"], ["unused-access-key"], ["stale-access-key", "unused-access-key"]),
      lasts: fc.integer({ min: 1, max: 5 }),
      made: fc.integer({ min: -4, max: 0 }),
      endedEarly: fc.boolean(),
    })
    .map(({ scope: where, pattern, controls, lasts, made, endedEarly }) => {
      const at = days(made);
      const subject = { kind: "accessKey", pattern };
      const one = anExemption({ scope: where, subject, controls, until: days(lasts, at).toISOString() }, at);
      return endedEarly ? endExemption(one, { by: caller, now: at }) : one;
    });
  const exemptions = fc.array(exemption, { maxLength: 8 });
  const who = fc.record({
    control: fc.constantFrom("stale-access-key", "unused-access-key"),
    account: fc.record({ id: accountId, ouPath: ou }, { requiredKeys: ["id"] }),
    subject: name.map((user) => keyOf(user)),
  });

  it("their order does not count", () => {
    const shuffled = exemptions.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
    );
    fc.assert(
      fc.property(shuffled, who, ([all, other], one) => {
        expect(exemptionFor(other, one, now)).toEqual(exemptionFor(all, one, now));
      }),
    );
  });

  it("taking one away excuses nobody more, and adding one nobody less", () => {
    const some = exemptions.chain((all) => fc.tuple(fc.constant(all), fc.subarray(all)));
    fc.assert(
      fc.property(some, who, ([all, fewer], one) => {
        const by = exemptionFor(fewer, one, now);
        if (by !== undefined) expect(exemptionFor(all, one, now)).toBeDefined();
        if (by !== undefined)
          expect(Date.parse(exemptionFor(all, one, now)?.until ?? "")).toBeGreaterThanOrEqual(Date.parse(by.until));
      }),
    );
  });

  it("somebody is excused if and only if one of them, read by other means, says so", () => {
    const holds = ({ scope: where }: Exemption, { account }: Excusable): boolean => {
      if ("account" in where) return where.account === account.id;
      if (!("ou" in where)) return true;
      const names = account.ouPath?.split("/") ?? [];
      return where.ou.split("/").every((segment, index) => names[index] === segment);
    };
    const says = (one: Exemption, { control, subject }: Excusable): boolean =>
      one.endedAt === undefined &&
      one.until > now.toISOString() &&
      one.controls.includes(control) &&
      new RegExp(`^${one.subject?.pattern.replaceAll("*", ".*")}$`).test(subject.name);
    let some = 0;
    fc.assert(
      fc.property(exemptions, who, (all, one) => {
        const expected = all.some((each) => holds(each, one) && says(each, one));
        if (expected) some += 1;
        expect(exemptionFor(all, one, now) !== undefined).toBe(expected);
      }),
    );
    expect(some).toBeGreaterThan(10);
  });

  it("an account outside every scope is never excused", () => {
    const outside = { id: "999900001111", ouPath: "Root/C/A" };
    const narrow = fc.array(
      exemption.filter(({ scope: where }) => !("organization" in where) && !("ou" in where && where.ou === "Root")),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(narrow, who, (all, one) => {
        expect(exemptionFor(all, { ...one, account: outside }, now)).toBeUndefined();
        expect(exemptionFor(all, { ...one, account: { id: outside.id } }, now)).toBeUndefined();
      }),
    );
  });

  it("after the last one's end nobody is excused", () => {
    fc.assert(
      fc.property(exemptions, who, (all, one) => {
        expect(exemptionFor(all, one, days(5))).toBeUndefined();
      }),
    );
  });

  it("a name is excused by a pattern that was allowed only if it begins, ends or goes on as the pattern says", () => {
    const letters = fc.stringMatching(/^[ab*.+]{1,12}$/);
    fc.assert(
      fc.property(letters, fc.stringMatching(/^[ab.+]{1,14}$/), (pattern, user) => {
        let made: Exemption;
        try {
          made = newExemption(
            {
              controls: ["stale-access-key"],
              scope: { organization: true },
              subject: { kind: "accessKey", pattern },
              reason: "A reason long enough",
              until: days(1).toISOString(),
            },
            { by: caller, now },
          );
        } catch {
          expect(pattern.split("*").every((run) => run.length < 3)).toBe(true);
          expect(pattern).toContain("*");
          return;
        }
        const escaped = pattern.replace(/[.+]/g, "\\$&").replaceAll("*", ".*");
        expect(excused(made, staleKey({ subject: keyOf(user) }))).toBe(new RegExp(`^${escaped}$`).test(user));
      }),
    );
  });
});
