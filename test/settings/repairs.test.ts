import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SettingsError } from "../../shared/errors.ts";
import { duration, showDuration } from "../../shared/settings/durations.ts";
import { parseSettings } from "../../shared/settings/parse-yaml.ts";
import { defaultSettings } from "../../shared/settings/settings.ts";

const read = (text: string) => parseSettings(`version: 1\n${text}`, "f");

const problems = (text: string): readonly string[] => {
  try {
    read(text);
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  return [];
};

const standard = [
  { afterHours: 0, do: "notify" },
  { afterHours: 168, do: "remediate" },
];

describe("a duration", () => {
  it("is a whole number of hours or days, up to a year", () => {
    const number = fc.oneof(fc.nat({ max: 400 }), fc.integer({ min: -5, max: 12_000 }));
    fc.assert(
      fc.property(number, fc.constantFrom("h", "d"), (count, unit) => {
        const hours = unit === "d" ? count * 24 : count;
        const parsed = duration.safeParse(`${count}${unit}`);
        expect(parsed.success ? parsed.data : undefined).toBe(count >= 0 && hours <= 8760 ? hours : undefined);
        if (parsed.success) expect(duration.parse(showDuration(parsed.data))).toBe(parsed.data);
      }),
      { numRuns: 1_000 },
    );
  });

  it.each(["", "7", "d", "07d", "7 d", "7D", "1.5d", "-1d", "+1d", "7days", "1w", "7d\n", "٧d", "1e1d", "0x1d"])(
    "is not %j",
    (text) => expect(duration.safeParse(text).success).toBe(false),
  );
});

describe("a ladder", () => {
  const of = (ladder: string, control = "stale-access-key") =>
    problems(`controls:\n  ${control}:\n    ladder: ${ladder}\n`);
  const at = (column: number, step: string) => `f:4:${column} controls.stale-access-key.ladder${step}`;

  it("repairs seven days after the first notice, unless it says otherwise, what has a repair", () => {
    const { controls } = defaultSettings();
    expect(controls["stale-access-key"]?.ladder).toEqual(standard);
    for (const id of ["trust-open-to-anyone", "unused-role", "weak-password-policy"] as const)
      expect(controls[id]?.ladder).toEqual([{ afterHours: 0, do: "notify" }]);
    expect(controls["root-activity"]?.ladder).toEqual([{ afterHours: 0, do: "notify" }]);
    expect(read("controls: { stale-access-key: { mode: remediate } }").controls["stale-access-key"]).toEqual({
      mode: "remediate",
      options: { maxAgeDays: 90 },
      ladder: standard,
    });
  });

  it("is read in hours, for the control and where a scope gives one", () => {
    const { controls } = read(`controls:
  unused-access-key:
    mode: remediate
    ladder: [{ after: 0d, do: notify }, { after: 36h, do: remediate }, { after: 30d, do: finish }]
    scopes:
      - { ou: Root/A, ladder: [{ after: 0d, do: remediate }] }
      - { ou: Root/B, mode: notify }
`);
    expect(controls["unused-access-key"]).toEqual({
      mode: "remediate",
      options: { maxUnusedDays: 45 },
      ladder: [
        { afterHours: 0, do: "notify" },
        { afterHours: 36, do: "remediate" },
        { afterHours: 720, do: "finish" },
      ],
      scopes: [
        {
          scope: { ou: "Root/A" },
          mode: "remediate",
          options: { maxUnusedDays: 45 },
          ladder: [{ afterHours: 0, do: "remediate" }],
        },
        { scope: { ou: "Root/B" }, mode: "notify", options: { maxUnusedDays: 45 } },
      ],
    });
  });

  it.each([
    ["at once with the first notice", "[{ after: 0d, do: remediate }]"],
    ["by approval only", "[{ after: 0d, do: notify }]"],
    ["two steps at one time", "[{ after: 1d, do: notify }, { after: 24h, do: remediate }]"],
    ["finish exactly a day later", "[{ after: 6h, do: remediate }, { after: 30h, do: finish }]"],
    ["told again in between", "[{ after: 1d, do: remediate }, { after: 2d, do: notify }, { after: 3d, do: finish }]"],
  ])("may be: %s", (_, ladder) => expect(of(ladder)).toEqual([]));

  it.each([
    ["no list", "7d", `${at(13, "")}: is the text "7d"; write a list of 1 to 10 entries`],
    ["without steps", "[]", `${at(13, "")}: is a list; write a list of 1 to 10 entries`],
    [
      "of eleven steps",
      `[${"{ after: 0d, do: notify }, ".repeat(11)}]`,
      `${at(13, "")}: is a list; write a list of 1 to 10 entries`,
    ],
    [
      "a number",
      "[{ after: 7, do: notify }]",
      `${at(23, "[0].after")}: is 7; write a whole number of hours or days, such as 36h or 7d, from 0d to 365d`,
    ],
    [
      "a time too long",
      "[{ after: 366d, do: notify }]",
      `${at(23, "[0].after")}: is the text "366d"; write a whole number of hours or days, such as 36h or 7d, from 0d to 365d`,
    ],
    [
      "no time",
      "[{ do: notify }]",
      `${at(14, "[0].after")}: is missing; write a whole number of hours or days, such as 36h or 7d, from 0d to 365d`,
    ],
    ["no action", "[{ after: 1d }]", `${at(14, "[0].do")}: is missing; write notify, remediate or finish`],
    [
      "an unknown action",
      "[{ after: 1d, do: delete }]",
      `${at(31, "[0].do")}: is the text "delete"; write notify, remediate or finish`,
    ],
    [
      "an unknown key",
      "[{ aftr: 1d, after: 1d, do: notify }]",
      `${at(16, "[0].aftr")}: no such setting; did you mean after?`,
    ],
    [
      "descending",
      "[{ after: 2d, do: notify }, { after: 47h, do: remediate }]",
      `${at(41, "[1]")}: comes earlier than the step before it; write the steps in ascending order of after`,
    ],
    [
      "remediate twice",
      "[{ after: 1d, do: remediate }, { after: 2d, do: remediate }]",
      `${at(44, "[1]")}: is the second remediate; write it only once`,
    ],
    [
      "finish without remediate",
      "[{ after: 0d, do: notify }, { after: 9d, do: finish }]",
      `${at(41, "[1]")}: finishes what was not repaired; write a step with do: remediate before it`,
    ],
    [
      "finish too soon",
      "[{ after: 1d, do: remediate }, { after: 47h, do: finish }]",
      `${at(44, "[1]")}: finishes less than a day after remediate; write an after that is at least 1d later`,
    ],
  ])("may not be: %s", (_, ladder, problem) => expect(of(ladder)).toEqual([problem]));

  it("has only steps that the control has a plan for", () => {
    expect(of("[{ after: 0d, do: remediate }]", "root-activity")).toEqual([
      "f:4:31 controls.root-activity.ladder[0].do: is remediate, but this control has no repair; write notify",
    ]);
    expect(of("[{ after: 0d, do: remediate }, { after: 9d, do: finish }]", "console-user-without-mfa")).toEqual([
      "f:4:61 controls.console-user-without-mfa.ladder[1].do: is finish, but this control has no repair that a later step finishes; write notify or remediate",
    ]);
  });

  it("is judged in a scope as in the control", () => {
    const text =
      "controls:\n  stale-access-key:\n    scopes:\n      - { ou: Root, ladder: [{ after: 1d, do: finish }] }\n";
    expect(problems(text)).toEqual([
      "f:5:30 controls.stale-access-key.scopes[0].ladder[0]: finishes what was not repaired; write a step with do: remediate before it",
    ]);
  });
});

describe("mode remediate", () => {
  const unnamed = (where: string, also = "") =>
    `${where}: is remediate, and no boundary is named that could be attached; write its name in repairs.permissionsBoundary${also}, or notify here`;
  const scopes = (boundaries: string) => `controls:
  role-without-boundary:
    scopes:
      - { account: "111122223333", mode: remediate }
      - { ou: Root/A, mode: remediate }
repairs: { ${boundaries} }
`;

  it.each(["role-without-boundary", "role-with-unapproved-boundary"])("of %s needs a boundary", (id) => {
    const text = `controls:\n  ${id}:\n    mode: remediate\n`;
    expect(problems(text)).toEqual([unnamed(`f:4:11 controls.${id}.mode`)]);
    expect(problems(`${text}repairs: { permissionsBoundary: TeamBoundary }\n`)).toEqual([]);
  });

  it("in a scope needs a boundary there", () => {
    const account = unnamed(
      "f:5:42 controls.role-without-boundary.scopes[0].mode",
      ' or repairs.boundaries."111122223333"',
    );
    expect(problems(scopes(""))).toEqual([account, unnamed("f:6:29 controls.role-without-boundary.scopes[1].mode")]);
    expect(problems(scopes('boundaries: { "444455556666": x }'))).toEqual([account]);
    expect(problems(scopes('boundaries: { "111122223333": x }'))).toEqual([]);
    expect(problems(scopes("permissionsBoundary: x"))).toEqual([]);
  });

  it.each(["root-access-key-exists", "root-without-mfa"])("of %s needs central root access", (id) => {
    const lacks = (where: string) =>
      `${where}: is remediate, which needs central root access; write centralRootAccess: true under repairs if the organization has it, or notify here`;
    const text = `controls:\n  ${id}:\n    mode: remediate\n`;
    expect(problems(text)).toEqual([lacks(`f:4:11 controls.${id}.mode`)]);
    expect(problems(`${text}repairs: { centralRootAccess: false }\n`)).toHaveLength(1);
    expect(problems(`${text}repairs: { centralRootAccess: true }\n`)).toEqual([]);
    expect(problems(`controls:\n  ${id}:\n    scopes: [{ ou: Root/A, mode: remediate }]\n`)).toEqual([
      lacks(`f:4:34 controls.${id}.scopes[0].mode`),
    ]);
  });

  it("is refused in a scope of a control that has no repair", () => {
    expect(problems("controls:\n  two-active-access-keys:\n    scopes: [{ ou: Root, mode: remediate }]\n")).toEqual([
      "f:4:32 controls.two-active-access-keys.scopes[0].mode: is remediate, but this control has no repair; write off or notify",
    ]);
  });
});

describe("repairs", () => {
  it("are bounded unless the settings say otherwise", () => {
    expect(defaultSettings().repairs).toEqual({
      inUseDays: 30,
      autoUndo: false,
      remindBeforeHours: 24,
      permissionsBoundary: null,
      boundaries: {},
      centralRootAccess: false,
    });
    expect(read("repairs: {}").repairs).toEqual(defaultSettings().repairs);
  });

  it("are read whole", () => {
    const text = `repairs:
  { inUseDays: 0, autoUndo: true, remindBefore: 36h, permissionsBoundary: /team/b, boundaries: { 111122223333: c }, centralRootAccess: true }`;
    expect(read(text).repairs).toEqual({
      inUseDays: 0,
      autoUndo: true,
      remindBeforeHours: 36,
      permissionsBoundary: "/team/b",
      boundaries: { "111122223333": "c" },
      centralRootAccess: true,
    });
  });

  const name = "the name of a policy, with its path if it has one, such as iam-warden-boundary or /team/boundary";
  it.each([
    [
      "null",
      "repairs: null",
      "f:2:10 repairs: is empty; write a mapping with any of autoUndo, boundaries, centralRootAccess, inUseDays, paused, permissionsBoundary, remindBefore",
    ],
    [
      "an unknown key",
      "repairs: { autoundo: true }",
      "f:2:12 repairs.autoundo: no such setting; did you mean autoUndo?",
    ],
    [
      "too many days",
      "repairs: { inUseDays: 401 }",
      "f:2:23 repairs.inUseDays: is 401; write a whole number from 0 to 400",
    ],
    [
      "text for days",
      "repairs: { inUseDays: 30d }",
      'f:2:23 repairs.inUseDays: is the text "30d"; write a whole number from 0 to 400',
    ],
    ["text for yes", "repairs: { autoUndo: yes }", 'f:2:22 repairs.autoUndo: is the text "yes"; write true or false'],
    [
      "central root as text",
      'repairs: { centralRootAccess: "true" }',
      'f:2:31 repairs.centralRootAccess: is the text "true"; write true or false',
    ],
    [
      "a reminder in weeks",
      "repairs: { remindBefore: 1w }",
      'f:2:26 repairs.remindBefore: is the text "1w"; write a whole number of hours or days, such as 36h or 7d, from 0d to 365d',
    ],
    [
      "a pattern for a boundary",
      "repairs: { permissionsBoundary: team-* }",
      `f:2:33 repairs.permissionsBoundary: is the text "team-*"; write ${name}`,
    ],
    [
      "a path without its slash",
      "repairs: { permissionsBoundary: team/b }",
      `f:2:33 repairs.permissionsBoundary: is the text "team/b"; write ${name}`,
    ],
    [
      "no name",
      'repairs: { permissionsBoundary: "" }',
      `f:2:33 repairs.permissionsBoundary: is the text ""; write ${name}`,
    ],
    [
      "a number for a name",
      "repairs: { permissionsBoundary: 7 }",
      `f:2:33 repairs.permissionsBoundary: is 7; write ${name}`,
    ],
    [
      "an ARN of a role",
      "repairs: { permissionsBoundary: 'arn:aws:iam::111122223333:role/x' }",
      `f:2:33 repairs.permissionsBoundary: is the text "arn:aws:iam::111122223333:role/x"; write ${name}`,
    ],
    [
      "an ARN",
      "repairs: { permissionsBoundary: 'arn:aws:iam::111122223333:policy/b' }",
      'f:2:33 repairs.permissionsBoundary: is the text "arn:aws:iam::111122223333:policy/b"; write its name alone, b: each account has a policy of its own of that name',
    ],
    [
      "an ARN with a path",
      "repairs: { boundaries: { '111122223333': 'arn:aws:iam::111122223333:policy/a/b' } }",
      'f:2:42 repairs.boundaries.111122223333: is the text "arn:aws:iam::111122223333:policy/a/b"; write its name alone, /a/b: each account has a policy of its own of that name',
    ],
    [
      "an account that lost its zero",
      "repairs: { boundaries: { 012345678901: b } }",
      "f:2:40 repairs.boundaries.12345678901: is not a possible key; write an account id of twelve digits, in quotes",
    ],
    [
      "a name that is empty, for an account without quotes",
      "repairs: { boundaries: { 111122223333: } }",
      `f:2:40 repairs.boundaries.111122223333: is empty; write ${name}`,
    ],
    [
      "an owner's tag that is a list",
      "owners: { principalTag: [owner] }",
      "f:2:25 owners.principalTag: is a list; write a tag key of 1 to 128 characters",
    ],
    [
      "an unknown owner",
      "owners: { ouTag: x }",
      "f:2:11 owners.ouTag: no such setting; write any of accountTag, principalTag",
    ],
  ])("are refused: %s", (_, text, problem) => expect(problems(text)).toEqual([problem]));
});

describe("subscribers", () => {
  const of = (...subscribers: readonly string[]) =>
    problems(`subscribers:\n${subscribers.map((one) => `  - ${one}\n`).join("")}`);

  it("are nobody, unless the settings name them", () => {
    expect(defaultSettings()).toMatchObject({ subscribers: [], owners: {} });
  });

  it("are read as they stand", () => {
    const { subscribers, owners } = read(`owners: { principalTag: owner }
subscribers:
  - { protocol: email, endpoint: a@example.com, only: { severity: [critical, high], owner: [team-a] } }
  - { protocol: https, endpoint: "https://example.com/x" }
`);
    expect(owners).toEqual({ principalTag: "owner" });
    expect(subscribers).toEqual([
      { protocol: "email", endpoint: "a@example.com", only: { severity: ["critical", "high"], owner: ["team-a"] } },
      { protocol: "https", endpoint: "https://example.com/x" },
    ]);
  });

  const many = (count: number) =>
    Array.from({ length: count }, (_, index) => `"${String(index).padStart(12, "0")}"`).join(", ");
  it.each([
    [
      "sms",
      "{ protocol: sms, endpoint: '+49' }",
      'f:3:17 subscribers[0].protocol: is the text "sms"; write email, https, sqs or lambda',
    ],
    [
      "no endpoint",
      "{ protocol: email }",
      "f:3:5 subscribers[0].endpoint: is missing; write an email address, a URL or an ARN, as the protocol asks",
    ],
    [
      "http",
      '{ protocol: https, endpoint: "http://x.example" }',
      "f:3:34 subscribers[0].endpoint: is no endpoint of protocol https; write a URL that begins with https://",
    ],
    [
      "a URL by email",
      '{ protocol: email, endpoint: "https://x.example" }',
      "f:3:34 subscribers[0].endpoint: is no endpoint of protocol email; write an email address",
    ],
    [
      "two addresses",
      '{ protocol: email, endpoint: "a@x.example,b@x.example" }',
      "f:3:34 subscribers[0].endpoint: is no endpoint of protocol email; write an email address",
    ],
    [
      "a FIFO queue",
      '{ protocol: sqs, endpoint: "arn:aws:sqs:eu-west-1:111122223333:q.fifo" }',
      "f:3:32 subscribers[0].endpoint: is no endpoint of protocol sqs; write the ARN of a queue, not a FIFO queue",
    ],
    [
      "a queue for a function",
      '{ protocol: lambda, endpoint: "arn:aws:sqs:eu-west-1:111122223333:q" }',
      "f:3:35 subscribers[0].endpoint: is no endpoint of protocol lambda; write the ARN of a function",
    ],
    [
      "an unknown severity",
      "{ protocol: email, endpoint: a@x.example, only: { severity: [urgent] } }",
      'f:3:66 subscribers[0].only.severity[0]: is the text "urgent"; write critical, high, medium or low',
    ],
    [
      "a single value",
      "{ protocol: email, endpoint: a@x.example, only: { severity: high } }",
      'f:3:65 subscribers[0].only.severity: is the text "high"; write a list of 1 to 150 entries',
    ],
    [
      "an attribute that there is not",
      "{ protocol: email, endpoint: a@x.example, only: { region: [x] } }",
      "f:3:55 subscribers[0].only.region: no such setting; write any of account, control, kind, ouPath, owner, severity",
    ],
    [
      "more combinations than SNS takes",
      `{ protocol: email, endpoint: a@x.example, only: { account: [${many(76)}], ouPath: [Root] } }`,
      "f:3:53 subscribers[0].only: makes 152 combinations of values (an OU counts twice); write at most 150 for one subscriber",
    ],
    [
      "more attributes than SNS takes",
      '{ protocol: email, endpoint: a@x.example, only: { severity: [low], control: [root-activity], account: ["111122223333"], ouPath: [Root], kind: [held], owner: [a] } }',
      "f:3:53 subscribers[0].only: names 6 attributes; write at most 5 for one subscriber",
    ],
  ])("are refused: %s", (_, subscriber, problem) => expect(of(subscriber)).toEqual([problem]));

  it("are named once", () => {
    const one = "{ protocol: email, endpoint: a@x.example }";
    expect(of(one, one)).toEqual(["f:4:5 subscribers[1]: is subscribed already; write each endpoint only once"]);
  });
});
