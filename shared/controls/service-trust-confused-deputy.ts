import { defineControl, type EvaluationContext, noOptions, notApplicable } from "../control.ts";
import type { RoleFacts } from "../facts/facts.ts";
import { all } from "../policy/language/ternary.ts";
import { isConfinedBy, type Trust } from "../policy/trust/trust.ts";
import { confusableService, confusableServices } from "./terms/trust/confusable-services.ts";
import {
  isOfOrganization,
  judgeTrusts,
  kindsOfSources,
  looseWords,
  namedIn,
  organizationWords,
  type TrustJudgement,
  trustHints,
  undecidedWords,
} from "./terms/trust/trust.ts";
import { trustCommands, trustTemplates } from "./terms/trust/trust-templates.ts";

const severity = "medium";

/** A role that a service may be brought to assume for somebody else. */
export const serviceTrustConfusedDeputy = defineControl({
  id: "service-trust-confused-deputy",
  title: "Role trusts a service whoever it acts for",
  severity,
  frameworks: {},
  subjects: ["role"],
  hints: trustHints,
  options: noOptions,
  guidance: {
    what: "A role trusts an AWS service that says for which account or resource it assumes roles, and no condition looks at that.",
    why: "The service acts for every account. What another account, or another resource of your own, makes it do could use your role: the confused deputy.",
    counts: [
      `Only services are judged whose documentation asks for it: ${confusableServices.join(", ")}. Their names in a Region or in China count too.`,
      "Enough is `aws:SourceAccount`, `aws:SourceArn`, `aws:SourceOrgID` or `aws:SourceOrgPaths` that fixes an account, a resource or an organization, under an operator that is false where the key is absent; for IAM Roles Anywhere also `sts:SourceIdentity`.",
      "An account or organization that such a condition names has to be the role's own or of its organization; while the organization is not known, other accounts than the role's own make the verdict unknown.",
      "Other services (EC2, Lambda, ECS and most more) take a role from callers who may pass it and name no source when they assume it: such a condition would keep them out, and they are not judged.",
      "`aws:PrincipalAccount` and `aws:ResourceAccount` say nothing about for whom a service acts, and confine nothing here.",
    ],
    fix: {
      cli: trustCommands(
        "See the service's documentation for the form of its ARNs; aws:SourceAccount alone will do:",
        `Add to the statement: "Condition": {"StringEquals": {"aws:SourceAccount": "ACCOUNT_ID"}}`,
      ),
      ...trustTemplates({
        Effect: "Allow",
        Principal: { Service: "scheduler.amazonaws.com" },
        Action: "sts:AssumeRole",
        Condition: { StringEquals: { "aws:SourceAccount": "ACCOUNT_ID" } },
      }),
    },
  },
  evaluate: (role, context) =>
    judgeTrusts(
      role,
      severity,
      judge(role, context),
      notApplicable(`Role ${role.name} trusts no service that says for whom it acts.`),
    ),
});

const judge =
  (role: RoleFacts, context: EvaluationContext<unknown>) =>
  (trust: Trust): TrustJudgement => {
    const { principal } = trust;
    const service = principal.type === "service" ? confusableService(principal.name) : undefined;
    if (service === undefined) return "none";
    const kinds = [...kindsOfSources, ...(service.alsoBy ?? [])];
    const isInside = isOfOrganization(role, context);
    const isConfined = isConfinedBy(trust, ({ kind, of }) => kinds.includes(kind) && all(of.map(isInside)));
    if (isConfined === true) return "fine";
    const named = namedIn(trust, kindsOfSources);
    if (isConfined === "unknown") {
      const isUnclear = named.some((id) => isInside(id) === "unknown");
      return { unknown: isUnclear ? organizationWords(context, named) : undecidedWords(trust) };
    }
    const can = `${principal.name} can assume role ${role.name}`;
    const { documentation } = service;
    if (named.length === 0) {
      const what = `${can} whoever it acts for: no condition fixes aws:SourceAccount or aws:SourceArn.${looseWords(trust)}`;
      return { what, severity, evidence: { documentation } };
    }
    const outside = named.filter((id) => isInside(id) === false);
    const what = `${can} when it acts for ${outside.join(", ")}, outside the organization.`;
    return { what, severity, evidence: { outside, documentation } };
  };
