import type { Json } from "../../shared/control.ts";
import { oidcTrustWithoutAudience } from "../../shared/controls/oidc-trust-without-audience.ts";
import { describeControl } from "../support/describe-control.ts";
import { allow, trusting } from "../support/trust.ts";

const gitHub = "token.actions.githubusercontent.com";
const provider = (issuer: string) => `arn:aws:iam::111122223333:oidc-provider/${issuer}`;
const trust = (issuer: string, Condition: Json = {}, name = provider(issuer)) =>
  trusting(allow({ Federated: name }, { Action: "sts:AssumeRoleWithWebIdentity", Condition }));

const open = (Condition: Json, loose = "") => ({
  facts: trust(gitHub, Condition),
  reason: `A token of GitHub Actions for any audience that is registered can assume role app: no condition fixes aud.${loose}`,
  evidence: { trusts: [{ principal: provider(gitHub), action: "sts:AssumeRoleWithWebIdentity", issuer: gitHub }] },
});

describeControl(oidcTrustWithoutAudience, {
  violates: {
    "the subject alone": open({ StringLike: { [`${gitHub}:sub`]: "repo:acme/app:*" } }),
    "no condition": open({}),
    "any audience": open(
      { StringLike: { [`${gitHub}:aud`]: "*" } },
      ` StringLike ${gitHub}:aud does not: its wildcards match whatever is there.`,
    ),
    "audiences that begin alike": open({ StringLike: { [`${gitHub}:aud`]: "sts.*" } }),
    "the audience, if there is one": open(
      { StringEqualsIfExists: { [`${gitHub}:aud`]: "sts.amazonaws.com" } },
      ` StringEqualsIfExists ${gitHub}:aud does not: …IfExists is true where the key is absent.`,
    ),
    "another issuer's audience": open({ StringEquals: { "gitlab.com:aud": "sts.amazonaws.com" } }),
  },
  complies: {
    "the audience": { facts: trust(gitHub, { StringEquals: { [`${gitHub}:aud`]: "sts.amazonaws.com" } }) },
    "an audience of the job's own": {
      facts: trust("app.terraform.io", { StringEquals: { "app.terraform.io:aud": "aws.workload.identity" } }),
    },
    "one of two": {
      facts: trust(gitHub, { "ForAnyValue:StringEquals": { [`${gitHub}:aud`]: ["sts.amazonaws.com", "acme"] } }),
    },
    "the audience by an operator with wildcards, without one": {
      facts: trust(gitHub, { StringLike: { [`${gitHub}:aud`]: "sts.amazonaws.com" } }),
    },
  },
  notApplicable: {
    "an issuer whose audience tells its customers apart": {
      facts: trust("cognito-identity.amazonaws.com", {}, "cognito-identity.amazonaws.com"),
      reason: "Role app trusts no OIDC provider whose audience is its own matter.",
    },
    "no OIDC provider": {
      facts: trusting(allow({ AWS: "444455556666" })),
      reason: "Role app trusts no OIDC provider whose audience is its own matter.",
    },
  },
  unknown: {
    "an operator that is unknown": {
      facts: trust(gitHub, { Odd: { [`${gitHub}:aud`]: "sts.amazonaws.com" } }),
      reason: `Cannot tell whom role app trusts: Odd ${gitHub}:aud of its trust in ${provider(gitHub)}: the policy language has no such operator`,
    },
  },
});
