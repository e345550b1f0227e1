import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MalformedInputError } from "../../shared/errors.ts";
import { announced, endExemption, exemptionId, isExpiring, isOver } from "../../shared/exemptions/exemption.ts";
import { exemptionFromItem, exemptionToItem } from "../../shared/exemptions/item.ts";
import { newExemption } from "../../shared/exemptions/new-exemption.ts";
import { anExemption, aRequest, caller, days, now } from "./exemptions.ts";

/** What is said of a request that is refused. */
const refusal = (request: unknown): string => {
  try {
    newExemption(request, { by: caller, now });
  } catch (error) {
    expect(error).toBeInstanceOf(MalformedInputError);
    return error instanceof Error ? error.message : "";
  }
  throw new Error(`not refused: ${JSON.stringify(request)}`);
};

const organization = { organization: true };
const account = { account: "111122223333" };
const rightName = "write A-Z a-z 0-9 + = , . @ _ - and * for any characters";

describe("a new exemption", () => {
  it("says what was asked for, who asked and when", () => {
    const request = aRequest({ controls: ["unused-access-key", "stale-access-key", "unused-access-key"] });
    const exemption = newExemption(request, { by: caller, now });
    expect(exemption).toStrictEqual({
      id: exemptionId(exemption),
      controls: ["stale-access-key", "unused-access-key"],
      scope: { ou: "Root/Workloads/Prod" },
      subject: { kind: "accessKey", pattern: "ci-*" },
      reason: "The vendor cannot rotate before its next release",
      by: caller,
      createdAt: "2026-11-03T12:00:00.000Z",
      until: "2026-12-03T12:00:00.000Z",
      version: 1,
    });
    expect(exemption.id).toMatch(/^[0-9a-f]{16}$/);
  });

  it.each([
    ["2027-01-31", "2027-01-31T00:00:00.000Z"],
    ["2027-01-31T12:00:00Z", "2027-01-31T12:00:00.000Z"],
    ["2027-01-31T01:30:00+02:00", "2027-01-30T23:30:00.000Z"],
    ["2026-11-03T12:00:00.001Z", "2026-11-03T12:00:00.001Z"],
    ["2027-11-04T12:00:00.000Z", "2027-11-04T12:00:00.000Z"],
  ])("may last until %s", (until, expected) => expect(anExemption({ until }).until).toBe(expected));

  it.each<[string, Record<string, unknown>]>([
    ["everything in an OU that a control judges", { subject: undefined }],
    ["everything in an account", { scope: account, subject: undefined }],
    ["a name everywhere", { scope: organization, subject: { kind: "accessKey", pattern: "ci" } }],
    ["a pattern everywhere", { scope: organization }],
    ["one key everywhere", { scope: organization, subject: { kind: "accessKey", pattern: "AKIAIOSFODNN7EXAMPLE" } }],
    [
      "a subject of an account from all",
      { controls: "all", scope: account, subject: { kind: "role", pattern: "app" } },
    ],
    ["root in an account", { controls: ["root-activity"], scope: account, subject: undefined }],
    [
      "its central sessions",
      { controls: ["root-activity"], scope: account, subject: { kind: "root", pattern: "root-session" } },
    ],
    ["an account itself", { controls: "all", scope: account, subject: { kind: "account", pattern: "111122223333" } }],
    ["an OU of any script", { scope: { ou: "Root/Büro 東京/x%2Fy" } }],
    ["a name that objects have", { subject: { kind: "accessKey", pattern: "__proto__" } }],
    ["three characters in a row", { subject: { kind: "accessKey", pattern: "*abc*" } }],
    ["every letter that IAM allows", { subject: { kind: "accessKey", pattern: "aZ09+=,.@_-*" } }],
    ["ten characters of reason, of any script", { reason: "情報システム部の依頼" }],
    ["500 characters of reason", { reason: "r".repeat(500) }],
  ])("may excuse %s", (_name, changes) => {
    const exemption = anExemption(changes);
    expect(exemptionFromItem(JSON.parse(JSON.stringify(exemptionToItem(exemption))))).toStrictEqual(exemption);
  });

  it("has an id of its own for whatever differs", () => {
    const variants = [
      {},
      { controls: ["unused-access-key"] },
      { scope: { account: "111122223333" } },
      { scope: { ou: "111122223333" }, subject: { kind: "accessKey", pattern: "ci-*" } },
      { subject: undefined },
      { subject: { kind: "accessKey", pattern: "ci-**" } },
      { reason: "Another reason altogether" },
      { until: days(31).toISOString() },
    ];
    const ids = [...variants.map((changes) => anExemption(changes).id), anExemption({}, days(1)).id];
    ids.push(newExemption(aRequest(), { by: "bob", now }).id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(anExemption().id).toBe(anExemption().id);
  });
});

describe("a request is refused, and told what would be right", () => {
  const missing = (field: string): Record<string, unknown> => {
    const { [field]: _field, ...rest } = aRequest();
    return rest;
  };
  const until = "write when it ends, at most 366 days from now, such as 2027-01-31 or 2027-01-31T12:00:00Z";

  it.each<[string, unknown, string]>([
    [
      "no mapping",
      "please",
      'the request: is the text "please"; write a mapping of controls, scope, subject, reason, until',
    ],
    ["nothing", null, "the request: is empty; write a mapping of controls, scope, subject, reason, until"],
    ["a list", [], "the request: is a list; write a mapping of controls, scope, subject, reason, until"],
    ["no end", missing("until"), `until: is missing; ${until}`],
    ["an end that is null", aRequest({ until: null }), `until: is empty; ${until}`],
    ["an end that is no time", aRequest({ until: "forever" }), `until: is the text "forever"; ${until}`],
    ["an end that is a number", aRequest({ until: 4102444800 }), `until: is 4102444800; ${until}`],
    ["an end on no day", aRequest({ until: "2027-02-29" }), `until: is the text "2027-02-29"; ${until}`],
    [
      "an end in nobody's zone",
      aRequest({ until: "2027-01-31T12:00:00" }),
      `until: is the text "2027-01-31T12:00:00"; ${until}`,
    ],
    [
      "an end now",
      aRequest({ until: now.toISOString() }),
      "until: is 2026-11-03T12:00:00.000Z, which is not in the future; write a time after 2026-11-03T12:00:00.000Z",
    ],
    [
      "an end today, whose first moment has passed",
      aRequest({ until: "2026-11-03" }),
      "until: is 2026-11-03, which is not in the future; write a time after 2026-11-03T12:00:00.000Z",
    ],
    [
      "an end after more than a year",
      aRequest({ until: "2027-11-04T12:00:00.001Z" }),
      "until: is 2027-11-04T12:00:00.001Z, which is more than 366 days from now; write at most 2027-11-04T12:00:00.000Z",
    ],
    [
      "an end in another age",
      aRequest({ until: "9999-12-31" }),
      "until: is 9999-12-31, which is more than 366 days from now; write at most 2027-11-04T12:00:00.000Z",
    ],
    ["no reason", missing("reason"), "reason: is missing; write why, in a sentence"],
    [
      "a short reason",
      aRequest({ reason: "legacy" }),
      "reason: has 6 visible characters; write why, in a sentence, at least 10",
    ],
    [
      "a reason of what nobody sees",
      aRequest({ reason: ` ok ${"\u200b\u2060\u00ad\u3164\u2800\u202e\ufeff\u0301\t ".repeat(5)}` }),
      "reason: has 2 visible characters; write why, in a sentence, at least 10",
    ],
    ["a long reason", aRequest({ reason: "r".repeat(501) }), "reason: has 501 characters; write at most 500"],
    [
      "who asks",
      aRequest({ by: "arn:aws:iam::111122223333:user/ceo" }),
      "by: is for the authenticated request to say; leave it out",
    ],
    ["a field misspelt", aRequest({ untill: "2027-01-31" }), "untill: no such field; did you mean until?"],
    [
      "tags",
      aRequest({ tags: { exempt: "yes" } }),
      "tags: no such field; write any of controls, scope, subject, reason, until",
    ],
    [
      "a subject's tags",
      aRequest({ subject: { kind: "accessKey", pattern: "ci-*", tags: {} } }),
      "subject.tags: no such field; write any of kind, pattern",
    ],
    [
      "a prototype",
      JSON.parse(`{ "__proto__": { "by": "ceo" }, ${JSON.stringify(aRequest()).slice(1)}`),
      "__proto__: no such field; write any of controls, scope, subject, reason, until",
    ],
    ["no control", aRequest({ controls: [] }), "controls: has 0 entries; write 1 to 100 ids of controls, or all"],
    [
      "too many",
      aRequest({ controls: Array(101).fill("stale-access-key") }),
      "controls: has 101 entries; write 1 to 100 ids of controls, or all",
    ],
    [
      "a control alone",
      aRequest({ controls: "stale-access-key" }),
      `controls: is the text "stale-access-key"; write a list of controls' ids, or all`,
    ],
    [
      "a control misspelt",
      aRequest({ controls: ["stale-acess-key"] }),
      'controls[0]: "stale-acess-key" is no control; did you mean stale-access-key?',
    ],
    [
      "a control that is none",
      aRequest({ controls: ["stale-access-key", 7] }),
      "controls[1]: is 7; write the id of a control",
    ],
    [
      "all as one of many",
      aRequest({ controls: ["all"] }),
      'controls[0]: "all" is no control; write any of access-analyzer-missing, admin-policy,',
    ],
    [
      "__proto__ as control",
      aRequest({ controls: ["__proto__"] }),
      'controls[0]: "__proto__" is no control; write any of',
    ],
    [
      "all in an OU",
      aRequest({ controls: "all" }),
      "controls: is all, which only one account's scope and a subject together may have; write",
    ],
    ["all in the organization", aRequest({ controls: "all", scope: organization }), "controls: is all, which only"],
    [
      "all in an account",
      aRequest({ controls: "all", scope: account, subject: undefined }),
      "controls: is all, which only",
    ],
    [
      "a subject that the control does not judge",
      aRequest({ subject: { kind: "user", pattern: "alice" } }),
      "subject.kind: is user, which stale-access-key does not judge; write accessKey, or leave that control out",
    ],
    [
      "a kind that is none",
      aRequest({ subject: { kind: "human", pattern: "alice" } }),
      'subject.kind: is the text "human"; write one of account, root, user, accessKey, role, group, policy, oidcProvider, samlProvider, serverCertificate',
    ],
    ["no scope", missing("scope"), "scope: is missing; write one of organization: true,"],
    ["an empty scope", aRequest({ scope: {} }), "scope: names 0 places; write one of organization: true,"],
    [
      "two scopes",
      aRequest({ scope: { ...account, ...organization } }),
      "scope: names 2 places; write one of organization: true,",
    ],
    [
      "no organization",
      aRequest({ scope: { organization: false } }),
      "scope.organization: is false; write true, or leave it out",
    ],
    [
      "an account that is a number",
      aRequest({ scope: { account: 111122223333 } }),
      "scope.account: is 111122223333; write an account id of twelve digits, as text",
    ],
    [
      "an account with a line break",
      aRequest({ scope: { account: "111122223333\n" } }),
      'scope.account: is the text "111122223333\\n"; write an account id',
    ],
    [
      "an account pattern",
      aRequest({ scope: { account: "1111*" } }),
      'scope.account: is the text "1111*"; write an account id',
    ],
    ["accounts", aRequest({ scope: { accounts: [] } }), "scope.accounts: no such field; did you mean account?"],
    [
      "an OU with an empty name",
      aRequest({ scope: { ou: "Root//Prod" } }),
      'scope.ou: is the text "Root//Prod"; write an OU path from the root down',
    ],
    [
      "an OU that ends in a slash",
      aRequest({ scope: { ou: "Root/Prod/" } }),
      'scope.ou: is the text "Root/Prod/"; write',
    ],
    [
      "an OU with a mark that turns text",
      aRequest({ scope: { ou: "Root/\u202eProd" } }),
      'scope.ou: is the text "Root/\\u202eProd"; write',
    ],
    [
      "an OU too deep",
      aRequest({ scope: { ou: "Root/1/2/3/4/5/6/7" } }),
      'scope.ou: is the text "Root/1/2/3/4/5/6/7"; write',
    ],
    [
      "everybody",
      aRequest({ scope: organization, subject: undefined }),
      "subject: is missing, so that everybody in the organization would be excused; write whom you mean",
    ],
    [
      "everybody, by the root's OU path",
      aRequest({ scope: { ou: "Root" }, subject: undefined }),
      "subject: is missing, so that everybody in the organization",
    ],
    [
      "root everywhere",
      aRequest({ controls: ["root-sign-in-failure"], scope: organization, subject: { kind: "root", pattern: "root" } }),
      "scope: is more than an account, but root-sign-in-failure is excused in one account at a time; write account: and its id",
    ],
    [
      "root in an OU",
      aRequest({ controls: ["root-access-key-exists"], subject: undefined }),
      "scope: is more than an account, but root-access-key-exists is excused in one account at a time",
    ],
    [
      "another root",
      aRequest({ controls: ["root-activity"], scope: account, subject: { kind: "root", pattern: "ro*" } }),
      'subject.pattern: is "ro*"; write root or root-session or root*',
    ],
    [
      "accounts by pattern",
      aRequest({ controls: "all", scope: account, subject: { kind: "account", pattern: "1111*" } }),
      'subject.pattern: is "1111*"; write an account id of twelve digits',
    ],
    [
      "another account",
      aRequest({ controls: "all", scope: account, subject: { kind: "account", pattern: "444455556666" } }),
      "subject.pattern: is outside the scope; write 111122223333",
    ],
    // zod compares the length of whatever has one.
    [
      "a length that is none",
      aRequest({ reason: { length: { valueOf: 1, toString: 1 } } }),
      "reason: is a mapping; write why, in a sentence",
    ],
    [
      "likewise for controls",
      aRequest({ controls: { length: { valueOf: 1, toString: 1 } } }),
      "controls: is a mapping; write a list of controls' ids, or all",
    ],
  ])("%s", (_name, request, expected) => expect(refusal(request)).toContain(expected));

  it.each([
    ["*", 'is "*", which matches too much; write at least 3 characters in a row besides *, such as ci-*'],
    ["***", 'is "***", which matches too much'],
    ["a*", 'is "a*", which matches too much'],
    ["*ci", 'is "*ci", which matches too much'],
    ["*a*b*c*d*e*f*", 'is "*a*b*c*d*e*f*", which matches too much'],
    ["ab*cd*ef", 'is "ab*cd*ef", which matches too much'],
    ["", `has 0 characters; write 1 to 128`],
    ["a".repeat(129), `has 129 characters; write 1 to 128`],
    ["ci-?", `has "?" (U+003F) as character 4, which no name in IAM has; ${rightName}`],
    ["ci-.*|.+", 'has "|" (U+007C) as character 6'],
    ["^ci-", 'has "^" (U+005E) as character 1'],
    ["ci-[0-9]", 'has "[" (U+005B) as character 4'],
    ["ci-\n*", 'has "\\n" (U+000A) as character 4'],
    ["ci-build\n", 'has "\\n" (U+000A) as character 9'],
    ["ci-\u202e*", 'has "\\u202e" (U+202E) as character 4'],
    ["ci-\u200bx", 'has "\\u200b" (U+200B) as character 4'],
    ["ci-\u0000", 'has "\\u0000" (U+0000) as character 4'],
    ["сi-build", 'has "с" (U+0441) as character 1'],
    ["ci-bu\u0131ld", 'has "ı" (U+0131) as character 6'],
    ["\uff43i-build", 'has "ｃ" (U+FF43) as character 1'],
    ["Brea\u212aGlass", 'has "\u212a" (U+212A) as character 5'],
    ["ci-\u{1d4ea}", 'has "𝓪" (U+1D4EA) as character 4'],
    ["ci-\ud800", 'has "\\ud800" (U+D800) as character 4'],
    ["user/alice", 'has "/" (U+002F) as character 5'],
    ["ci build", 'has " " (U+0020) as character 3'],
    ["arn:aws:iam::111122223333:user/alice", 'has ":" (U+003A) as character 4'],
  ])("the pattern %j, in every scope", (pattern, expected) => {
    for (const scope of [organization, account, { ou: "Root/Workloads" }])
      expect(refusal(aRequest({ scope, subject: { kind: "accessKey", pattern } }))).toContain(
        `subject.pattern: ${expected}`,
      );
  });

  it("with every problem at once, a line each, and no more than twenty", () => {
    const wrong = aRequest({
      controls: ["nope", "stale-access-key"],
      subject: { kind: "role", pattern: "*" },
      reason: "x",
    });
    expect(
      refusal({ ...wrong, until: "2020-01-01" })
        .split("\n")
        .map((line) => line.split(":")[0]),
    ).toEqual(["controls[0]", "subject.kind", "subject.pattern", "reason", "until"]);
    const lines = refusal(aRequest({ controls: Array(100).fill("nope") })).split("\n");
    expect(lines).toHaveLength(21);
    expect(lines.at(-1)).toBe("and 80 more problems");
  });

  it("whatever it holds, and by no other error", () => {
    const asked = fc.oneof(
      fc.jsonValue(),
      fc.record(
        {
          controls: fc.oneof(fc.jsonValue(), fc.constant(["stale-access-key"])),
          scope: fc.oneof(fc.jsonValue(), fc.constant(organization)),
          subject: fc.oneof(
            fc.jsonValue(),
            fc.record({ kind: fc.constant("accessKey"), pattern: fc.string({ unit: "binary" }) }),
          ),
          reason: fc.oneof(fc.jsonValue(), fc.string({ unit: "binary" })),
          until: fc.oneof(fc.jsonValue(), fc.constant("2027-01-31")),
        },
        { requiredKeys: [] },
      ),
    );
    fc.assert(
      fc.property(asked, (request) => {
        try {
          const made = newExemption(request, { by: caller, now });
          expect(exemptionFromItem(exemptionToItem(made))).toStrictEqual(made);
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedInputError);
        }
      }),
    );
  });

  it.each(["", " ", "\u200b", "x".repeat(2_049)])("by nobody: %j", (by) => {
    expect(() => newExemption(aRequest(), { by, now })).toThrow(MalformedInputError);
    expect(() => endExemption(anExemption(), { by, now })).toThrow("by: names nobody");
  });
});

describe("the life of an exemption", () => {
  const exemption = anExemption();
  const at = (offset: number) => new Date(Date.parse(exemption.until) + offset);
  const week = 7 * 24 * 3_600_000;

  it("is over from its end on", () => {
    expect(isOver(exemption, now)).toBe(false);
    expect(isOver(exemption, at(-1))).toBe(false);
    expect(isOver(exemption, at(0))).toBe(true);
    expect(isOver({ ...exemption, until: "never" }, now)).toBe(true);
    expect(isOver(exemption, new Date(Number.NaN))).toBe(true);
  });

  it("ends before its time by somebody, once, and on slow clocks too", () => {
    const ended = endExemption(exemption, { by: "bob", now: days(2) });
    expect(ended).toStrictEqual({ ...exemption, endedAt: days(2).toISOString(), endedBy: "bob", version: 2 });
    expect(isOver(ended, days(1))).toBe(true);
    expect(endExemption(ended, { by: "eve", now: days(3) })).toBe(ended);
    expect(endExemption(exemption, { by: "bob", now: at(0) })).toBe(exemption);
  });

  it("is expiring within seven days of its end, until that is announced", () => {
    expect(isExpiring(exemption, at(-week - 1))).toBe(false);
    expect(isExpiring(exemption, at(-week))).toBe(true);
    expect(isExpiring(exemption, at(-1))).toBe(true);
    expect(isExpiring(exemption, at(0))).toBe(false);
    expect(isExpiring(endExemption(exemption, { by: "bob", now }), at(-1))).toBe(false);
    const told = announced(exemption, at(-week));
    expect(told).toStrictEqual({ ...exemption, announcedAt: at(-week).toISOString(), version: 2 });
    expect(isExpiring(told, at(-1))).toBe(false);
    expect(isOver(told, at(-1))).toBe(false);
    expect(announced(told, at(-1))).toBe(told);
  });
});
