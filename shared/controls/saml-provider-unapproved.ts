import * as z from "zod";
import { compliant, defineControl, notApplicable, violation } from "../control.ts";
import { matchesStars } from "../wildcard.ts";

const expectedName = "a SAML provider's name as in its ARN, e.g. Okta, in which * stands for any characters";

/** A SAML identity provider that the settings do not approve. */
export const samlProviderUnapproved = defineControl({
  id: "saml-provider-unapproved",
  title: "SAML provider is not approved",
  severity: "high",
  frameworks: {},
  subjects: ["samlProvider"],
  hints: ["iam:CreateSAMLProvider", "iam:DeleteSAMLProvider", "iam:UpdateSAMLProvider"],
  options: z.strictObject({
    approvedProviders: z
      .array(z.string({ error: expectedName }).regex(/^(?=.*[^*])[\w.*-]{1,128}$/, { error: expectedName }))
      .max(100)
      .default([])
      .describe(
        "Names of the SAML providers that accounts may have; * stands for any characters. While it is empty the control judges nothing.",
      ),
  }),
  guidance: {
    what: "The account has a SAML identity provider whose name is not on the settings' list of approved ones.",
    why: "Whoever has the key of its metadata signs assertions for it: a role that trusts the provider lets in whomever they say. A provider of one's own is a way back in that changing every password and key leaves open.",
    counts: [
      "While approvedProviders is empty there is nothing to compare with: not applicable.",
      "IAM Identity Center makes a provider in each account that it gives people a way into: approve its exact name, or `AWSSSO_*_DO_NOT_DELETE` if you keep others from making one that is called so by a service control policy.",
      "Names are compared case and all. The metadata is not: whoever may call iam:UpdateSAMLProvider puts a key of their own into an approved provider, which CloudTrail shows and this does not. privilege-escalation-path tells who may on any provider; let a service control policy leave it to few.",
      "Whom the roles that trust a provider let in is in each role's trust policy, and not judged here.",
    ],
    fix: {
      cli: `# The roles that trust it lose their way in at once: look for them first.
aws iam list-roles --query 'Roles[?contains(to_string(AssumeRolePolicyDocument), \`PROVIDER_ARN\`)].RoleName'
aws iam delete-saml-provider --saml-provider-arn PROVIDER_ARN`,
      cloudFormation: `# CloudFormation cannot delete what it did not make. A provider of a template's own goes with its resource of type AWS::IAM::SAMLProvider.`,
      terraform: `# Remove the provider's aws_iam_saml_provider from the configuration: the next apply deletes it. One that was made by hand is
# brought under Terraform first, with its own metadata, and removed by the apply after that.
import {
  to = aws_iam_saml_provider.unapproved
  id = "PROVIDER_ARN"
}

resource "aws_iam_saml_provider" "unapproved" {
  name                   = "unapproved"
  saml_metadata_document = file("metadata.xml")
}`,
    },
  },
  evaluate: ({ name }, { options: { approvedProviders } }) => {
    if (approvedProviders.length === 0)
      return notApplicable("The settings approve no SAML provider (option approvedProviders is empty).");
    if (approvedProviders.some((pattern) => matchesStars(pattern, name))) return compliant;
    return violation(`The SAML provider ${name} is none that the settings approve.`, {
      provider: name,
      approvedProviders: [...approvedProviders],
    });
  },
});
