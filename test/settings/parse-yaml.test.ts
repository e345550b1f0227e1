import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { controls } from "../../shared/controls/catalogue.ts";
import { SettingsError } from "../../shared/errors.ts";
import { parseSettings } from "../../shared/settings/parse-yaml.ts";
import { defaultSettings } from "../../shared/settings/settings.ts";

/** What the process says by itself, past the caller. */
const warnings: string[] = [];
process.on("warning", ({ message }) => warnings.push(message));

const problems = (text: string): readonly string[] => {
  try {
    parseSettings(text, "warden.config.yaml");
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  return [];
};

it("says nothing but its problems of a key that is no text", async () => {
  expect(problems("version: 1\n? { mode: off }\n: 3\n")).toEqual([
    'warden.config.yaml:1:1 "{ mode: off }": no such setting; write any of breaker, chat, controls, deployment, excludedRoles, history, owners, protectedPrincipals, repairs, subscribers, trustTags, version',
  ]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(warnings).toEqual([]);
});

describe("settings that can be read", () => {
  it("takes a file without content for the defaults", () => {
    for (const text of ["", "\n", "# nothing yet\n", "---\n", "\uFEFF"]) {
      expect(parseSettings(text, "f")).toEqual(defaultSettings());
    }
  });

  it("has an entry for every control, in mode notify unless it is off by default", () => {
    const settings = parseSettings("version: 1\n", "f");
    expect(Object.keys(settings.controls).sort()).toEqual(controls.map((control) => control.id));
    const off = controls.filter(({ isOffByDefault }) => isOffByDefault).map(({ id }) => id);
    expect(off).toEqual(["privileged-role-without-mfa"]);
    for (const [id, { mode }] of Object.entries(settings.controls))
      expect(mode, id).toBe(off.includes(id) ? "off" : "notify");
  });

  it("switches on what is off by default, everywhere or in parts", () => {
    const id = "privileged-role-without-mfa";
    const modes = (text: string) => {
      const own = parseSettings(`version: 1\ncontrols: { ${id}: ${text} }\n`, "f").controls[id];
      return [own?.mode, ...(own?.scopes ?? []).map(({ mode }) => mode)];
    };
    expect(modes("{ mode: notify }")).toEqual(["notify"]);
    expect(modes("{ scopes: [{ ou: Root/Prod, mode: notify }, { ou: Root/Dev }] }")).toEqual(["off", "notify", "off"]);
  });

  it("reads modes, options and exclusions, and completes them", () => {
    const settings = parseSettings(
      `version: 1
controls:
  stale-access-key:
    mode: off
  unused-access-key:
    options: { maxUnusedDays: 30 }
  role-with-unapproved-boundary:
    options:
      approvedBoundaries:
        - arn:aws:iam::*:policy/boundaries/*
        - TeamBoundary
excludedRoles:
  names: [legacy-*]
  paths: [/vendor/*]
  tags: { team: network }
trustTags: true
`,
      "f",
    );
    expect(settings.controls["stale-access-key"]).toMatchObject({ mode: "off", options: { maxAgeDays: 90 } });
    expect(settings.controls["unused-access-key"]).toMatchObject({ mode: "notify", options: { maxUnusedDays: 30 } });
    expect(settings.controls["role-with-unapproved-boundary"]).toMatchObject({
      mode: "notify",
      options: { approvedBoundaries: ["arn:aws:iam::*:policy/boundaries/*", "TeamBoundary"] },
    });
    expect(settings.excludedRoles).toEqual({
      names: ["legacy-*"],
      paths: ["/vendor/*"],
      tags: { team: "network" },
      trustTags: true,
    });
  });

  it("has a circuit breaker that is on, and protects nobody by name, unless it says otherwise", () => {
    const { breaker, protectedPrincipals } = defaultSettings();
    expect(breaker).toEqual({
      perAccount: { count: 10, percent: 5 },
      organization: { count: 50, percent: 5 },
    });
    expect(protectedPrincipals).toEqual({ users: [], roles: [], paths: [] });
  });

  it("reads breaker limits, zero too, and completes them", () => {
    const text = "version: 1\nbreaker:\n  perAccount: { count: 0 }\n  organization: { percent: 100 }\n";
    expect(parseSettings(text, "f").breaker).toEqual({
      perAccount: { count: 0, percent: 5 },
      organization: { count: 50, percent: 100 },
    });
    expect(parseSettings("version: 1\nbreaker: {}\n", "f").breaker).toEqual(defaultSettings().breaker);
  });

  it("reads protected principals", () => {
    const text = "version: 1\nprotectedPrincipals: { users: [Break-Glass-*], roles: ['*'], paths: [/, /ops/*] }\n";
    expect(parseSettings(text, "f").protectedPrincipals).toEqual({
      users: ["Break-Glass-*"],
      roles: ["*"],
      paths: ["/", "/ops/*"],
    });
  });

  it("follows anchors and aliases", () => {
    const text = "version: 1\ncontrols:\n  stale-access-key: &quiet { mode: off }\n  unused-access-key: *quiet\n";
    expect(parseSettings(text, "f").controls["unused-access-key"]?.mode).toBe("off");
  });
});

const refused: Record<string, { text: string; lines: readonly string[] }> = {
  "no version": {
    text: "trustTags: false\n",
    lines: ["warden.config.yaml:1:1 version: is missing; write version: 1"],
  },
  "an empty mapping": { text: "{}\n", lines: ["warden.config.yaml:1:1 version: is missing; write version: 1"] },
  "another version": {
    text: "version: 2\n",
    lines: ["warden.config.yaml:1:10 version: is 2; write 1"],
  },
  "a version in quotes": {
    text: 'version: "1"\n',
    lines: ['warden.config.yaml:1:10 version: is the text "1"; write 1'],
  },
  "a list at the top": {
    text: "- version: 1\n",
    lines: [
      "warden.config.yaml:1:1 the file: is a list; write a mapping with any of breaker, chat, controls, deployment, excludedRoles, history, owners, protectedPrincipals, repairs, subscribers, trustTags, version",
    ],
  },
  "a sentence at the top": {
    text: "please notify me\n",
    lines: [
      'warden.config.yaml:1:1 the file: is the text "please notify me"; write a mapping with any of breaker, chat, controls, deployment, excludedRoles, history, owners, protectedPrincipals, repairs, subscribers, trustTags, version',
    ],
  },
  "a setting that does not exist": {
    text: "version: 1\ntrustTag: true\n",
    lines: ["warden.config.yaml:2:1 trustTag: no such setting; did you mean trustTags?"],
  },
  "a setting that is like none": {
    text: "version: 1\nslackChannel: x\n",
    lines: [
      "warden.config.yaml:2:1 slackChannel: no such setting; write any of breaker, chat, controls, deployment, excludedRoles, history, owners, protectedPrincipals, repairs, subscribers, trustTags, version",
    ],
  },
  "a control that does not exist": {
    text: "version: 1\ncontrols:\n  stale-acess-key:\n    mode: off\n",
    lines: ["warden.config.yaml:3:3 controls.stale-acess-key: no such control; did you mean stale-access-key?"],
  },
  "a control in other letters": {
    text: "version: 1\ncontrols:\n  Stale-Access-Key: {}\n",
    lines: ["warden.config.yaml:3:3 controls.Stale-Access-Key: no such control; did you mean stale-access-key?"],
  },
  "a control that is like none": {
    text: "version: 1\ncontrols: { s3-bucket-public: {} }\n",
    lines: [
      `warden.config.yaml:2:13 controls.s3-bucket-public: no such control; write any of ${controls.map((control) => control.id).join(", ")}`,
    ],
  },
  "controls without content": {
    text: "version: 1\ncontrols:\n",
    lines: [
      `warden.config.yaml:2:10 controls: is empty; write a mapping with any of ${controls.map((control) => control.id).join(", ")}`,
    ],
  },
  "an option that does not exist": {
    text: "version: 1\ncontrols:\n  stale-access-key:\n    options:\n      maxAge: 30\n",
    lines: ["warden.config.yaml:5:7 controls.stale-access-key.options.maxAge: no such option; write any of maxAgeDays"],
  },
  "an option of a control that has none": {
    text: "version: 1\ncontrols:\n  two-active-access-keys:\n    options: { maxAgeDays: 30 }\n",
    lines: [
      "warden.config.yaml:4:16 controls.two-active-access-keys.options.maxAgeDays: no such option; this control has none, remove it",
    ],
  },
  "an option beside the options": {
    text: "version: 1\ncontrols:\n  stale-access-key:\n    maxAgeDays: 30\n",
    lines: [
      "warden.config.yaml:4:5 controls.stale-access-key.maxAgeDays: no such setting; write any of ladder, mode, options, scopes",
    ],
  },
  "a number as text": {
    text: 'version: 1\ncontrols:\n  stale-access-key:\n    options:\n      maxAgeDays: "30"\n',
    lines: [
      'warden.config.yaml:5:19 controls.stale-access-key.options.maxAgeDays: is the text "30"; write a whole number from 1 to 3650',
    ],
  },
  "a number that is too small, too large, broken or no number": {
    text: `version: 1
controls:
  stale-access-key: { options: { maxAgeDays: 0 } }
  unused-access-key: { options: { maxUnusedDays: 366 } }
  unused-console-password: { options: { maxUnusedDays: 4.5 } }
`,
    lines: [
      "warden.config.yaml:3:46 controls.stale-access-key.options.maxAgeDays: is 0; write a whole number from 1 to 3650",
      "warden.config.yaml:4:50 controls.unused-access-key.options.maxUnusedDays: is 366; write a whole number from 1 to 365",
      "warden.config.yaml:5:56 controls.unused-console-password.options.maxUnusedDays: is 4.5; write a whole number from 1 to 365",
    ],
  },
  "infinity and not a number": {
    text: `version: 1
controls:
  stale-access-key: { options: { maxAgeDays: .inf } }
  unused-access-key: { options: { maxUnusedDays: .nan } }
`,
    lines: [
      "warden.config.yaml:3:46 controls.stale-access-key.options.maxAgeDays: is Infinity; write a whole number from 1 to 3650",
      "warden.config.yaml:4:50 controls.unused-access-key.options.maxUnusedDays: is NaN; write a whole number from 1 to 365",
    ],
  },
  "remediate without a repair": {
    text: "version: 1\ncontrols:\n  root-activity:\n    mode: remediate\n",
    lines: [
      "warden.config.yaml:4:11 controls.root-activity.mode: is remediate, but this control has no repair; write off or notify",
    ],
  },
  "a mode that does not exist": {
    text: "version: 1\ncontrols:\n  stale-access-key:\n    mode: Off\n",
    lines: [
      'warden.config.yaml:4:11 controls.stale-access-key.mode: is the text "Off"; write off, notify or remediate',
    ],
  },
  "a yes": {
    text: "version: 1\ntrustTags: yes\n",
    lines: ['warden.config.yaml:2:12 trustTags: is the text "yes"; write true or false'],
  },
  "a boundary that is no policy": {
    text: `version: 1
controls:
  role-with-unapproved-boundary:
    options:
      approvedBoundaries: [arn:aws:iam::111122223333:role/x, "Team Boundary", 7]
`,
    lines: [
      'warden.config.yaml:5:28 controls.role-with-unapproved-boundary.options.approvedBoundaries[0]: is the text "arn:aws:iam::111122223333:role/x"; write a policy ARN or a policy name, in which * stands for any characters',
      'warden.config.yaml:5:62 controls.role-with-unapproved-boundary.options.approvedBoundaries[1]: is the text "Team Boundary"; write a policy ARN or a policy name, in which * stands for any characters',
      "warden.config.yaml:5:79 controls.role-with-unapproved-boundary.options.approvedBoundaries[2]: is 7; write a policy ARN or a policy name, in which * stands for any characters",
    ],
  },
  "a single boundary instead of a list": {
    text: "version: 1\ncontrols:\n  role-with-unapproved-boundary:\n    options: { approvedBoundaries: Team }\n",
    lines: [
      'warden.config.yaml:4:36 controls.role-with-unapproved-boundary.options.approvedBoundaries: is the text "Team"; write a list of at most 100 entries',
    ],
  },
  "a role name that looks like another": {
    text: "version: 1\nexcludedRoles:\n  names: [аdmin]\n",
    lines: [
      'warden.config.yaml:3:11 excludedRoles.names[0]: is the text "аdmin"; write a role name or a pattern such as legacy-* that does not stand for every role',
    ],
  },
  "exclusions of everything": {
    text: "version: 1\nexcludedRoles:\n  names: ['*']\n  paths: ['/*', '*', vendor/]\n",
    lines: [
      'warden.config.yaml:3:11 excludedRoles.names[0]: is the text "*"; write a role name or a pattern such as legacy-* that does not stand for every role',
      'warden.config.yaml:4:11 excludedRoles.paths[0]: is the text "/*"; write a path or a pattern such as /vendor/* that begins with / and does not stand for every path',
      'warden.config.yaml:4:17 excludedRoles.paths[1]: is the text "*"; write a path or a pattern such as /vendor/* that begins with / and does not stand for every path',
      'warden.config.yaml:4:22 excludedRoles.paths[2]: is the text "vendor/"; write a path or a pattern such as /vendor/* that begins with / and does not stand for every path',
    ],
  },
  "a breaker limit that is negative, broken, too large, text or empty": {
    text: `version: 1
breaker:
  perAccount: { count: -1, percent: 101 }
  organization: { count: 1001, percent: 2.5 }
`,
    lines: [
      "warden.config.yaml:3:24 breaker.perAccount.count: is -1; write a whole number from 0 to 1000",
      "warden.config.yaml:3:37 breaker.perAccount.percent: is 101; write a whole number from 0 to 100",
      "warden.config.yaml:4:26 breaker.organization.count: is 1001; write a whole number from 0 to 1000",
      "warden.config.yaml:4:41 breaker.organization.percent: is 2.5; write a whole number from 0 to 100",
    ],
  },
  "a breaker that is switched off": {
    text: 'version: 1\nbreaker:\n  perAccount: { count: .inf, percent: "5" }\n  organization: off\n',
    lines: [
      "warden.config.yaml:3:24 breaker.perAccount.count: is Infinity; write a whole number from 0 to 1000",
      'warden.config.yaml:3:39 breaker.perAccount.percent: is the text "5"; write a whole number from 0 to 100',
      'warden.config.yaml:4:17 breaker.organization: is the text "off"; write a mapping with any of count, percent',
    ],
  },
  "no breaker, no protection": {
    text: "version: 1\nbreaker: null\nprotectedPrincipals: null\n",
    lines: [
      "warden.config.yaml:2:10 breaker: is empty; write a mapping with any of organization, perAccount",
      "warden.config.yaml:3:22 protectedPrincipals: is empty; write a mapping with any of paths, roles, users",
    ],
  },
  "protected principals that protect nobody": {
    text: "version: 1\nprotectedPrincipals:\n  users: [аdmin, '']\n  roles: [arn:aws:iam::111122223333:role/x]\n  paths: [ops/, /ops]\n",
    lines: [
      'warden.config.yaml:3:11 protectedPrincipals.users[0]: is the text "аdmin"; write a name or a pattern such as break-glass-*, in the letters that IAM allows',
      'warden.config.yaml:3:18 protectedPrincipals.users[1]: is the text ""; write a name or a pattern such as break-glass-*, in the letters that IAM allows',
      'warden.config.yaml:4:11 protectedPrincipals.roles[0]: is the text "arn:aws:iam::111122223333:role/x"; write a name or a pattern such as break-glass-*, in the letters that IAM allows',
      'warden.config.yaml:5:11 protectedPrincipals.paths[0]: is the text "ops/"; write a path or a pattern such as /break-glass/* that begins with / and ends with / or *',
      'warden.config.yaml:5:17 protectedPrincipals.paths[1]: is the text "/ops"; write a path or a pattern such as /break-glass/* that begins with / and ends with / or *',
    ],
  },
  "a tag value that is no text, a tag key that is empty": {
    text: 'version: 1\nexcludedRoles:\n  tags:\n    team: 7\n    "": x\n',
    lines: [
      "warden.config.yaml:4:11 excludedRoles.tags.team: is 7; write a tag value in quotes, or a pattern such as '*'",
      'warden.config.yaml:5:9 excludedRoles.tags."": is not a possible key; write a tag key of 1 to 128 characters',
    ],
  },
  "the same key twice": {
    text: "version: 1\ntrustTags: false\ntrustTags: true\n",
    lines: ["warden.config.yaml:3:1 syntax: the same key stands here twice; keep one of them"],
  },
  "a tab": {
    text: "version: 1\ncontrols:\n\tstale-access-key: {}\n",
    lines: ["warden.config.yaml:3:1 syntax: a tab is used to indent; write spaces"],
  },
  "two documents": {
    text: "version: 1\n---\nversion: 1\n",
    lines: ["warden.config.yaml:2:1 syntax: a second document begins here; write only one"],
  },
  "a tag of YAML": {
    text: "version: !!js/function 1\n",
    lines: ["warden.config.yaml:1:10 syntax: Unresolved tag: tag:yaml.org,2002:js/function; write plain YAML"],
  },
  "keys that are special to JavaScript": {
    text: "version: 1\n__proto__: { trustTags: true }\nconstructor: 1\n",
    lines: [
      "warden.config.yaml:2:1 __proto__: no such setting; write any of breaker, chat, controls, deployment, excludedRoles, history, owners, protectedPrincipals, repairs, subscribers, trustTags, version",
      "warden.config.yaml:3:1 constructor: no such setting; write any of breaker, chat, controls, deployment, excludedRoles, history, owners, protectedPrincipals, repairs, subscribers, trustTags, version",
    ],
  },
  "an object whose length cannot be compared": {
    text: "version: 1\nexcludedRoles: { tags: { team: { length: { toString: 1, valueOf: 1 } } } }\n",
    lines: ["warden.config.yaml:1:1 the file: has a mapping with a key length where text belongs; write text"],
  },
  "text that could act in a terminal": {
    text: 'version: 1\n"a\\e[2J\\u202E": 1\ntrustTags: "\\e[31m"\n',
    lines: [
      'warden.config.yaml:2:1 "a\\u001b[2J\\u202e": no such setting; write any of breaker, chat, controls, deployment, excludedRoles, history, owners, protectedPrincipals, repairs, subscribers, trustTags, version',
      'warden.config.yaml:3:12 trustTags: is the text "\\u001b[31m"; write true or false',
    ],
  },
};

const scoped = (scope: string) => `version: 1
controls:
  stale-access-key:
    scopes:
      - ${scope}
`;
const at = (column: number, path = "") => `warden.config.yaml:5:${column} controls.stale-access-key.scopes[0]${path}`;

describe("a scope", () => {
  it.each([
    ["neither OU nor account", "{ mode: off }", `${at(9)}: names its scope wrongly; write either ou or account`],
    ["both", '{ ou: Root, account: "111122223333" }', `${at(9)}: names its scope wrongly; write either ou or account`],
    [
      "an account that lost its quotes",
      "{ account: 111122223333 }",
      `${at(20, ".account")}: is 111122223333; write an account id of twelve digits, in quotes`,
    ],
    [
      "an OU with a slash at its end",
      "{ ou: Root/Prod/ }",
      `${at(15, ".ou")}: is the text "Root/Prod/"; write an OU path from the root down, such as Root/Workloads/Prod`,
    ],
    [
      "an option that does not exist",
      "{ ou: Root, options: { days: 3 } }",
      `${at(32, ".options.days")}: no such option; write any of maxAgeDays`,
    ],
    [
      "an option out of bounds",
      "{ ou: Root, options: { maxAgeDays: 0 } }",
      `${at(44, ".options.maxAgeDays")}: is 0; write a whole number from 1 to 3650`,
    ],
    [
      "a mode that does not exist",
      "{ ou: Root, mode: repair }",
      `${at(27, ".mode")}: is the text "repair"; write off, notify or remediate`,
    ],
  ])("is refused: %s", (_, scope, problem) => {
    expect(problems(scoped(scope))).toEqual([problem]);
  });

  it("is refused the second time it is written", () => {
    const twice = `${scoped("{ ou: Root/A, mode: off }")}      - { ou: Root/A }\n`;
    expect(problems(twice)).toEqual([
      "warden.config.yaml:6:9 controls.stale-access-key.scopes[1]: names its scope wrongly; write each OU or account only once",
    ]);
  });

  it("starts from its control's own mode and options", () => {
    const text = `version: 1
controls:
  role-with-unapproved-boundary:
    mode: off
    options: { approvedBoundaries: [Team] }
    scopes:
      - { ou: Root/A }
      - { ou: Root/B, mode: notify, options: { approvedBoundaries: [] } }
`;
    expect(parseSettings(text, "f").controls["role-with-unapproved-boundary"]?.scopes).toEqual([
      { scope: { ou: "Root/A" }, mode: "off", options: { approvedBoundaries: ["Team"] } },
      { scope: { ou: "Root/B" }, mode: "notify", options: { approvedBoundaries: [] } },
    ]);
  });
});

describe("settings that are refused", () => {
  for (const [name, { text, lines }] of Object.entries(refused)) {
    it(name, () => expect(problems(text)).toEqual(lines));
  }

  it("text that is no YAML, with its place", () => {
    const [line] = problems("version: 1\ncontrols: {\n");
    expect(line).toMatch(/^warden\.config\.yaml:\d+:\d+ syntax: .+; write plain YAML$/);
  });

  it("an alias to nothing, and aliases that multiply", () => {
    expect(problems("version: 1\ntrustTags: *nowhere\n")).toHaveLength(1);
    const bomb = Array.from({ length: 9 }, (_, i) => `l${i + 1}: &l${i + 1} [${Array(9).fill(`*l${i}`)}]`).join("\n");
    const [line] = problems(`l0: &l0 x\n${bomb}\n`);
    expect(line).toMatch(/^warden\.config\.yaml:1:1 the file: cannot be read \(.+\); write plain YAML/);
  });

  it("a megabyte of nesting", () => {
    expect(problems("[".repeat(999_999))).not.toEqual([]);
    expect(problems("[".repeat(1_000_001))).toEqual([
      "warden.config.yaml:1:1 the file: has 1000001 characters; write at most 1000000",
    ]);
  });

  it.each([
    ["unknown settings", "version: 1\n", (index: number) => `setting${index}: 1\n`],
    ["values of the wrong kind", "version: 1\nexcludedRoles:\n  tags:\n", (index: number) => `    tag${index}: 1\n`],
    ["tabs", "version: 1\ncontrols:\n", () => "\t- a\n"],
  ])("thousands of %s by the first hundred", (_, start, line) => {
    const lines = problems(start + Array.from({ length: 5000 }, (_, index) => line(index)).join(""));
    expect(lines.length).toBeLessThanOrEqual(101);
    expect(lines[0]).toMatch(/^warden\.config\.yaml:\d+:\d+ /);
    if (lines.length > 100) expect(lines.at(-1)).toBe("warden.config.yaml: and 4900 more problems; mend these first");
  });

  it("every problem at once, in the file's order", () => {
    const text = "trustTags: maybe\ncontrols:\n  nothing: {}\n  stale-access-key: { mode: on }\nversion: 3\n";
    expect(problems(text).map((line) => line.split(" ")[0])).toEqual([
      "warden.config.yaml:1:12",
      "warden.config.yaml:3:3",
      "warden.config.yaml:4:29",
      "warden.config.yaml:5:10",
    ]);
  });
});

it("whatever the text, the outcome is settings or problems on single lines", () => {
  const fragment = fc.oneof(
    fc.constantFrom(
      "version: 1\n",
      "controls:\n",
      "  stale-access-key:\n",
      "    mode: off\n",
      "\t",
      "&a ",
      "*a",
      "? ",
      "- ",
    ),
    fc.string({ maxLength: 8, unit: "binary" }),
  );
  fc.assert(
    fc.property(fc.array(fragment, { maxLength: 12 }), (parts) => {
      for (const line of problems(parts.join(""))) {
        expect(line).toMatch(/^warden\.config\.yaml:[1-9]\d*:[1-9]\d* [^\n\r]+$/);
      }
    }),
  );
});
