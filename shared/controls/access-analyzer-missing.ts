import { compliant, defineControl, noOptions, notApplicable, unknown, violation } from "../control.ts";
import type { AccountFacts, Fact, RegionAnalyzers } from "../facts/facts.ts";
import { analyzersIn, type OrganizationView } from "../organization/view.ts";
import { createAnalyzer } from "../remediation/step.ts";

/** Nobody is told what of the account others can reach. */
export const accessAnalyzerMissing = defineControl({
  id: "access-analyzer-missing",
  title: "Account has no external access analyzer in a watched Region",
  severity: "medium",
  frameworks: { cis: { "5.0": "1.19", "7.0": "2.18" }, securityHub: "IAM.28" },
  subjects: ["account"],
  hints: ["access-analyzer:CreateAnalyzer", "access-analyzer:DeleteAnalyzer"],
  options: noOptions,
  guidance: {
    what: "In a Region that iam-warden watches no analyzer of IAM Access Analyzer for external access is active, neither the account's own nor one of its organization.",
    why: "A bucket, a queue, a key or a role that somebody opened to strangers looks like any other: nobody is told. For external access an analyzer costs nothing.",
    counts: [
      "The Regions are those in which iam-warden hears of changes: the settings name them (`deployment.regions`); an audit from the command line looks at the same.",
      "Only analyzers of external access count (type `ACCOUNT` or `ORGANIZATION`), and only active ones: none of unused or internal access, none that is being made, disabled or failed.",
      "An analyzer of the organization counts for each of its accounts, in its Region. It is in the management account or in a delegated administrator of Access Analyzer; each sweep reads once which there are.",
      "Where a Region, or the organization's analyzers, cannot be read, and it matters: unknown.",
    ],
    fix: {
      cli: `# In each Region that the finding names:
aws accessanalyzer create-analyzer --analyzer-name external-access --type ACCOUNT --region REGION_NAME
# Or once for the organization, from Access Analyzer's delegated administrator:
aws accessanalyzer create-analyzer --analyzer-name organization --type ORGANIZATION --region REGION_NAME`,
      cloudFormation: `Resources:
  Analyzer:
    Type: AWS::AccessAnalyzer::Analyzer
    Properties:
      AnalyzerName: external-access
      Type: ACCOUNT`,
      terraform: `resource "aws_accessanalyzer_analyzer" "external" {
  analyzer_name = "external-access"
  type          = "ACCOUNT"
}`,
    },
  },
  evaluate: ({ account, analyzers }, { organization }) => {
    if (analyzers.length === 0)
      return notApplicable(`Nobody named Regions to look for analyzers of account ${account.id}.`);
    const { missing, unsure } = lookIn(analyzers, organization);
    if (missing.length > 0) {
      return violation(
        `Account ${account.id} has no active analyzer for external access in ${missing.map(({ region }) => region).join(", ")}.`,
        {
          missingIn: missing.map(({ region }) => region),
          inactive: inactiveOf(missing).map(({ name, region, status }) => ({ region, name, status })),
        },
      );
    }
    const [first] = unsure;
    return first === undefined
      ? compliant
      : unknown(`Cannot tell whether an analyzer looks at account ${account.id} in ${first.region}`, first.why);
  },
  repair: {
    writes: ["CreateAnalyzer", "DeleteAnalyzer"],
    plan: ({ analyzers }, { organization }) => {
      const { missing } = lookIn(analyzers, organization);
      const [inactive] = inactiveOf(missing);
      if (inactive !== undefined) {
        return {
          held: `The analyzer ${inactive.name} in ${inactive.region} is there and ${inactive.status.toLowerCase()}; an account can have no other beside it.`,
        };
      }
      const [first, ...others] = missing.map(({ region }) => createAnalyzer(region));
      return first === undefined ? { held: "No Region lacks an analyzer." } : { steps: [first, ...others] };
    },
    waitsForApproval: true,
    notes: [
      "In each Region that lacks one it makes an analyzer of external access for the account, `iam-warden`, with a tag that says who made it.",
      "Unless a ladder in the settings says `remediate`, a person approves it: an analyzer of the whole organization may be what is wanted.",
      "Undo deletes those that it made: one of that name without the tag is somebody else's, and stays. The role that Access Analyzer makes for itself in the account stays, too.",
      "An account can have one such analyzer in a Region: one that is there and not active holds it.",
    ],
  },
});

interface Looked {
  readonly missing: readonly RegionAnalyzers[];
  readonly unsure: readonly { readonly region: string; readonly why: string }[];
}

/** The Regions without an active analyzer, and those of which that cannot be told. */
const lookIn = (analyzers: AccountFacts["analyzers"], organization: Fact<OrganizationView>): Looked => {
  const missing: RegionAnalyzers[] = [];
  const unsure: { readonly region: string; readonly why: string }[] = [];
  for (const one of analyzers) {
    const { region, analyzers: own } = one;
    if (own.known && own.value.some(({ status }) => status === "ACTIVE")) continue;
    const { analyzers: organizations, unknown: whys } = analyzersIn(organization, region);
    if (organizations.length > 0) continue;
    const [why] = own.known ? whys : [own.why];
    if (why !== undefined) unsure.push({ region, why });
    else missing.push(one);
  }
  return { missing, unsure };
};

const inactiveOf = (missing: readonly RegionAnalyzers[]) =>
  missing.flatMap(({ region, analyzers }) =>
    analyzers.known ? analyzers.value.map((one) => ({ ...one, region })) : [],
  );
