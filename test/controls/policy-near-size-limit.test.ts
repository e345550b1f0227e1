import { policyNearSizeLimit } from "../../shared/controls/policy-near-size-limit.ts";
import { type Fact, known, type PolicyFacts, type PolicyQuotas } from "../../shared/facts/facts.ts";
import { describeControl } from "../support/describe-control.ts";
import {
  customerPolicyFacts,
  denied,
  groupFacts,
  policyFacts,
  principalPolicies,
  quotas,
  roleFacts,
  userFacts,
} from "../support/facts.ts";
import { awsPolicy } from "../support/permissions.ts";

const ofSize = (size: number, name = "own"): PolicyFacts => ({ ...policyFacts(name, []), size });
const inline = (...sizes: readonly number[]) =>
  principalPolicies({ inline: sizes.map((size, at) => ofSize(size, `own-${at}`)) });
const attachedOf = (count: number) => Array.from({ length: count }, (_, at) => awsPolicy(`Policy${at}`, []));
const attached = (count: number) => principalPolicies({ attached: attachedOf(count) });
const trustOf = (characters: number) => {
  const empty = JSON.stringify({ Statement: [], Version: "" }).length;
  return known({ Statement: [], Version: "x".repeat(characters - empty) });
};
const generous: Fact<PolicyQuotas> = quotas.known
  ? known({ ...quotas.value, trustPolicy: 8_192, attached: { ...quotas.value.attached, role: 25 } })
  : quotas;
const unread: PolicyFacts = { name: "secret", arn: null, document: denied("iam:GetUserPolicy"), size: 0 };
const cannotTell = (who: string, why: string) =>
  `Cannot tell how much the policies of ${who} take of what IAM allows: ${why}`;

describeControl(policyNearSizeLimit, {
  violates: {
    "a managed policy of nine tenths": {
      facts: customerPolicyFacts({ name: "team/deployer", size: 5_530 }),
      reason: "Policy team/deployer is close to a limit: it has 5,530 of 6,144 characters.",
      evidence: { policyCharacters: { used: 5_530, limit: 6_144 } },
    },
    "a managed policy of more than there may be": {
      facts: customerPolicyFacts({ name: "team/deployer", size: 6_145 }),
      reason: "Policy team/deployer is over a limit: it has 6,145 of 6,144 characters.",
      evidence: { policyCharacters: { used: 6_145, limit: 6_144 } },
    },
    "a managed policy of all that there may be": {
      facts: customerPolicyFacts({ name: "team/deployer", size: 6_144 }),
      reason: "Policy team/deployer is close to a limit: it has 6,144 of 6,144 characters.",
      evidence: { policyCharacters: { used: 6_144, limit: 6_144 } },
    },
    "a user's inline policies together": {
      facts: userFacts({ policies: inline(1_000, 900) }),
      reason: "User bob is close to a limit: its inline policies have 1,900 of 2,048 characters.",
      evidence: { inlineCharacters: { used: 1_900, limit: 2_048 } },
    },
    "a user's inline policies beside one that could not be read": {
      facts: userFacts({ policies: principalPolicies({ inline: [unread], attached: attachedOf(9) }) }),
      reason: "User bob is close to a limit: 9 of 10 managed policies are attached to it.",
      evidence: { attachedPolicies: { used: 9, limit: 10 } },
    },
    "a group's": {
      facts: groupFacts({ policies: inline(5_000) }),
      reason: "Group staff is close to a limit: its inline policies have 5,000 of 5,120 characters.",
      evidence: { inlineCharacters: { used: 5_000, limit: 5_120 } },
    },
    "a role's, in several ways": {
      facts: roleFacts({ policies: attached(18), trustPolicy: trustOf(2_000) }),
      reason:
        "Role app is close to a limit: 18 of 20 managed policies are attached to it; its trust policy has 2,000 of 2,048 characters.",
      evidence: { attachedPolicies: { used: 18, limit: 20 }, trustCharacters: { used: 2_000, limit: 2_048 } },
    },
    "half of it, where that is close": {
      facts: roleFacts({ policies: inline(5_120) }),
      options: { nearPercent: 50 },
      reason: "Role app is close to a limit: its inline policies have 5,120 of 10,240 characters.",
      evidence: { inlineCharacters: { used: 5_120, limit: 10_240 } },
    },
  },
  complies: {
    "a managed policy a little below": { facts: customerPolicyFacts({ size: 5_529 }) },
    "a user a little below": { facts: userFacts({ policies: inline(1_843) }) },
    "policies of a user's group, which has its own room": {
      facts: userFacts({
        policies: principalPolicies({ groups: [{ name: "staff", inline: [ofSize(5_120)], attached: [] }] }),
      }),
    },
    "a role in an account that may have more": {
      facts: roleFacts({ policies: attached(20), trustPolicy: trustOf(2_048), quotas: generous }),
    },
    "a group without policies": { facts: groupFacts() },
  },
  notApplicable: {
    "iam-warden's own boundary": {
      facts: customerPolicyFacts({ name: "iam-warden-boundary", size: 6_000 }),
      reason: "Policy iam-warden-boundary is iam-warden's own: its stack makes it as long as it has to be.",
    },
    "a role that is AWS's own": {
      facts: roleFacts({ name: "AWSReservedSSO_X", path: "/aws-reserved/sso.amazonaws.com/", policies: attached(20) }),
      reason: "Role AWSReservedSSO_X is AWS's own: nobody else can change its policies.",
    },
  },
  unknown: {
    "quotas that could not be read": {
      facts: groupFacts({ policies: inline(5_120), quotas: denied("iam:GetAccountSummary") }),
      reason: cannotTell("group staff", "access denied: iam:GetAccountSummary"),
    },
    "policies that could not be read": {
      facts: roleFacts({ policies: denied("iam:ListRolePolicies") }),
      reason: cannotTell("role app", "access denied: iam:ListRolePolicies"),
    },
    "one that could not be read": {
      facts: userFacts({ policies: principalPolicies({ inline: [unread] }) }),
      reason: cannotTell("user bob", "access denied: iam:GetUserPolicy"),
    },
    "a trust policy that is not JSON": {
      facts: roleFacts({ trustPolicy: denied("iam:GetRole") }),
      reason: cannotTell("role app", "access denied: iam:GetRole"),
    },
    "a managed policy that could not be read": {
      facts: customerPolicyFacts({ document: denied("iam:GetPolicyVersion"), size: 0 }),
      reason: cannotTell("policy deployer", "access denied: iam:GetPolicyVersion"),
    },
  },
});
