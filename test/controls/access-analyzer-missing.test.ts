import { accessAnalyzerMissing } from "../../shared/controls/access-analyzer-missing.ts";
import { type AnalyzerFacts, known, type RegionAnalyzers, unknownFact } from "../../shared/facts/facts.ts";
import { unlimited } from "../../shared/organization/view.ts";
import { describeControl } from "../support/describe-control.ts";
import { account, accountFacts, denied, organizationView } from "../support/facts.ts";

const arn = (region: string, name: string) => `arn:aws:access-analyzer:${region}:${account.id}:analyzer/${name}`;
const analyzer = (region: string, status = "ACTIVE", name = "external"): AnalyzerFacts => ({
  ...{ arn: arn(region, name), name, status },
});
const here = (region: string, ...analyzers: readonly AnalyzerFacts[]): RegionAnalyzers => ({
  region,
  analyzers: known(analyzers),
});
const home = "us-east-1";
const other = "eu-central-1";
const of = (...analyzers: readonly RegionAnalyzers[]) => accountFacts({ analyzers });
const both = here(home, analyzer(home));
const organizationIn = (...regions: readonly string[]) =>
  organizationView({ analyzers: known(regions.map((region) => ({ region, arn: arn(region, "organization") }))) });
const lacks = (...regions: readonly string[]) => ({
  reason: `Account ${account.id} has no active analyzer for external access in ${regions.join(", ")}.`,
  evidence: { missingIn: [...regions], inactive: [] },
});
const unread = (region: string): RegionAnalyzers => ({ region, analyzers: denied("access-analyzer:ListAnalyzers") });

describeControl(accessAnalyzerMissing, {
  violates: {
    "none anywhere": { facts: of(here(home), here(other)), ...lacks(home, other) },
    "one in one Region of two": { facts: of(both, here(other)), ...lacks(other) },
    "one that failed": {
      facts: of(here(home, analyzer(home, "FAILED")), here(other, analyzer(other))),
      reason: lacks(home).reason,
      evidence: { missingIn: [home], inactive: [{ region: home, name: "external", status: "FAILED" }] },
      repair: {
        held: "The analyzer external in us-east-1 is there and failed; an account can have no other beside it.",
      },
    },
    "the organization's is in another Region": {
      facts: of(here(home), here(other)),
      organization: organizationIn(home),
      ...lacks(other),
    },
    "an account in no organization": {
      facts: of(here(home), here(other, analyzer(other))),
      organization: unlimited("the account is in no organization"),
      ...lacks(home),
    },
    "one Region is missing, another cannot be read": {
      facts: of(here(home), unread(other)),
      ...lacks(home),
      repair: { unreal: "the role may list analyzers in every Region" },
    },
  },
  complies: {
    "its own in each Region": { facts: of(both, here(other, analyzer(other))) },
    "one that is active, beside one that is not": {
      facts: of(here(home, analyzer(home, "DISABLED", "a"), analyzer(home))),
    },
    "the organization's": { facts: of(here(home), here(other)), organization: organizationIn(home, other) },
    "the organization's where its own cannot be read": { facts: of(unread(home)), organization: organizationIn(home) },
    "the organization's, which may have more there": {
      facts: of(here(home)),
      organization: organizationView({
        analyzers: known([{ region: home, arn: arn(home, "organization") }]),
        unreadAnalyzers: [{ region: home, why: "not told" }],
      }),
    },
    "its own where the organization was not read": {
      facts: of(both),
      organization: unknownFact("the organization was not read yet"),
    },
  },
  notApplicable: {
    "no Region is watched": {
      facts: of(),
      reason: `Nobody named Regions to look for analyzers of account ${account.id}.`,
    },
  },
  unknown: {
    "a Region that may not be read": {
      facts: of(both, unread(other)),
      reason: `Cannot tell whether an analyzer looks at account ${account.id} in ${other}: access denied: access-analyzer:ListAnalyzers`,
    },
    "none of its own, and the organization was not read": {
      facts: of(here(home)),
      organization: unknownFact("the organization was not read yet"),
      reason: `Cannot tell whether an analyzer looks at account ${account.id} in ${home}: the organization was not read yet`,
    },
    "none of its own, and the organization's are not known of that Region": {
      facts: of(here(home), here(other)),
      organization: organizationView({
        analyzers: known([{ region: home, arn: arn(home, "organization") }]),
        unreadAnalyzers: [{ region: other, why: "access-analyzer:ListAnalyzers was denied" }],
      }),
      reason: `Cannot tell whether an analyzer looks at account ${account.id} in ${other}: access-analyzer:ListAnalyzers was denied`,
    },
    "none of its own, and the organization's may not be listed": {
      facts: of(here(home)),
      organization: organizationView({ analyzers: denied("organizations:ListDelegatedAdministrators") }),
      reason: `Cannot tell whether an analyzer looks at account ${account.id} in ${home}: access denied: organizations:ListDelegatedAdministrators`,
    },
  },
});
