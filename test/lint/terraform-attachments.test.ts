import { describe, expect, it } from "vitest";
import { lambdaTrust, lintValue } from "./linting.ts";

// How plans of Terraform 1.11 and version 5.100 of its AWS provider say which policies somebody will have.

interface Planned {
  readonly type: string;
  readonly name: string;
  /** Of an instance: `["x"]`. */
  readonly key?: string;
  readonly after: object;
  readonly unknown?: object;
  readonly expressions?: object;
  readonly forEach?: readonly string[];
}

const addressOf = ({ type, name, key = "" }: Planned): string => `${type}.${name}${key}`;

const lintPlan = (...planned: readonly Planned[]) => {
  const report = lintValue({
    format_version: "1.2",
    planned_values: {
      root_module: {
        resources: planned.map((one) => ({
          ...{ address: addressOf(one), mode: "managed", type: one.type, name: one.name, values: one.after },
        })),
      },
    },
    resource_changes: planned.map((one) => ({
      ...{ address: addressOf(one), mode: "managed", type: one.type },
      change: { actions: ["create"], after: one.after, after_unknown: one.unknown ?? {} },
    })),
    configuration: {
      root_module: {
        resources: planned.map(({ type, name, expressions = {}, forEach }) => ({
          ...{ mode: "managed", type, name, expressions },
          ...(forEach && { for_each_expression: { references: forEach } }),
        })),
      },
    },
  });
  expect(report.problems).toEqual([]);
  return {
    found: report.findings
      .filter(({ rule }) => rule === "admin-policy")
      .map(({ subject, address }) => `${subject?.name} at ${address}`),
    open: [...new Set(report.unknown.map(({ address }) => address))],
  };
};

const administratorAccess = "arn:aws:iam::aws:policy/AdministratorAccess";
const everything = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
});
const references = (...names: readonly string[]) => ({ references: names });
const role = (over: Partial<Planned> = {}): Planned => ({
  ...{ type: "aws_iam_role", name: "app", ...over },
  after: { assume_role_policy: JSON.stringify(lambdaTrust), path: "/", name: "app", ...over.after },
  unknown: { arn: true, id: true, inline_policy: true, managed_policy_arns: true, ...over.unknown },
});
const policy: Planned = {
  ...{ type: "aws_iam_policy", name: "all", unknown: { arn: true } },
  after: { name: "all", path: "/", policy: everything },
};

describe("policies embedded in a role", () => {
  const withInline = (after: readonly object[], unknown: readonly object[]) =>
    lintPlan(role({ after: { inline_policy: after }, unknown: { inline_policy: unknown } }));

  it("are none where an empty block says so", () => {
    expect(withInline([{ name: "", policy: "" }], [{}])).toEqual({ found: [], open: [] });
  });

  it("are found where they are known", () => {
    expect(withInline([{ name: "p", policy: everything }], [{}]).found).toEqual(["app at aws_iam_role.app"]);
  });

  it("are told where they are not", () => {
    expect(withInline([{ name: "p" }], [{ policy: true }])).toEqual({ found: [], open: ["aws_iam_role.app"] });
  });
});

describe("policies that a role lists", () => {
  it("are told where one of them is not made yet", () => {
    const expressions = { managed_policy_arns: references("aws_iam_policy.all.arn", "aws_iam_policy.all") };
    expect(lintPlan(role({ expressions }), policy).open).toEqual(["aws_iam_role.app"]);
  });

  it("are those that others attach where it lists none", () => {
    expect(lintPlan(role(), policy)).toEqual({ found: [], open: [] });
  });
});

describe.each(["role", "user", "group"])("all policies of a %s, and no other", (kind) => {
  const member: Planned = {
    ...{ type: "aws_iam_user_group_membership", name: "m", after: { user: "app", groups: ["g"] } },
  };
  const [whose, principal] = {
    role: ["app", role({ after: { name: "app" } })] as const,
    user: ["app", { type: "aws_iam_user", name: "app", after: { name: "app" } }] as const,
    group: ["g", { type: "aws_iam_group", name: "g", after: { name: "g" } }] as const,
  }[kind] ?? ["", role()];
  const attach = (after: object, unknown: object, expressions: object = {}, made: Planned = policy) =>
    lintPlan(principal, made, ...(kind === "group" ? [member] : []), {
      ...{ type: `aws_iam_${kind}_policy_attachments_exclusive`, name: "x", expressions, unknown },
      after: { [`${kind}_name`]: whose, ...after },
    });

  it("are found where they are known", () => {
    expect(attach({ policy_arns: [administratorAccess] }, { policy_arns: [false] }).found).toEqual([
      expect.stringMatching(/^app at /),
    ]);
  });

  it("are found where they are made in the same plan", () => {
    const expressions = { policy_arns: references("aws_iam_policy.all.arn", "aws_iam_policy.all") };
    const after = { policy_arns: ["arn:aws:iam::aws:policy/ReadOnlyAccess", null] };
    expect(attach(after, { policy_arns: [false, true] }, expressions).found).toEqual(["app at aws_iam_policy.all"]);
  });

  it("are told where nobody knows how many there are", () => {
    const expressions = { policy_arns: references("aws_iam_policy.small.arn", "module.more.arns") };
    const read = everything.replace('"*"', '"s3:GetObject"');
    const one = { ...policy, name: "small", after: { ...policy.after, name: "small", policy: read } };
    const { open } = attach({}, { policy_arns: true }, expressions, one);
    expect(open).toEqual(kind === "group" ? [expect.any(String)] : [addressOf(principal)]);
  });
});

it("what is made for each of several resources is of the one with the same key", () => {
  const roles = ['["x"]', '["y"]'].map((key) =>
    role({ key, after: { name: undefined, name_prefix: "a" }, unknown: { name: true } }),
  );
  const own: Planned = {
    ...{ type: "aws_iam_role_policy", name: "own", key: '["x"]', forEach: ["aws_iam_role.app"] },
    ...{ after: { policy: everything }, unknown: { role: true, name: true } },
    expressions: { role: references("each.value.id", "each.value") },
  };
  expect(lintPlan(...roles, own).found).toEqual(['aws_iam_role.app["x"] at aws_iam_role_policy.own["x"]']);
});
