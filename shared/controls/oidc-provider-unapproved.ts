import * as z from "zod";
import { compliant, defineControl, notApplicable, violation } from "../control.ts";
import { matchesStars } from "../wildcard.ts";

/** A host, maybe a port, maybe a path. */
const issuerPattern = /^[A-Za-z0-9.*-]{1,255}(?::[0-9]{1,5})?(?:\/[A-Za-z0-9._:/~%*-]{1,255})?$/;
const expectedPattern =
  "an issuer's URL without https://, e.g. token.actions.githubusercontent.com, in which * stands for any characters";

/** An identity provider whose issuer the settings do not approve. */
export const oidcProviderUnapproved = defineControl({
  id: "oidc-provider-unapproved",
  title: "OIDC provider is not approved",
  severity: "high",
  frameworks: {},
  subjects: ["oidcProvider"],
  hints: ["iam:CreateOpenIDConnectProvider", "iam:DeleteOpenIDConnectProvider"],
  options: z.strictObject({
    approvedIssuers: z
      .array(z.string({ error: expectedPattern }).regex(issuerPattern, { error: expectedPattern }))
      .max(100)
      .default([])
      .describe(
        "The issuers that accounts may have as providers: URLs without https://, in which * stands for any characters, in the host for none of its path. While it is empty the control judges nothing.",
      ),
  }),
  guidance: {
    what: "The account has an OpenID Connect provider whose issuer is not on the settings' list of approved ones.",
    why: "Whoever runs the issuer signs tokens for it: a role that trusts the provider lets in whomever they say. A provider of one's own is a way back in that changing every password and key leaves open.",
    counts: [
      "While approvedIssuers is empty there is nothing to compare with: not applicable. What accounts need differs too much for a list that fits all.",
      "An issuer is its URL without https://, as in the provider's ARN. Its host and its path are compared on their own: a `*` in a host matches nothing of the path, so that an entry for `*.example.com` does not approve `evil.test/a.example.com`.",
      "An entry without a path approves an issuer without one: write `oidc.eks.eu-west-1.amazonaws.com/id/*` for the clusters of a Region.",
      "Hosts are compared in whatever case, paths case and all.",
      "That an issuer is approved says nothing of whom the roles that trust it let in: everybody's workflows on GitHub have the same issuer. That is in each role's trust policy.",
    ],
    fix: {
      cli: `# The roles that trust it lose their way in at once: look for them first.
aws iam list-roles --query 'Roles[?contains(to_string(AssumeRolePolicyDocument), \`PROVIDER_ARN\`)].RoleName'
aws iam delete-open-id-connect-provider --open-id-connect-provider-arn PROVIDER_ARN`,
      cloudFormation: `# CloudFormation cannot delete what it did not make. A provider of a template's own goes with its resource of type AWS::IAM::OIDCProvider.`,
      terraform: `# Remove the provider's aws_iam_openid_connect_provider from the configuration: the next apply deletes it. One that was made
# by hand is brought under Terraform first, with its own URL and audiences, and removed by the apply after that.
import {
  to = aws_iam_openid_connect_provider.unapproved
  id = "PROVIDER_ARN"
}

resource "aws_iam_openid_connect_provider" "unapproved" {
  url            = "https://issuer.example.com"
  client_id_list = ["sts.amazonaws.com"]
}`,
    },
  },
  evaluate: (provider, { options }) => {
    const { approvedIssuers } = options;
    if (approvedIssuers.length === 0)
      return notApplicable("The settings approve no issuer (option approvedIssuers is empty).");
    if (approvedIssuers.some((pattern) => approves(pattern, provider.name))) return compliant;
    return violation(`The OIDC provider ${provider.name} is of an issuer that the settings do not approve.`, {
      issuer: provider.name,
      approvedIssuers: [...approvedIssuers],
    });
  },
});

/** An issuer's host in lower case, with its port, and its path, which may be empty. */
const partsOf = (issuer: string): { readonly host: string; readonly path: string } => {
  const slash = issuer.indexOf("/");
  return slash < 0
    ? { host: issuer.toLowerCase(), path: "" }
    : { host: issuer.slice(0, slash).toLowerCase(), path: issuer.slice(slash) };
};

const approves = (pattern: string, issuer: string): boolean => {
  const [approved, own] = [partsOf(pattern), partsOf(issuer)];
  return matchesStars(approved.host, own.host) && matchesStars(approved.path, own.path);
};
