import * as z from "zod";
import { compliant, defineControl, notApplicable, unknown, violation } from "../control.ts";
import type { PolicyFacts } from "../facts/facts.ts";
import { guardrailKinds, holeIn } from "./terms/guardrail-kinds.ts";

const options = z.strictObject({
  requiredPolicies: z
    .array(z.string().min(1).max(128))
    .max(50)
    .default([])
    .describe("Service control policies that have to hold for the account, by name or by id (`p-…`)."),
  requiredKinds: z
    .array(z.enum(guardrailKinds))
    .default([])
    .describe(
      "Guardrails that have to hold for the account, told by what they deny, whatever their policies are called.",
    ),
});

/** A member that a service control policy which the settings ask for does not limit. */
export const guardrailScpMissing = defineControl({
  id: "guardrail-scp-missing",
  title: "Account lacks a required service control policy",
  severity: "high",
  frameworks: { cis: { "7.0": "2.1.2" } },
  subjects: ["account"],
  hints: [],
  options,
  guidance: {
    what: "A guardrail that the settings require does not hold for the account: no service control policy attached to it, or to a unit or the root above it, is the one that is named, or denies what the guardrail is there to deny.",
    why: "Whoever administers a member can undo every control in it but those that the organization holds over it. An account that was moved to another unit, or from which a policy was detached, loses them without a trace in the account itself.",
    counts: [
      "Nothing is required until the settings name it: then the control is not applicable.",
      "A policy holds wherever it is attached from the root down to the account; its name or id is compared letter by letter.",
      "`deny-root` holds if root's calls of several services are denied with MFA or without; it may leave out sessions of central root access.",
      "`protect-iam-warden` holds if an administrator of the account can neither change iam-warden's roles nor take its rules away.",
      "A denial that also depends on something else than who asks, such as the network or the Region, counts as none: it leaves the rest.",
      "No service control policy limits the management account: not applicable.",
      "Where the organization, the account's place in it or a document that decides is not known: unknown.",
      "Changes of service control policies leave no event in the account: the next sweep judges them.",
    ],
    fix: {
      cli: `# Attach the policy to the unit that the account is in, or to the account itself:
aws organizations list-policies --filter SERVICE_CONTROL_POLICY --query "Policies[].[Name,Id]" --output text
aws organizations attach-policy --policy-id POLICY_ID --target-id OU_ID

# iam-warden's own guardrails come with the stack iam-warden-guardrails.`,
      cloudFormation: `Resources:
  DenyRoot:
    Type: AWS::Organizations::Policy
    Properties:
      Name: deny-root
      Type: SERVICE_CONTROL_POLICY
      TargetIds: [OU_ID]
      Content:
        Version: "2012-10-17"
        Statement:
          - Sid: DenyRoot
            Effect: Deny
            Action: "*"
            Resource: "*"
            Condition:
              ArnLike:
                aws:PrincipalArn: arn:*:iam::*:root
              "Null":
                aws:AssumedRoot: "true"`,
      terraform: `resource "aws_organizations_policy_attachment" "guardrail" {
  policy_id = "POLICY_ID"
  target_id = "OU_ID"
}`,
    },
  },
  evaluate: ({ account, arn }, { options: { requiredPolicies, requiredKinds }, organization }) => {
    if (requiredPolicies.length + requiredKinds.length === 0) {
      return notApplicable(`The settings require no guardrail of account ${account.id}.`);
    }
    const undecided = `Cannot tell which service control policies limit account ${account.id}`;
    if (!organization.known) return unknown(undecided, organization.why);
    const { managementAccountId, serviceControl } = organization.value;
    if (account.id === managementAccountId) {
      return notApplicable(
        `Account ${account.id} is the organization's management account, which no service control policy limits.`,
      );
    }
    if (!serviceControl.known) return unknown(undecided, serviceControl.why);
    const policies = serviceControl.value.flatMap((node) => node.policies);
    const guarded = { id: account.id, partition: arn.split(":")[1] ?? "aws" };
    const missing = requiredPolicies.filter((named) => !policies.some((policy) => isCalled(policy, named)));
    const holes = requiredKinds.flatMap((kind) => {
      const hole = holeIn(kind, guarded, policies);
      return hole === undefined ? [] : [{ kind, ...hole }];
    });
    const open = holes.filter(({ unsure }) => !unsure);
    if (missing.length + open.length > 0) {
      const words = [
        ...missing.map((named) => `policy ${named} is attached nowhere above it`),
        ...open.map(({ kind, action }) => `nothing of ${kind} denies ${action}`),
      ];
      return violation(`Account ${account.id} lacks guardrails that the settings require: ${words.join("; ")}.`, {
        missingPolicies: missing,
        missingKinds: open.map(({ kind, action }) => ({ kind, notDenied: action })),
        limitedAt: serviceControl.value.map(({ id }) => id),
      });
    }
    const [unsure] = holes;
    if (unsure === undefined) return compliant;
    const unread = policies.find(({ document }) => !document.known)?.document;
    return unknown(
      `Cannot tell whether the guardrail ${unsure.kind} holds for account ${account.id}`,
      unread?.known === false
        ? `a service control policy could not be read, ${unread.why}`
        : "a service control policy has an element that is not known",
    );
  },
});

/** An id ends the ARN: `…:policy/o-exampleorg1/service_control_policy/p-12345678`. */
const isCalled = ({ name, arn }: PolicyFacts, named: string): boolean =>
  name === named || (arn?.endsWith(`/${named}`) ?? false);
