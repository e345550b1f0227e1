import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LintReport } from "../../shared/lint/report.ts";
import { fixture, lintText } from "./linting.ts";

/** That everything reported stands in the text, and the end of it not before its begin. */
const isWithin = (text: string, { findings, unknown, unread, problems }: LintReport): void => {
  const lines = text.split(/\r\n|\r|\n/);
  const isPlace = (line: number, column: number) =>
    line >= 1 && line <= lines.length && column >= 1 && column <= (lines[line - 1] ?? "").length + 1;
  for (const { location } of [...findings, ...unknown, ...unread]) {
    const { line, column, endLine, endColumn } = location;
    expect(isPlace(line, column), JSON.stringify(location)).toBe(true);
    expect(isPlace(endLine, endColumn), JSON.stringify(location)).toBe(true);
    expect(endLine > line || (endLine === line && endColumn >= column), JSON.stringify(location)).toBe(true);
  }
  for (const { line = 1, column = 1, message } of problems) {
    expect(isPlace(line, column), message).toBe(true);
    expect(message).not.toMatch(/^cannot be judged/);
    expect(message.length).toBeGreaterThan(5);
  }
};

const names = fc.constantFrom("x.json", "x.yaml", "stdin", "x.template");

describe("whatever a text says, lint answers with places in it:", () => {
  it("any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 200 }), names, (text, name) =>
        isWithin(text, lintText(text, name)),
      ),
    );
  });

  /** Values in which the words of policies and templates stand where they may belong, or not. */
  const words = fc.constantFrom(
    ...[
      "Statement",
      "Effect",
      "Action",
      "Principal",
      "Resource",
      "Resources",
      "Type",
      "Properties",
      "Policies",
      "Roles",
      "Version",
    ],
    ...[
      "AWS::IAM::Role",
      "AWS::IAM::Policy",
      "AWS::IAM::User",
      "AssumeRolePolicyDocument",
      "PolicyDocument",
      "Ref",
      "Fn::Sub",
    ],
    ...[
      "Fn::If",
      "Fn::Join",
      "Conditions",
      "Condition",
      "Parameters",
      "planned_values",
      "root_module",
      "resources",
      "values",
    ],
    ...[
      "format_version",
      "address",
      "mode",
      "managed",
      "aws_iam_role",
      "assume_role_policy",
      "policy",
      "type",
      "role",
      "name",
    ],
    ...[
      "Allow",
      "sts:AssumeRole",
      "*",
      "__proto__",
      "constructor",
      "AWS::NoValue",
      "R",
      "«x»",
      '{"Statement": []}',
      "{",
    ],
  );
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 6, depthSize: "large" },
      words,
      fc.constantFrom(null, true, 0, ""),
      fc.array(tie("value"), { maxLength: 4 }),
      fc.dictionary(words, tie("value"), { maxKeys: 5 }),
    ),
  }));
  it("any value of words that it knows", () => {
    const spaces = fc.constantFrom(undefined, 2, "\t");
    fc.assert(
      fc.property(value, names, spaces, (json, name, space) => {
        const text = JSON.stringify(json, null, space);
        isWithin(text, lintText(text, name));
      }),
      { numRuns: 300 },
    );
  });

  const templates = { "x.yaml": fixture("bad.template.yaml"), "x.json": fixture("bad.tfplan.json") };
  it.each(Object.entries(templates))("a good one with any part cut out or put elsewhere, as %s", (name, whole) => {
    const offset = fc.nat({ max: whole.length });
    fc.assert(
      fc.property(offset, fc.nat({ max: 40 }), offset, (from, length, to) => {
        const cut = whole.slice(0, from) + whole.slice(from + length);
        const moved = cut.slice(0, to) + whole.slice(from, from + length) + cut.slice(to);
        for (const text of [cut, moved]) isWithin(text, lintText(text, name));
      }),
      { numRuns: 60 },
    );
  });

  it("resources of every type that it reads, whose properties are anything", () => {
    const types = [
      "Role",
      "User",
      "Group",
      "Policy",
      "RolePolicy",
      "ManagedPolicy",
      "UserToGroupAddition",
      "AccessKey",
      "OIDCProvider",
    ];
    const keys = fc.constantFrom(
      ...[
        "RoleName",
        "Path",
        "AssumeRolePolicyDocument",
        "PolicyDocument",
        "Policies",
        "Roles",
        "Users",
        "Groups",
        "Tags",
        "Url",
      ],
      ...[
        "ManagedPolicyArns",
        "PermissionsBoundary",
        "UserName",
        "GroupName",
        "Status",
        "ClientIdList",
        "LoginProfile",
        "PolicyName",
      ],
    );
    const resource = fc.record({
      Type: fc.constantFrom(...types.map((type) => `AWS::IAM::${type}`)),
      Properties: fc.dictionary(keys, value),
    });
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom("A", "B", "R"), resource, { maxKeys: 3 }), (Resources) => {
        const text = JSON.stringify({ Resources }, null, 1);
        isWithin(text, lintText(text));
      }),
      { numRuns: 300 },
    );
  });
});
