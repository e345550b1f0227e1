import { describe, expect, test } from "vitest";
import { effectiveActions } from "../../shared/policy/effective-actions.ts";
import type { PrincipalLayers } from "../../shared/policy/layers.ts";
import { allow, deny, principal } from "./principals.ts";

const found = (layers: PrincipalLayers) =>
  [...effectiveActions(layers).actions].map(([{ id }, { decision }]) => `${id} ${decision}`).toSorted();

describe("effectiveActions", () => {
  test("are what the layers leave, by name", () => {
    const layers = principal([allow(["iam:*LoginProfile", "sts:AssumeR*"]), deny("iam:GetLoginProfile")], {
      boundary: [allow("iam:*"), { ...allow("sts:*"), Condition: { Bool: { "aws:MultiFactorAuthPresent": "true" } } }],
      nodes: [[allow("*"), deny("sts:AssumeRoot")]],
    });
    expect(found(layers)).toEqual([
      "iam:CreateLoginProfile yes",
      "iam:DeleteLoginProfile yes",
      "iam:UpdateLoginProfile yes",
      "sts:AssumeRole conditional",
      "sts:AssumeRoleWithSAML conditional",
      "sts:AssumeRoleWithWebIdentity conditional",
    ]);
  });

  test("an action without resources is not given by a statement that names some", () => {
    expect(found(principal([allow(["s3:ListAllMyBuckets", "s3:GetObject"], "arn:aws:s3:::logs/*")]))).toEqual([
      "s3:GetObject yes",
    ]);
  });

  test("what the table does not know is told", () => {
    expect(effectiveActions(principal([allow(["iam:GrantEverything", "s3:GetObject"])])).unknown).toEqual([
      { pattern: "iam:GrantEverything", missing: "action" },
    ]);
  });

  test("NotAction gives all the rest", () => {
    const { actions } = effectiveActions(principal([{ NotAction: ["iam:*", "s3:*"] }]));
    const services = new Set([...actions.keys()].map(({ service }) => service));
    expect(services.has("ec2")).toBe(true);
    expect(services.has("iam") || services.has("s3")).toBe(false);
  });
});
