import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ascii, chat, plain, shellQuote, shorten, within } from "../../shared/notify/escape.ts";
import { hostileNames, invisible, runInBash } from "../support/findings.ts";

const table: readonly [keyof typeof hostileNames, { name: string; prose: string; email: string }][] = [
  [
    "script",
    {
      name: "`&lt;script&gt;alert(1)&lt;/script&gt;`",
      prose: "&lt;script&gt;alert(1)&lt;/script&gt;",
      email: "<script>alert(1)</script>",
    },
  ],
  ["bold", { name: "`*bold*`", prose: "∗bold∗", email: "*bold*" }],
  ["underscores", { name: "`_it_ ~gone~`", prose: "＿it＿ ∼gone∼", email: "_it_ ~gone~" }],
  ["channel", { name: "`&lt;!channel&gt;`", prose: "&lt;!channel&gt;", email: "<!channel>" }],
  ["mention", { name: "`&lt;＠U123&gt;`", prose: "&lt;＠U123&gt;", email: "<@U123>" }],
  ["here", { name: "`＠here`", prose: "＠here", email: "@here" }],
  ["backticks", { name: "`ˋˋˋ ˋxˋ ˋˋˋ`", prose: "ˋˋˋ ˋxˋ ˋˋˋ", email: "``` `x` ```" }],
  [
    "link",
    {
      name: "`[log in](https[:]//evil.example/login)`",
      prose: "[log in] (https[:]//evil.example/login)",
      email: "[log in](https[:]//evil.example/login)",
    },
  ],
  [
    "slackLink",
    {
      name: "`&lt;https[:]//evil.example|AWS console&gt;`",
      prose: "&lt;https[:]//evil.example|AWS console&gt;",
      email: "<https[:]//evil.example|AWS console>",
    },
  ],
  [
    "newlines",
    {
      name: "`a\\u{d}\\u{a}Severity: none\\u{a}b`",
      prose: "a\\u{d}\\u{a}Severity: none\\u{a}b",
      email: "a\\u{d}\\u{a}Severity: none\\u{a}b",
    },
  ],
  [
    "rightToLeft",
    { name: "`gpj.\\u{202e}exe\\u{202c}`", prose: "gpj.\\u{202e}exe\\u{202c}", email: "gpj.\\u{202e}exe\\u{202c}" },
  ],
  [
    "ansi",
    {
      name: "`\\u{1b}[31mred\\u{1b}[0m\\u{7}`",
      prose: "\\u{1b}[31mred\\u{1b}[0m\\u{7}",
      email: "\\u{1b}[31mred\\u{1b}[0m\\u{7}",
    },
  ],
  ["emoji", { name: "`🔑 Schlüssel 東京`", prose: "🔑 Schlüssel 東京", email: "🔑 Schlüssel 東京" }],
];

test.each(table)("%s is harmless and recognisable", (key, expected) => {
  const text = hostileNames[key] ?? "";
  expect({ name: chat({ name: text }), prose: chat({ prose: text }), email: plain({ name: text }) }).toEqual(expected);
});

test.each([
  ["alice@example.com", "alice@example.com"],
  [
    "arn:aws:iam::111122223333:user/team/bob_the-builder+1=x",
    "arn:aws:iam::111122223333:user/team/bob_the-builder+1=x",
  ],
  ["my_role_name in my_account", "my_role_name in my_account"],
])("ordinary text stays as it is: %s", (text, expected) => {
  expect([chat({ prose: text }), plain({ name: text }), ascii({ prose: text })]).toEqual([
    expected,
    expected,
    expected,
  ]);
  expect(chat({ name: text })).toBe(`\`${expected}\``);
});

test("our own words are left alone", () => {
  expect(chat(["*Where:* ", { name: "a*b" }, "\n<next>"])).toBe("*Where:* `a*b`\n<next>");
});

test("a long name keeps its start and its end, and says how long it is", () => {
  expect(plain({ name: `start${"x".repeat(10_000)}end` })).toMatch(/^startx+…x+end \(10008 characters\)$/);
  expect(plain({ name: "x".repeat(10_000) }).length).toBe(200);
  expect(shorten("🔑".repeat(50), 10)).toBe(`${"🔑".repeat(7)}…${"🔑".repeat(2)}`);
});

test("a subject is ASCII", () => {
  expect(ascii({ name: "Büro 東京 🔑 …" })).toBe("Buro ?? ? ...");
});

const hostile = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.string({ unit: "grapheme", maxLength: 60 }),
  fc
    .array(
      fc.constantFrom(
        ...Object.values(hostileNames).filter((name) => name.length < 100),
        ..."<>&*_~`[]()!@#|\\/:.'\"$\n\r\t\u202e\u2066\u200b\ufeff ",
        "://",
        "](",
        "www.",
        "@channel",
        "@everyone",
        "mailto:x@y",
        "JavaScript:",
      ),
      { maxLength: 12 },
    )
    .map((parts) => parts.join("")),
);

describe("whatever AWS sends", () => {
  test("nothing in chat acts", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        for (const shown of [chat({ name: text }), chat({ prose: text })]) {
          expect(shown).not.toMatch(invisible);
          expect(shown).not.toMatch(/[<>]/);
          expect(shown).not.toMatch(/@(?:channel|here|everyone)\b/i);
          expect(shown).not.toMatch(/:\/\/|\bwww\.|\b(?:mailto|javascript|data|tel):/i);
          expect(shown.isWellFormed()).toBe(true);
        }
        expect(chat({ prose: text })).not.toMatch(/[*`~]|\]\(/);
        expect(chat({ prose: text })).not.toMatch(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/u);
        expect(chat({ name: text })).toMatch(/^(?:|`[^`]+`)$/);
      }),
    );
  });

  test.each(["_JavaScript:x", "_www.evil.example", "_tel:1"])("an underscore before it makes no link of %s", (text) => {
    for (const shown of [plain({ prose: text }), chat({ prose: text }), chat({ name: text })])
      expect(shown).not.toMatch(/www\.|(?:javascript|tel):/i);
  });

  test("nothing in an email moves, hides or links", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(plain({ prose: text })).not.toMatch(invisible);
        expect(plain({ name: text })).not.toMatch(/:\/\/|\bwww\./i);
        expect(ascii({ name: text })).toMatch(/^[\x20-\x7e]*$/);
      }),
    );
  });

  test("everything visible is still there to be recognised", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9_+=,.@-]{1,64}$/), (name) => {
        expect(plain({ name })).toBe(name.replace(/\b(www)\./gi, "$1[.]"));
      }),
    );
  });

  test("it fits where it has to", () => {
    fc.assert(
      fc.property(hostile, fc.integer({ min: 120, max: 400 }), (text, limit) => {
        const long = text.repeat(40);
        const shown = within(limit, ["title: ", { name: long }, " in ", { prose: long }], chat);
        expect(shown.length).toBeLessThanOrEqual(limit);
        expect(shown.startsWith("title: ")).toBe(true);
        expect(shown).not.toMatch(/&(?!amp;|lt;|gt;)/);
      }),
    );
  });
});

describe("in a shell", () => {
  test.each([
    ["alice", "alice"],
    ["ops+bot=1,2@example.com", "ops+bot=1,2@example.com"],
    ["", "$''"],
    ["two words", "$'two words'"],
    ["-rf", "$'-rf'"],
    ["@here", "$'\\x40here'"],
    ["=ls", "$'=ls'"],
    ["it's", "$'it\\x27s'"],
    ["a\nb\u202e🔑", "$'a\\x0ab\\u202e\\U0001f511'"],
  ])("%j becomes %s", (value, expected) => {
    expect(shellQuote(value)).toBe(expected);
  });

  test("bash reads back the very name, and nothing of it runs", () => {
    const names = [
      ...Object.values(hostileNames).filter((name) => !name.includes("\0")),
      ...fc
        .sample(fc.string({ maxLength: 30, unit: "binary" }), { numRuns: 50, seed: 1 })
        .filter((name) => name.isWellFormed() && !name.includes("\0")),
    ];
    const script = names.map((name) => `printf '%s\\0' ${shellQuote(name)}`).join("\n");
    const output = runInBash(script);
    expect(output.split("\0").slice(0, -1)).toEqual(names);
  });
});
