import { describe, expect, it } from "vitest";
import { samlProviderUnapproved } from "../../shared/controls/saml-provider-unapproved.ts";
import { describeControl } from "../support/describe-control.ts";
import { samlProviderFacts } from "../support/facts.ts";

const unapproved = (name: string, ...approvedProviders: string[]) => ({
  facts: samlProviderFacts({ name }),
  options: { approvedProviders },
  reason: `The SAML provider ${name} is none that the settings approve.`,
  evidence: { provider: name, approvedProviders },
});
const approved = (name: string, ...approvedProviders: string[]) => ({
  facts: samlProviderFacts({ name }),
  options: { approvedProviders },
});

describeControl(samlProviderUnapproved, {
  violates: {
    "one that is none of those approved": unapproved("Mine", "Okta", "AWSSSO_*_DO_NOT_DELETE"),
    "a name that begins alike": unapproved("Okta-2", "Okta"),
    "a name in another case": unapproved("okta", "Okta"),
  },
  complies: {
    "one of the list": approved("Okta", "Entra", "Okta"),
    "Identity Center's": approved("AWSSSO_9e0d27c6b1a4835f_DO_NOT_DELETE", "AWSSSO_*_DO_NOT_DELETE"),
  },
  notApplicable: {
    "any, while none is approved": {
      facts: samlProviderFacts(),
      reason: "The settings approve no SAML provider (option approvedProviders is empty).",
    },
  },
});

describe("approvedProviders", () => {
  it.each(["*", "a/b", "", "arn:aws:iam::111122223333:saml-provider/Okta"])("refuses %j", (pattern) => {
    const { error } = samlProviderUnapproved.options.safeParse({ approvedProviders: [pattern] });
    expect(error?.issues.map(({ message }) => message)).toEqual([
      "a SAML provider's name as in its ARN, e.g. Okta, in which * stands for any characters",
    ]);
  });
});
