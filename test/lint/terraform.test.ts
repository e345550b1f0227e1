import { describe, expect, it } from "vitest";
import { readPlan } from "../../shared/lint/read/terraform.ts";
import { createReferences } from "../../shared/lint/read/terraform-references.ts";
import { readSource } from "../../shared/lint/source/source.ts";
import { organization } from "../support/facts.ts";
import { fixture, lambdaTrust, lintText, lintValue, places, pointedAt } from "./linting.ts";

const text = fixture("bad.tfplan.json");
const bad = lintText(text, "bad.tfplan.json", { organization });

describe("a bad plan", () => {
  it("has each flaw found at its resource or statement", () => {
    expect(places(bad)).toEqual(
      expect.arrayContaining([
        "7:9 role-without-boundary medium aws_iam_role.app",
        "67:23 policy-version medium aws_iam_role_policy.app",
        "81:137 malformed-policy high aws_iam_policy.typo",
        "95:23 policy-size medium aws_iam_policy.big",
        "99:9 two-active-access-keys low aws_iam_user.alice",
        "143:9 role-without-boundary medium aws_iam_role.unknown_trust",
        "170:185 service-trust-confused-deputy medium aws_iam_role.vendor",
        "170:294 external-trust-without-external-id high aws_iam_role.vendor",
        '398:13 malformed-policy high module.job["nightly"].aws_iam_role_policy.this',
      ]),
    );
    expect(bad.problems).toEqual([]);
  });

  it("has statements found within the text that holds their policy", () => {
    const found = bad.findings.find(({ address }) => address === "aws_iam_policy.typo");
    expect(found && pointedAt(text, found.location)).toBe(
      '{\\"Effect\\":\\"Allow\\",\\"Action\\":\\"ListBuckets\\",\\"Resource\\":\\"*\\"}',
    );
  });

  it("finds no role without a boundary where another resource makes the boundary", () => {
    expect(places(bad).filter((place) => /boundary.*(?:bounded|nightly)/.test(place))).toEqual([]);
  });
});

interface Planned {
  readonly address: string;
  readonly type: string;
  readonly values: object;
  readonly unknown?: object;
}

const planOf = (resources: readonly Planned[], configuration: unknown = {}) => ({
  format_version: "1.2",
  planned_values: { root_module: { resources: resources.map(({ unknown, ...one }) => ({ mode: "managed", ...one })) } },
  resource_changes: resources.map(({ address, type, values, unknown = {} }) => ({
    ...{ address, type, mode: "managed" },
    change: { actions: ["create"], after: values, after_unknown: unknown },
  })),
  configuration,
});

const assume = JSON.stringify(lambdaTrust);
const role = (address: string, values: object, unknown?: object): Planned => ({
  ...{
    address,
    type: "aws_iam_role",
    values: { assume_role_policy: assume, permissions_boundary: null, path: "/", ...values },
  },
  ...(unknown && { unknown }),
});

describe("a plan", () => {
  it("tells what is known after it is applied only", () => {
    const { permissions_boundary, ...without } = role("aws_iam_role.a", { name: "a" }).values as Record<
      string,
      unknown
    >;
    const plan = planOf([
      { address: "aws_iam_role.a", type: "aws_iam_role", values: without, unknown: { permissions_boundary: true } },
    ]);
    const { findings, unknown } = lintValue(plan);
    expect(findings).toEqual([]);
    const why = "«aws_iam_role.a.permissions_boundary» is not known before it is deployed";
    expect(unknown.map(({ control, address, reason }) => [control, address, reason.slice(-why.length)])).toEqual(
      [
        "admin-policy",
        "assume-any-role",
        "policy-near-size-limit",
        "privilege-escalation-path",
        "role-without-boundary",
        "service-wide-policy",
      ].map((control) => [control, "aws_iam_role.a", why]),
    );
    expect(permissions_boundary).toBeNull();
  });

  it("has policies of the role that its configuration names, whatever the role will be called", () => {
    const policy = {
      name: "p",
      policy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Action: "s3:GetObject", Resource: "*".repeat(11_000) }],
      }),
    };
    const resources = [
      role("aws_iam_role.a[0]", { name_prefix: "a" }, { name: true }),
      role("aws_iam_role.a[1]", { name_prefix: "a" }, { name: true }),
      { address: "aws_iam_role_policy.p[1]", type: "aws_iam_role_policy", values: policy, unknown: { role: true } },
    ];
    const references = ["aws_iam_role.a", "count.index"];
    const configuration = {
      root_module: { resources: [{ type: "aws_iam_role_policy", name: "p", expressions: { role: { references } } }] },
    };
    const { findings, problems } = lintValue(planOf(resources, configuration));
    expect(problems).toEqual([]);
    expect(findings.flatMap(({ rule, address }) => (rule === "policy-size" ? [address] : []))).toEqual([
      "aws_iam_role.a[1]",
    ]);
  });

  it("is refused if it is of a format that is not known", () => {
    const { problems } = lintValue({ ...planOf([role("aws_iam_role.a", { name: "a" })]), format_version: "2.0" });
    expect(problems.map(({ message }) => message)).toEqual([
      'format_version is "2.0", and only 0 and 1 are known here: the plan may mean something else',
    ]);
  });

  it.each([
    [{ errored: true, complete: false }, "problem", /^the plan is not whole: planning failed/],
    [{ errored: false, complete: false }, "unread", /^Terraform put off a part of the plan/],
    [{ errored: false, complete: true }, "nothing", /^/],
    [{}, "nothing", /^/],
  ])("with %j is judged as far as it goes, and told as %s", (more, told, message) => {
    const report = lintValue({ ...planOf([role("aws_iam_role.a", { name: "a" })]), ...more });
    expect(places(report)).toEqual([expect.stringMatching(/role-without-boundary medium aws_iam_role\.a$/)]);
    const [problems, unread] = [report.problems.map((one) => one.message), report.unread.map((one) => one.reason)];
    expect(problems).toEqual(told === "problem" ? [expect.stringMatching(message)] : []);
    expect(unread).toEqual(told === "unread" ? [expect.stringMatching(message)] : []);
  });

  it("may be a state", () => {
    const resources = [{ mode: "managed", ...role("aws_iam_role.a", { name: "a" }) }];
    expect(places(lintValue({ format_version: "1.0", values: { root_module: { resources } } }))).toEqual([
      expect.stringMatching(/role-without-boundary medium aws_iam_role\.a$/),
    ]);
  });

  it.each<[string, Planned, RegExp]>([
    [
      "a policy that is no JSON",
      role("aws_iam_role.a", { assume_role_policy: "{]" }),
      /^aws_iam_role\.a: "]" stands where a key/,
    ],
    [
      "a role without a trust policy",
      role("aws_iam_role.a", { assume_role_policy: null }),
      /assume_role_policy is missing/,
    ],
    ["a name that is a list", role("aws_iam_role.a", { name: [] }), /name must be a text/],
  ])("is told to have %s", (_, resource, message) => {
    const { problems } = lintValue(planOf([resource]));
    expect(problems.map((one) => one.message)).toEqual([expect.stringMatching(message)]);
  });
});

describe("a trust policy that is read at apply, since whom it names is not made yet", () => {
  const document = "data.aws_iam_policy_document.trust";
  const trustOf = (
    identifiers: readonly (string | null)[],
    references: readonly string[],
    { type = "AWS", written = 1 }: { readonly type?: string; readonly written?: number } = {},
  ) => {
    const principals = [{ type, identifiers }];
    const statement = [{ actions: ["sts:AssumeRole", "sts:AssumeRoleWithWebIdentity"], principals, condition: [] }];
    const missing = [{ principals: [{ identifiers: identifiers.map((each) => each === null) }] }];
    const block = { principals: [{ identifiers: { references } }] };
    const provider = { url: "https://gitlab.com", client_id_list: ["x"] };
    const plan = planOf(
      [
        role("aws_iam_role.a", { name: "a", path: "/team/", permissions_boundary: "b" }, { arn: true }),
        role("aws_iam_role.b", { name_prefix: "b-", permissions_boundary: "b" }, { arn: true, name: true }),
        role("aws_iam_role.old", { permissions_boundary: "b", arn: "arn:aws:iam::111122223333:role/old" }),
        {
          address: "aws_iam_openid_connect_provider.p",
          type: "aws_iam_openid_connect_provider",
          values: provider,
          unknown: { arn: true },
        },
        { address: "aws_s3_bucket.c", type: "aws_s3_bucket", values: {}, unknown: { arn: true } },
        {
          ...{ address: "aws_iam_role.own", type: "aws_iam_role" },
          values: { name: "own", permissions_boundary: "b" },
          unknown: { assume_role_policy: true },
        },
      ],
      {
        root_module: {
          resources: [
            {
              type: "aws_iam_role",
              name: "own",
              expressions: { assume_role_policy: { references: [`${document}.json`] } },
            },
            {
              ...{ mode: "data", type: "aws_iam_policy_document", name: "trust" },
              expressions: { statement: Array.from({ length: written }, () => block) },
            },
          ],
        },
      },
    );
    const change = { actions: ["read"], after: { statement }, after_unknown: { json: true, statement: missing } };
    plan.resource_changes.push({ address: document, type: "aws_iam_policy_document", mode: "data", change } as never);
    return readPlan(readSource(JSON.stringify(plan), "plan.json"), "111122223333").declarations.flatMap((one) =>
      one.type === "principal" && one.name === "own" ? [one.trust?.content] : [],
    );
  };
  const principalOf = (...of: Parameters<typeof trustOf>) => {
    const [content] = trustOf(...of);
    const { Statement = [] } = (content?.known ? content.value : {}) as { Statement?: { Principal: unknown }[] };
    return Statement.map(({ Principal }) => Principal);
  };
  const unknown = `«${document}»`;
  const [a, b] = ["arn:aws:iam::111122223333:role/team/a", "arn:aws:iam::111122223333:role/aws_iam_role.b"];

  it.each<[string, Parameters<typeof trustOf>, unknown]>([
    ["a role", [[null], ["aws_iam_role.a.arn", "aws_iam_role.a"]], { AWS: [a] }],
    [
      "an OIDC provider",
      [[null], ["aws_iam_openid_connect_provider.p.arn", "aws_iam_openid_connect_provider.p"], { type: "Federated" }],
      { Federated: ["arn:aws:iam::111122223333:oidc-provider/gitlab.com"] },
    ],
    [
      "two roles beside what is known",
      [
        ["arn:aws:iam::111122223333:root", null, null],
        ["aws_iam_role.a.arn", "aws_iam_role.b.arn"],
      ],
      { AWS: ["arn:aws:iam::111122223333:root", a, b] },
    ],
    [
      "one more than are named",
      [
        [null, null],
        ["aws_iam_role.a.arn", "aws_iam_role.a"],
      ],
      { AWS: [unknown, unknown] },
    ],
    ["another attribute of a role", [[null], ["aws_iam_role.a.unique_id", "aws_iam_role.a"]], { AWS: [unknown] }],
    ["what is no principal", [[null], ["aws_s3_bucket.c.arn", "aws_s3_bucket.c"]], { AWS: [unknown] }],
    ["a role that is there already", [[null], ["aws_iam_role.old.arn"]], { AWS: [unknown] }],
    [
      "a block that the configuration does not have as it is",
      [[null], ["aws_iam_role.a.arn"], { written: 2 }],
      { AWS: [unknown] },
    ],
  ])("names %s", (_, of, expected) => {
    expect(principalOf(...of)).toEqual([expected]);
  });
});

describe("a reference", () => {
  const call = (module: object, expressions: object = {}) => ({ module, expressions });
  const resource = (type: string, name: string, references: readonly string[]) => ({
    type,
    name,
    expressions: { role: { references } },
  });
  const inner = call(
    {
      resources: [
        resource("aws_iam_role_policy", "own", ["aws_iam_role.this.id", "aws_iam_role.this"]),
        resource("aws_iam_role_policy", "given", ["var.role"]),
        resource("aws_iam_role_policy", "round", ["var.round"]),
      ],
      outputs: { role: { expression: { references: ["aws_iam_role.this.name", "aws_iam_role.this"] } } },
    },
    {
      role: { references: ["aws_iam_role.outer.name", "aws_iam_role.outer"] },
      round: { references: ["module.app.round"] },
    },
  );
  const configuration = {
    root_module: {
      resources: [resource("aws_iam_role_policy", "fromOutput", ['module.app["eu"].role', "module.app"])],
      module_calls: { app: inner },
    },
  };
  const addresses = ["aws_iam_role.outer", 'module.app["eu"].aws_iam_role.this', 'module.app["a.b"].aws_iam_role.this'];
  const { of: find } = createReferences(configuration, addresses);

  it.each([
    ["within a module", 'module.app["eu"].aws_iam_role_policy.own', 'module.app["eu"].aws_iam_role.this', "id"],
    [
      "within an instance whose key has a dot",
      'module.app["a.b"].aws_iam_role_policy.own',
      'module.app["a.b"].aws_iam_role.this',
      "id",
    ],
    ["through a variable", 'module.app["eu"].aws_iam_role_policy.given', "aws_iam_role.outer", "name"],
    ["through an output", "aws_iam_role_policy.fromOutput", 'module.app["eu"].aws_iam_role.this', "name"],
  ])("is followed %s", (_, address, expected, attribute) => {
    expect(find(address, "role")).toEqual({ addresses: [expected], attribute });
  });

  it.each(["module.app.aws_iam_role_policy.round", "aws_iam_role_policy.nobody", "no address at all", ""])(
    "leads nowhere from %j",
    (address) => {
      expect(find(address, "role")).toBeUndefined();
    },
  );
});
