import { describe, expect, it } from "vitest";
import { denyRoot, protectIamWarden } from "../../infra/policies/guardrails.ts";
import type { Json } from "../../shared/control.ts";
import { guardrailScpMissing } from "../../shared/controls/guardrail-scp-missing.ts";
import { type Fact, known, type PolicyFacts, unknownFact } from "../../shared/facts/facts.ts";
import { neighboursNotRead } from "../../shared/facts/neighbours.ts";
import type { OrganizationView } from "../../shared/organization/view.ts";
import { describeControl } from "../support/describe-control.ts";
import { account, accountFacts, now, organizationView, policyFacts } from "../support/facts.ts";

const id = account.id;
const facts = accountFacts();
const hub = { partition: "aws", hubAccountId: "444455556666" };

/** Statements of one of iam-warden's own guardrails, as plain JSON. */
const own = (statements: readonly object[]): readonly Json[] => JSON.parse(JSON.stringify(statements));
const scp = (name: string, statements: readonly Json[]): PolicyFacts =>
  policyFacts(name, statements, `arn:aws:organizations::999999999999:policy/o-ex/service_control_policy/p-${name}`);
const fullAccess = scp("full", [{ Effect: "Allow", Action: "*", Resource: "*" }]);

type Node = "root" | "unit" | "account";
const under = (attached: Partial<Record<Node, readonly PolicyFacts[]>>): Fact<OrganizationView> =>
  organizationView({
    serviceControl: known(
      [
        { node: "root", id: "r-ab12", name: "Root" } as const,
        { node: "unit", id: "ou-ab12-workload1", name: "Workloads" } as const,
        { node: "account", id, name: account.name } as const,
      ].map(({ node, ...named }) => ({ ...named, policies: [fullAccess, ...(attached[node] ?? [])] })),
    ),
  });

const limitedAt = ["r-ab12", "ou-ab12-workload1", id];
const lacks = (words: string) => `Account ${id} lacks guardrails that the settings require: ${words}.`;
const lacksRoot = (action: string) => ({
  facts,
  options: { requiredKinds: ["deny-root" as const] },
  reason: lacks(`nothing of deny-root denies ${action}`),
  evidence: { missingPolicies: [], missingKinds: [{ kind: "deny-root", notDenied: action }], limitedAt },
});
const deniesRoot = (over: Readonly<Record<string, Json>> = {}, condition: Readonly<Record<string, Json>> = {}) =>
  under({
    unit: [
      scp("no-root", [
        {
          Effect: "Deny",
          ...("NotAction" in over ? {} : { Action: "*" }),
          Resource: "*",
          Condition: { StringLike: { "aws:PrincipalArn": ["arn:aws:iam::*:root"] }, ...condition },
          ...over,
        },
      ]),
    ],
  });
const requiresRoot = { facts, options: { requiredKinds: ["deny-root" as const] } };
const requiresOurs = { facts, options: { requiredKinds: ["protect-iam-warden" as const] } };

describeControl(guardrailScpMissing, {
  violates: {
    "a named policy that is attached nowhere above it": {
      facts,
      options: { requiredPolicies: ["region-lock"] },
      organization: under({}),
      reason: lacks("policy region-lock is attached nowhere above it"),
      evidence: { missingPolicies: ["region-lock"], missingKinds: [], limitedAt },
    },
    "another policy whose name begins alike, and one whose id ends alike": {
      facts,
      options: { requiredPolicies: ["region", "lock"] },
      organization: under({ unit: [scp("region-lock", [])] }),
      reason: lacks("policy region is attached nowhere above it; policy lock is attached nowhere above it"),
      evidence: { missingPolicies: ["region", "lock"], missingKinds: [], limitedAt },
    },
    "nothing that denies root": { ...lacksRoot("ec2:RunInstances"), organization: under({}) },
    "a denial of root in one service": {
      ...lacksRoot("ec2:RunInstances"),
      organization: deniesRoot({ Action: ["iam:*", "s3:*"] }),
    },
    "a denial of root but for one service": {
      ...lacksRoot("kms:ScheduleKeyDeletion"),
      organization: deniesRoot({ NotAction: ["kms:*"] }),
    },
    "a denial of root without MFA": {
      ...lacksRoot("ec2:RunInstances"),
      organization: deniesRoot({}, { BoolIfExists: { "aws:MultiFactorAuthPresent": "false" } }),
    },
    "a denial of root outside of a network": {
      ...lacksRoot("ec2:RunInstances"),
      organization: deniesRoot({}, { NotIpAddress: { "aws:SourceIp": "203.0.113.0/24" } }),
    },
    "a denial of another account's root": {
      ...lacksRoot("ec2:RunInstances"),
      organization: deniesRoot({ Condition: { ArnLike: { "aws:PrincipalArn": "arn:aws:iam::444455556666:root" } } }),
    },
    "iam-warden's roles are protected, its rules are not": {
      ...requiresOurs,
      organization: under({
        root: [scp("roles", [{ Effect: "Deny", Action: "iam:*", Resource: "arn:aws:iam::*:role/iam-warden-*" }])],
      }),
      reason: lacks("nothing of protect-iam-warden denies events:DeleteRule"),
      evidence: {
        missingPolicies: [],
        missingKinds: [{ kind: "protect-iam-warden", notDenied: "events:DeleteRule" }],
        limitedAt,
      },
    },
    "one kind is missing, another cannot be told": {
      facts,
      options: { requiredPolicies: ["region-lock"], requiredKinds: ["deny-root"] },
      organization: under({
        root: [{ ...fullAccess, document: unknownFact("organizations:DescribePolicy was denied") }],
      }),
      reason: lacks("policy region-lock is attached nowhere above it"),
      evidence: { missingPolicies: ["region-lock"], missingKinds: [], limitedAt },
    },
  },
  complies: {
    "named policies, by name and by id, at the root and on the account": {
      facts,
      options: { requiredPolicies: ["region-lock", "p-leave"] },
      organization: under({ root: [scp("region-lock", [])], account: [scp("leave", [])] }),
    },
    "iam-warden's own guardrails": {
      facts,
      options: { requiredKinds: ["deny-root", "protect-iam-warden"] },
      organization: under({
        root: [scp("a", own(denyRoot(hub)))],
        unit: [scp("b", own(protectIamWarden(hub)))],
      }),
    },
    "a denial of root by another's words": { ...requiresRoot, organization: deniesRoot() },
    "a denial of root of all but its own MFA devices": {
      ...requiresRoot,
      organization: deniesRoot({ NotAction: ["iam:EnableMFADevice", "iam:ListMFADevices"] }),
    },
    "several policies that deny root together, one of them unread": {
      ...requiresRoot,
      organization: under({
        root: [
          scp("most", [
            {
              Effect: "Deny",
              NotAction: "s3:*",
              Resource: "*",
              Condition: { ArnLike: { "aws:PrincipalArn": "arn:aws:iam::*:root" } },
            },
          ]),
          { ...fullAccess, document: unknownFact("organizations:DescribePolicy was denied") },
        ],
        account: [
          scp("s3", [
            {
              Effect: "Deny",
              Action: "s3:*",
              Resource: "*",
              Condition: { ArnLike: { "aws:PrincipalArn": "arn:aws:iam::*:root" } },
            },
          ]),
        ],
      }),
    },
    "in China": {
      facts: accountFacts({ arn: `arn:aws-cn:iam::${id}:root` }),
      options: { requiredKinds: ["deny-root", "protect-iam-warden"] },
      organization: under({
        root: [
          scp("a", own(denyRoot({ ...hub, partition: "aws-cn" }))),
          scp("b", own(protectIamWarden({ ...hub, partition: "aws-cn" }))),
        ],
      }),
    },
  },
  notApplicable: {
    "nothing required": { facts, reason: `The settings require no guardrail of account ${id}.` },
    "the management account": {
      ...requiresRoot,
      organization: organizationView({ managementAccountId: id, serviceControl: known([]) }),
      reason: `Account ${id} is the organization's management account, which no service control policy limits.`,
    },
  },
  unknown: {
    "the organization was not read": {
      ...requiresRoot,
      organization: unknownFact("the organization was not read yet"),
      reason: `Cannot tell which service control policies limit account ${id}: the organization was not read yet`,
    },
    "the account's policies were not read": {
      ...requiresRoot,
      organization: organizationView({ serviceControl: unknownFact("organizations:ListPolicies was denied") }),
      reason: `Cannot tell which service control policies limit account ${id}: organizations:ListPolicies was denied`,
    },
    "a document that could deny root was not read": {
      ...requiresRoot,
      organization: under({
        root: [{ ...fullAccess, document: unknownFact("organizations:DescribePolicy was denied") }],
      }),
      reason: `Cannot tell whether the guardrail deny-root holds for account ${id}: a service control policy could not be read, organizations:DescribePolicy was denied`,
    },
    "a condition operator that nobody knows": {
      ...requiresRoot,
      organization: deniesRoot({}, { StringResembles: { "aws:PrincipalAccount": id } }),
      reason: `Cannot tell whether the guardrail deny-root holds for account ${id}: a service control policy has an element that is not known`,
    },
  },
});

describe("options", () => {
  it("take no kind of guardrail that iam-warden cannot tell", () => {
    const parsed = guardrailScpMissing.options.safeParse({ requiredKinds: ["deny-rot"] });
    expect(parsed.success).toBe(false);
    expect(parsed.error?.message).toContain("deny-root");
  });

  it("hold an account to what no policy of an organization without service control policies does", () => {
    const verdict = guardrailScpMissing.evaluate(facts, {
      now,
      options: { requiredPolicies: [], requiredKinds: ["deny-root"] },
      excludedRoles: { names: [], paths: [], tags: {}, trustTags: false },
      organization: organizationView({ serviceControl: known([]) }),
      neighbours: neighboursNotRead,
    });
    expect(verdict).toMatchObject({ outcome: "violation" });
  });
});
