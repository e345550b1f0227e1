import { policyAttachedToUser } from "../../shared/controls/policy-attached-to-user.ts";
import { denyUntilMfa } from "../../shared/controls/terms/deny-until-mfa.ts";
import { known } from "../../shared/facts/facts.ts";
import { describeControl } from "../support/describe-control.ts";
import { denied, policyFacts, principalPolicies, userFacts } from "../support/facts.ts";
import { administratorAccess, allow, awsPolicy, inline } from "../support/permissions.ts";

const name = "iam-warden-deny-until-mfa";
const step = denyUntilMfa(userFacts());
const itsOwn = { ...policyFacts(name, []), document: known(JSON.parse(step.write.document)) };
const readOnly = awsPolicy("ReadOnlyAccess", [allow("s3:Get*")]);
const withInline = (...inline: readonly (typeof itsOwn)[]) => userFacts({ policies: principalPolicies({ inline }) });
const of = (what: string) => `User bob has ${what} of its own: permissions should come from groups.`;

describeControl(policyAttachedToUser, {
  violates: {
    "an inline policy": {
      facts: userFacts({ policies: inline([allow("s3:GetObject")]) }),
      reason: of("inline policy own"),
      evidence: { grants: [{ policy: "own" }] },
    },
    "both kinds": {
      facts: userFacts({ policies: inline([allow("s3:GetObject")], { attached: [administratorAccess, readOnly] }) }),
      reason: of("managed policy AdministratorAccess, managed policy ReadOnlyAccess and inline policy own"),
      evidence: {
        grants: [
          { policy: "arn:aws:iam::aws:policy/AdministratorAccess" },
          { policy: "arn:aws:iam::aws:policy/ReadOnlyAccess" },
          { policy: "own" },
        ],
      },
    },
    "one that only has the name of iam-warden's": {
      facts: withInline(policyFacts(name, [allow("s3:*")])),
      reason: of(`inline policy ${name}`),
      evidence: { grants: [{ policy: name }] },
    },
    "one of its name that allows what it does not list": {
      facts: withInline(policyFacts(name, [{ Effect: "Allow", NotAction: "s3:*", Resource: "*" }])),
      reason: of(`inline policy ${name}`),
      evidence: { grants: [{ policy: name }] },
    },
    "one of its name that is no policy": {
      facts: withInline({ ...itsOwn, document: known({}) }),
      reason: of(`inline policy ${name}`),
      evidence: { grants: [{ policy: name }] },
    },
  },
  complies: {
    none: { facts: userFacts() },
    "those of a group": {
      facts: userFacts({
        policies: principalPolicies({ groups: [{ name: "staff", inline: [], attached: [readOnly] }] }),
      }),
    },
    "a boundary": { facts: userFacts({ policies: principalPolicies({ boundary: readOnly }) }) },
    "what iam-warden put there": { facts: withInline(itsOwn) },
  },
  unknown: {
    "policies that could not be read": {
      facts: userFacts({ policies: denied("iam:ListUserPolicies") }),
      reason: "Cannot tell which policies user bob has: access denied: iam:ListUserPolicies",
    },
    "one of iam-warden's name that could not be read": {
      facts: withInline({ ...itsOwn, document: denied("iam:GetUserPolicy") }),
      reason: "Cannot tell which policies user bob has: access denied: iam:GetUserPolicy",
    },
  },
});
