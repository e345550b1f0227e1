import type { Json } from "../../shared/control.ts";
import { serviceTrustConfusedDeputy } from "../../shared/controls/service-trust-confused-deputy.ts";
import { unknownFact } from "../../shared/facts/facts.ts";
import { describeControl } from "../support/describe-control.ts";
import { allow, trusting } from "../support/trust.ts";

const scheduler = "scheduler.amazonaws.com";
const documentation =
  "https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html";

const notRead = unknownFact("access denied: organizations:ListAccounts");

const trust = (Service: string, Condition: Json = {}) => trusting(allow({ Service }, { Condition }));
const open = (Condition: Json, loose = "", service = scheduler) => ({
  facts: trust(service, Condition),
  reason: `${service} can assume role app whoever it acts for: no condition fixes aws:SourceAccount or aws:SourceArn.${loose}`,
  evidence: { trusts: [{ principal: service, action: "sts:AssumeRole", documentation }] },
});

describeControl(serviceTrustConfusedDeputy, {
  violates: {
    "no condition": open({}),
    "a service in a Region of China": open({}, "", "scheduler.cn-north-1.amazonaws.com.cn"),
    "any account": open(
      { StringLike: { "aws:SourceAccount": "*" } },
      " StringLike aws:SourceAccount does not: a wildcard stands in what would have to be fixed.",
    ),
    "a resource of any account": open(
      { ArnLike: { "aws:SourceArn": "arn:aws:scheduler:*:*:schedule-group/jobs" } },
      " ArnLike aws:SourceArn does not: any account can have a resource of such an ARN.",
    ),
    "an account, if one is named": open(
      { StringEqualsIfExists: { "aws:SourceAccount": "111122223333" } },
      " StringEqualsIfExists aws:SourceAccount does not: …IfExists is true where the key is absent.",
    ),
    "the account of the role, which says nothing of whom it acts for": open(
      { StringEquals: { "aws:ResourceAccount": "111122223333" } },
      " StringEquals aws:ResourceAccount does not: it is about the role itself, whoever calls.",
    ),
    "an account outside the organization": {
      facts: trust(scheduler, { StringEquals: { "aws:SourceAccount": ["111122223333", "777788889999"] } }),
      reason: `${scheduler} can assume role app when it acts for 777788889999, outside the organization.`,
      evidence: {
        trusts: [{ principal: scheduler, action: "sts:AssumeRole", outside: ["777788889999"], documentation }],
      },
    },
    "the account of a principal, which a service is not of": open({
      StringEquals: { "aws:PrincipalAccount": "111122223333" },
    }),
  },
  complies: {
    "the role's own account, while the organization is not known": {
      facts: trust(scheduler, { StringEquals: { "aws:SourceAccount": "111122223333" } }),
      organization: notRead,
    },
    "an account": { facts: trust(scheduler, { StringEquals: { "aws:SourceAccount": "111122223333" } }) },
    "a resource": {
      facts: trust(scheduler, { ArnLike: { "aws:SourceArn": "arn:aws:scheduler:*:111122223333:schedule-group/*" } }),
    },
    "an organization": { facts: trust(scheduler, { StringEquals: { "aws:SourceOrgID": "o-exampleorg1" } }) },
    "a denial of other accounts": {
      facts: trusting(allow({ Service: scheduler }), {
        Effect: "Deny",
        Principal: "*",
        Action: "sts:AssumeRole",
        Condition: { StringNotEquals: { "aws:SourceAccount": "111122223333" } },
      }),
    },
    "a certificate's name, for Roles Anywhere": {
      facts: trust("rolesanywhere.amazonaws.com", { StringEquals: { "sts:SourceIdentity": "CN=build" } }),
    },
  },
  notApplicable: {
    "services that name no source": {
      facts: trusting(allow({ Service: ["ec2.amazonaws.com", "lambda.amazonaws.com", "ecs-tasks.amazonaws.com"] })),
      reason: "Role app trusts no service that says for whom it acts.",
    },
    "a service that is called like one": {
      facts: trusting(allow({ Service: "scheduler.example.com" })),
      reason: "Role app trusts no service that says for whom it acts.",
    },
    "an account": {
      facts: trusting(allow({ AWS: "444455556666" })),
      reason: "Role app trusts no service that says for whom it acts.",
    },
  },
  unknown: {
    "an account, while the organization is not known": {
      facts: trust(scheduler, { StringEquals: { "aws:SourceAccount": "777788889999" } }),
      organization: notRead,
      reason:
        "Cannot tell whom role app trusts: which accounts are of the organization: access denied: organizations:ListAccounts",
    },
    "a key that is unknown": {
      facts: trust(scheduler, { StringEquals: { "aws:SourceSomething": "x" } }),
      reason: `Cannot tell whom role app trusts: StringEquals aws:SourceSomething of its trust in ${scheduler}: it is not known what the key says`,
    },
  },
});
