import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { settingsSchema } from "../../shared/settings/schema.ts";
import { settingsJsonSchema, settingsValidatorSchema } from "../../shared/settings/settings.ts";
import { accepts } from "../support/json-schema.ts";

const schema = settingsJsonSchema();
const validator = settingsValidatorSchema();

/** Every kind of setting once. */
const everything = `
version: 1
controls:
  console-user-without-mfa: { mode: remediate, ladder: [{ after: 0d, do: remediate }] }
  stale-access-key:
    mode: notify
    options: { maxAgeDays: 90 }
    ladder: [{ after: 0d, do: notify }, { after: 36h, do: remediate }, { after: 30d, do: finish }]
    scopes:
      - { ou: Root/Prod, mode: off }
      - { account: "111122223333", mode: remediate, ladder: [{ after: 1d, do: remediate }], options: { maxAgeDays: 5 } }
  role-without-boundary: { mode: remediate }
  role-with-unapproved-boundary: { options: { approvedBoundaries: [Team] } }
  root-access-key-exists: { mode: remediate }
  root-activity: { mode: off, ladder: [{ after: 0d, do: notify }, { after: 3d, do: notify }] }
excludedRoles: { names: [legacy-*], paths: [/vendor/*], tags: { team: network } }
breaker: { perAccount: { count: 1, percent: 2 }, organization: { count: 3 } }
protectedPrincipals: { users: [break-glass-*], roles: [Admin], paths: [/ops/*] }
repairs:
  inUseDays: 0
  autoUndo: true
  remindBefore: 12h
  permissionsBoundary: /team/boundary
  boundaries: { "444455556666": other }
  centralRootAccess: true
owners: { principalTag: owner, accountTag: team }
subscribers:
  - { protocol: email, endpoint: a@example.com }
  - { protocol: https, endpoint: "https://example.com/hook", only: { severity: [critical], kind: [digest] } }
  - { protocol: sqs, endpoint: "arn:aws:sqs:eu-central-1:111122223333:q", only: { account: ["111122223333"] } }
  - { protocol: lambda, endpoint: "arn:aws-cn:lambda:cn-north-1:111122223333:function:f:live", only: { ouPath: [Root] } }
chat:
  slack: [{ workspaceId: T0123456789, channelId: C0123456789 }]
  teams:
    - tenantId: 01234567-89ab-cdef-0123-456789abcdef
      teamId: 89abcdef-0123-4567-89ab-cdef01234567
      channelId: 19%3a0123456789abcdef%40thread.tacv2
trustTags: true
`;

const zodIssues = (value: unknown) => settingsSchema.safeParse(value).error?.issues ?? [];

describe("the JSON Schema", () => {
  it("is one that AppConfig validates with: draft 4, at most 32 KB", () => {
    expect(schema.$schema).toBe("http://json-schema.org/draft-04/schema#");
    expect(Buffer.byteLength(JSON.stringify(validator))).toBeLessThanOrEqual(32 * 1024);
  });

  it("refers only to definitions that there are", () => {
    const names = [...JSON.stringify(schema).matchAll(/"#\/definitions\/([^"]+)"/g)].map(([, name]) => name);
    expect(names.length).toBeGreaterThan(10);
    expect(Object.keys(schema.definitions ?? {})).toEqual(expect.arrayContaining([...new Set(names)]));
  });

  const scoped = (scope: string) => `version: 1\ncontrols: { stale-access-key: { scopes: [${scope}] } }`;
  const laddered = (steps: string) => `version: 1\ncontrols: { stale-access-key: { ladder: ${steps} } }`;
  const subscribed = (one: string) => `version: 1\nsubscribers: [${one}]`;
  it.each([
    ["every setting", everything, true],
    ["the least", "version: 1", true],
    ["no version", "trustTags: true", false],
    ["version 2", "version: 2", false],
    ["a list", "- version: 1", false],
    ["an unknown setting", "version: 1\ntrust: true", false],
    ["an unknown control", "version: 1\ncontrols: { none: {} }", false],
    ["an empty control", "version: 1\ncontrols: { stale-access-key: }", false],
    ["an unknown mode", "version: 1\ncontrols: { stale-access-key: { mode: repair } }", false],
    ["remediate without a repair", "version: 1\ncontrols: { root-activity: { mode: remediate } }", false],
    ["an unknown option", "version: 1\ncontrols: { stale-access-key: { options: { days: 3 } } }", false],
    ["an option out of bounds", "version: 1\ncontrols: { stale-access-key: { options: { maxAgeDays: 0 } } }", false],
    ["a scope without a place", scoped("{ mode: off }"), false],
    ["a scope with two places", scoped("{ ou: Root, account: '111122223333' }"), false],
    ["a scope's account as a number", scoped("{ account: 111122223333 }"), false],
    ["a scope's OU with a slash at its end", scoped("{ ou: Root/ }"), false],
    ["a ladder without steps", laddered("[]"), false],
    ["a ladder of eleven steps", laddered(`[${"{ after: 0d, do: notify },".repeat(11)}]`), false],
    ["a ladder of ten steps", laddered(`[${"{ after: 0d, do: notify },".repeat(10)}]`), true],
    ["a step without a time", laddered("[{ do: notify }]"), false],
    ["a step without an action", laddered("[{ after: 1d }]"), false],
    ["a step after a number", laddered("[{ after: 7, do: notify }]"), false],
    ["a step after 366 days", laddered("[{ after: 366d, do: notify }]"), false],
    ["a step after 8760 hours", laddered("[{ after: 8760h, do: notify }]"), true],
    ["a step after 8761 hours", laddered("[{ after: 8761h, do: notify }]"), false],
    [
      "finish where nothing is left to finish",
      "version: 1\ncontrols: { role-without-boundary: { ladder: [{ after: 0d, do: finish }] } }",
      false,
    ],
    ["an ARN for a boundary", "version: 1\nrepairs: { permissionsBoundary: 'arn:aws:iam::1:policy/x' }", false],
    ["no boundary", "version: 1\nrepairs: { permissionsBoundary: null }", true],
    ["a boundary for no account", "version: 1\nrepairs: { boundaries: { x: y } }", false],
    ["a tag without a key", "version: 1\nexcludedRoles: { tags: { '': x } }", false],
    ["a tag that is a number", "version: 1\nexcludedRoles: { tags: { a: 1 } }", false],
    ["an owner's tag without a name", "version: 1\nowners: { principalTag: '' }", false],
    ["a subscriber without an endpoint", subscribed("{ protocol: email }"), false],
    ["an unknown protocol", subscribed("{ protocol: sms, endpoint: '+491' }"), false],
    ["an address for https", subscribed("{ protocol: https, endpoint: a@example.com }"), false],
    ["http", subscribed("{ protocol: https, endpoint: 'http://example.com' }"), false],
    ["a FIFO queue", subscribed("{ protocol: sqs, endpoint: 'arn:aws:sqs:eu-central-1:111122223333:q.fifo' }"), false],
    ["a filter by nothing", subscribed("{ protocol: email, endpoint: a@b.c, only: { kind: [] } }"), false],
    ["a filter by an unknown kind", subscribed("{ protocol: email, endpoint: a@b.c, only: { kind: [x] } }"), false],
  ])("accepts what the reader accepts, and nothing else: %s", (_, text, isRight) => {
    const value: unknown = parse(text);
    expect({
      reader: zodIssues(value).length === 0,
      schema: accepts(schema, value),
      validator: accepts(validator, value),
    }).toEqual({
      reader: isRight,
      schema: isRight,
      validator: isRight,
    });
  });

  it("is only less strict than the reader where entries must fit each other", () => {
    const junk = fc.oneof(
      fc.constantFrom<unknown>(null, true, 0, -1, 1.5, 1e6, "", "0d", "7d", "9999h", "notify", "remediate", "finish"),
      fc.constantFrom<unknown>([], {}, "Root/A", "111122223333", "a@example.com", ["critical"], [{}], { x: 1 }),
      fc.string({ unit: "grapheme-ascii", maxLength: 5 }),
    );
    const places = pathsOf(parse(everything));
    fc.assert(
      fc.property(fc.constantFrom(...places), junk, fc.constantFrom("set", "add", "remove"), (path, value, how) => {
        const changed = changedAt(parse(everything), path, how, value);
        const issues = zodIssues(changed);
        if (accepts(schema, changed)) expect(issues.filter(({ code }) => code !== "custom")).toEqual([]);
        else expect(issues).not.toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  });
});

type Path = readonly (string | number)[];

const isNested = (value: unknown): value is object => typeof value === "object" && value !== null;

const pathsOf = (value: unknown, at: Path = []): readonly Path[] =>
  isNested(value)
    ? Object.entries(value).flatMap(([key, one]) => {
        const path = [...at, Array.isArray(value) ? Number(key) : key];
        return [path, ...pathsOf(one, path)];
      })
    : [];

/** The value with something set or removed at a path, or added beside it under a key of its own. */
const changedAt = (root: unknown, path: Path, how: string, value: unknown): unknown => {
  const parent = path.slice(0, -1).reduce<unknown>((at, step) => (isNested(at) ? Reflect.get(at, step) : at), root);
  const key = path.at(-1) ?? "";
  if (!isNested(parent)) throw new Error(`nothing at ${path.join(".")}`);
  if (how === "set") Reflect.set(parent, key, value);
  else if (Array.isArray(parent)) how === "add" ? parent.push(value) : parent.splice(Number(key), 1);
  else how === "add" ? Reflect.set(parent, "added", value) : Reflect.deleteProperty(parent, key);
  return root;
};
