import { stringify } from "csv-stringify/sync";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseCredentialReport } from "../../shared/facts/credential-report.ts";
import { known } from "../../shared/facts/facts.ts";

const columns = [
  "user",
  "arn",
  "user_creation_time",
  "password_enabled",
  "password_last_used",
  "password_last_changed",
  "password_next_rotation",
  "mfa_active",
  ...["1", "2"].flatMap((slot) =>
    ["active", "last_rotated", "last_used_date", "last_used_region", "last_used_service"].map(
      (what) => `access_key_${slot}_${what}`,
    ),
  ),
  "cert_1_active",
  "cert_1_last_rotated",
  "cert_2_active",
  "cert_2_last_rotated",
];

const plainRow: Readonly<Record<string, string>> = {
  user: "alice",
  arn: "arn:aws:iam::111122223333:user/alice",
  user_creation_time: "2026-01-02T03:04:05+00:00",
  password_enabled: "true",
  password_last_used: "2026-03-01T00:00:00+00:00",
  password_last_changed: "2026-02-01T00:00:00+00:00",
  password_next_rotation: "N/A",
  mfa_active: "false",
  access_key_1_active: "true",
  access_key_1_last_rotated: "2026-01-03T00:00:00+00:00",
  access_key_1_last_used_date: "2026-01-04T00:00:00+00:00",
  access_key_1_last_used_region: "eu-west-1",
  access_key_1_last_used_service: "s3",
  access_key_2_active: "false",
  access_key_2_last_rotated: "N/A",
  access_key_2_last_used_date: "N/A",
  access_key_2_last_used_region: "N/A",
  access_key_2_last_used_service: "N/A",
  cert_1_active: "false",
  cert_1_last_rotated: "N/A",
  cert_2_active: "false",
  cert_2_last_rotated: "N/A",
};

const csvOf = (rows: readonly Readonly<Record<string, string>>[], header: readonly string[] = columns): string =>
  stringify([[...header], ...rows.map((row) => header.map((name) => row[name] ?? ""))]);

const row = (changes: Readonly<Record<string, string>> = {}, header: readonly string[] = columns) => {
  const report = parseCredentialReport(csvOf([{ ...plainRow, ...changes }], header));
  const found = report.users.get(changes.user ?? "alice");
  if (!found) throw new Error(`no row: ${JSON.stringify(report)}`);
  return found;
};

describe("a row", () => {
  test("says when, whether and how often", () => {
    expect(row()).toEqual({
      createdAt: known(new Date("2026-01-02T03:04:05Z")),
      passwordEnabled: known(true),
      passwordLastUsedAt: known(new Date("2026-03-01T00:00:00Z")),
      passwordChangedAt: known(new Date("2026-02-01T00:00:00Z")),
      mfaActive: known(false),
      keys: known([
        {
          slot: 1,
          active: true,
          createdAt: known(new Date("2026-01-03T00:00:00Z")),
          lastUsedAt: known(new Date("2026-01-04T00:00:00Z")),
        },
      ]),
    });
  });

  test.each(["TRUE", "True", " true "])("takes %j for a yes", (yes) => {
    expect(row({ mfa_active: yes }).mfaActive).toEqual(known(true));
  });

  test.each(["N/A", "not_supported", "", "tru", "1", "yes"])("does not take mfa_active %j for a no", (odd) => {
    expect(row({ mfa_active: odd }).mfaActive).toEqual({
      known: false,
      why: `the credential report says ${JSON.stringify(odd)} for mfa_active`,
    });
  });

  test.each(["N/A", "no_information", "NO_INFORMATION"])("takes password_last_used %j for never", (never) => {
    expect(row({ password_last_used: never }).passwordLastUsedAt).toEqual(known(null));
  });

  test.each(["not_supported", "", "yesterday", "2026-03-01", "2026-13-45T00:00:00Z", "2026-03-01T00:00:0"])(
    "does not take password_last_used %j for never",
    (odd) => {
      expect(row({ password_last_used: odd }).passwordLastUsedAt.known).toBe(false);
    },
  );

  test("keeps a key that is inactive, and shows one that AWS does not date", () => {
    const keys = row({
      access_key_1_active: "false",
      access_key_2_active: "true",
    }).keys;
    expect(keys).toMatchObject({
      known: true,
      value: [
        { slot: 1, active: false, createdAt: { known: true } },
        { slot: 2, active: true, createdAt: { known: false }, lastUsedAt: known(null) },
      ],
    });
  });

  test("with a key column that cannot be read says nothing of its keys", () => {
    expect(row({ access_key_2_active: "maybe" }).keys.known).toBe(false);
    expect(
      row(
        {},
        columns.filter((name) => name !== "access_key_2_active"),
      ).keys,
    ).toEqual({
      known: false,
      why: "the credential report has no column access_key_2_active",
    });
  });
});

describe("a file", () => {
  test("with root keeps it apart from users, and does without", () => {
    const report = parseCredentialReport(
      csvOf([{ ...plainRow, user: "<root_account>", mfa_active: "TRUE" }, plainRow]),
    );
    expect([...report.users.keys()]).toEqual(["alice"]);
    expect(report.root?.mfaActive).toEqual(known(true));
    expect(parseCredentialReport(csvOf([plainRow]))).not.toHaveProperty("root");
  });

  test("is read by its header: reordered, reduced, more, upper-case, after a byte-order mark, with CRLF", () => {
    const reordered = [...columns].reverse();
    expect(row({}, reordered)).toEqual(row());
    expect(row({}, [...columns, "additional_credentials_info"])).toEqual(row());
    const oneLess = row(
      {},
      columns.filter((name) => name !== "mfa_active"),
    );
    expect(oneLess).toEqual({
      ...row(),
      mfaActive: { known: false, why: "the credential report has no column mfa_active" },
    });
    const text = csvOf([plainRow]);
    const [header = "", ...rest] = text.split("\n");
    for (const variant of [
      `\uFEFF${text}`,
      text.replaceAll("\n", "\r\n"),
      [header.toUpperCase(), ...rest].join("\n"),
      text.trimEnd(),
    ])
      expect(parseCredentialReport(Buffer.from(variant)).users.get("alice")).toEqual(row());
  });

  test("with a header alone holds nobody", () => {
    expect(parseCredentialReport(csvOf([]))).toEqual({ users: new Map() });
  });

  test.each([
    ["nothing", "", /empty/],
    ["a blank line", "\n", /empty/],
    ["another file's header", "name,age\nalice,3\n", /no column user/],
    ["a cut within a row", csvOf([plainRow, { ...plainRow, user: "bob" }]).slice(0, -40), /row 2 has \d+ of 22 cells/],
    ["a cut within quotes", `${csvOf([plainRow])}"a,b`, /not CSV after row 1/],
    ["an error page", "<html>\n<body>Service Unavailable</body>\n</html>", /no column user/],
  ])("of %s is half-read: nobody in it is known", (_, text, problem) => {
    const report = parseCredentialReport(text);
    expect(report.halfRead).toMatch(problem);
    expect(report.users.size).toBe(0);
    expect(report.root).toBeUndefined();
  });

  test("with a name that has an unquoted comma loses that user only", () => {
    const text = `${csvOf([plainRow])}a,b${csvOf([{ ...plainRow, user: "" }]).split("\n")[1]}\n`;
    const report = parseCredentialReport(text);
    expect(report.halfRead).toBeUndefined();
    expect([...report.users.keys()]).toEqual(["alice"]);
  });

  test("of 5,000 users is read whole", () => {
    const users = Array.from({ length: 5000 }, (_, index) => ({ ...plainRow, user: `user-${index}` }));
    expect(parseCredentialReport(Buffer.from(csvOf(users))).users.size).toBe(5000);
  });
});

test("whatever the names, values and order of columns, each row is read back as written", () => {
  const name = fc.string({
    unit: fc.constantFrom(..."abAB01+=,.@_-"),
    minLength: 1,
    maxLength: 64,
  });
  const time = fc
    .integer({ min: 1_000_000_000, max: 2_000_000_000 })
    .map((seconds) => new Date(seconds * 1000).toISOString().replace(".000Z", "+00:00"));
  const person = fc.record({
    user: name,
    password_enabled: fc.boolean(),
    mfa_active: fc.boolean(),
    password_last_used: fc.option(time),
    access_key_1_last_rotated: fc.option(time),
  });
  fc.assert(
    fc.property(
      fc.uniqueArray(person, { selector: (one) => one.user }),
      fc.shuffledSubarray(columns, { minLength: columns.length }),
      (people, header) => {
        const report = parseCredentialReport(
          csvOf(
            people.map((one) => ({
              ...plainRow,
              user: one.user,
              password_enabled: one.password_enabled ? "TRUE" : "false",
              mfa_active: String(one.mfa_active),
              password_last_used: one.password_last_used ?? "no_information",
              access_key_1_active: String(one.access_key_1_last_rotated !== null),
              access_key_1_last_rotated: one.access_key_1_last_rotated ?? "N/A",
            })),
            header,
          ),
        );
        expect(report.halfRead).toBeUndefined();
        expect([...report.users.keys()]).toEqual(people.map((one) => one.user));
        for (const one of people)
          expect(report.users.get(one.user)).toMatchObject({
            passwordEnabled: known(one.password_enabled),
            mfaActive: known(one.mfa_active),
            passwordLastUsedAt: known(one.password_last_used === null ? null : new Date(one.password_last_used)),
            keys: { known: true, value: { length: one.access_key_1_last_rotated === null ? 0 : 1 } },
          });
      },
    ),
  );
});

test("however a file is cut, nobody is taken for something that the whole file does not say", () => {
  const text = csvOf([
    { ...plainRow, user: "<root_account>" },
    { ...plainRow, user: "bob,by" },
    { ...plainRow, user: "carol", mfa_active: "true" },
  ]);
  const whole = parseCredentialReport(text);
  for (let end = 0; end <= text.length; end += 1) {
    const cut = parseCredentialReport(text.slice(0, end));
    for (const [user, facts] of cut.users) {
      const { keys, ...rest } = facts;
      expect(whole.users.get(user)).toMatchObject(rest);
      expect(whole.users.get(user)?.keys).toEqual(keys);
    }
  }
});
