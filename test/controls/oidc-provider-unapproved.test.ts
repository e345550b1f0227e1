import { describe, expect, it } from "vitest";
import { oidcProviderUnapproved } from "../../shared/controls/oidc-provider-unapproved.ts";
import { describeControl } from "../support/describe-control.ts";
import { oidcProviderFacts } from "../support/facts.ts";

const github = "token.actions.githubusercontent.com";
const cluster = "oidc.eks.eu-west-1.amazonaws.com/id/0A1B2C";

const unapproved = (name: string, ...approvedIssuers: string[]) => ({
  facts: oidcProviderFacts({ name }),
  options: { approvedIssuers },
  reason: `The OIDC provider ${name} is of an issuer that the settings do not approve.`,
  evidence: { issuer: name, approvedIssuers },
});
const approved = (name: string, ...approvedIssuers: string[]) => ({
  facts: oidcProviderFacts({ name }),
  options: { approvedIssuers },
});

describeControl(oidcProviderUnapproved, {
  violates: {
    "an issuer that is none of those approved": unapproved("issuer.example.com", github, "gitlab.com"),
    "a host that only ends alike": unapproved("evil-gitlab.com", "gitlab.com"),
    "a path that looks like an approved host": unapproved("evil.test/a.example.com", "*.example.com"),
    "a path under an approved host": unapproved("gitlab.com/evil", "gitlab.com"),
    "a host alone where its paths are approved": unapproved("oidc.eks.eu-west-1.amazonaws.com", `${cluster}*`),
    "another path": unapproved(cluster, "oidc.eks.eu-west-1.amazonaws.com/id/FFFF*"),
    "a path in another case": unapproved("idp.example.com/Team", "idp.example.com/team"),
    "another port": unapproved("idp.example.com:8443", "idp.example.com"),
  },
  complies: {
    "an issuer of the list": approved(github, "gitlab.com", github),
    "a host in another case": approved("GitLab.com", "gitlab.COM"),
    "a cluster of a Region": approved(cluster, "oidc.eks.eu-west-1.amazonaws.com/id/*"),
    "a cluster of any Region": approved(cluster, "oidc.eks.*.amazonaws.com/id/*"),
    "any host of a domain": approved("idp.team.example.com", "*.example.com"),
  },
  notApplicable: {
    "any, while no issuer is approved": {
      facts: oidcProviderFacts(),
      reason: "The settings approve no issuer (option approvedIssuers is empty).",
    },
  },
});

describe("approvedIssuers", () => {
  it.each(["https://gitlab.com", "gitlab.com?x", "git lab.com", "", "/path", "gitlab.com/"])(
    "refuses %j",
    (pattern) => {
      const { error } = oidcProviderUnapproved.options.safeParse({ approvedIssuers: [pattern] });
      expect(error?.issues.map(({ message }) => message)).toEqual([
        "an issuer's URL without https://, e.g. token.actions.githubusercontent.com, in which * stands for any characters",
      ]);
    },
  );
});
