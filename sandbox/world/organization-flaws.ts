import { analyzedRegions, analyzerIn } from "../analyzers/state.ts";
import type { AccountState, SandboxState } from "../state.ts";
import { organizationTrail } from "../trails/state.ts";
import type { Violation } from "./plan.ts";

/** Accounts of the demo, those that are active. */
interface Organized {
  readonly state: SandboxState;
  readonly joinedAt: Date;
  readonly managementAccountId: string;
  readonly hub: AccountState;
  readonly active: readonly AccountState[];
}

/** The member that came with a trail of its own, which its first team set up for one Region. */
const tracedInOneRegion = "billingo-legacy";

/** The Region that was opened when the organization had its analyzers already: there each account had to think of its own. */
const openedLater = "eu-west-1";
const analyzedByNobody = "sandbox-playground";

/** What is set for the organization as a whole, and what was overlooked: that is given back. */
export const organize = (organized: Organized): readonly Violation[] => [
  ...delegate(organized),
  ...traceEach(organized),
  ...analyzeAll(organized),
  // The demo's settings require a guardrail of security's accounts, of which the log archive has it.
  ofAccount("guardrail-scp-missing", organized.hub.id),
];

const ofAccount = (control: string, id: string): Violation => ({
  control,
  account: id,
  subject: { kind: "account", name: id },
});

/** Members' root credentials are managed centrally; that nobody can do what only root can was overlooked. */
const delegate = ({ state: { organization }, joinedAt, managementAccountId, hub }: Organized): readonly Violation[] => {
  const services = ["member.org.stacksets.cloudformation.amazonaws.com", "iam.amazonaws.com"];
  for (const service of services) organization.trustedServices.set(service, joinedAt);
  organization.stackSetsActivated = true;
  organization.rootFeatures.add("RootCredentialsManagement");
  organization.delegatedAdministrators.set(hub.id, new Map(services.map((service) => [service, joinedAt])));
  return [ofAccount("central-root-access-disabled", managementAccountId)];
};

/** Nobody made a trail of the organization: each account has its own, and in one it covers but one Region. */
const traceEach = ({ state: { trails }, active }: Organized): readonly Violation[] => {
  trails.clear();
  for (const { id, name } of active) {
    const trail = { ...organizationTrail(id), isOrganization: false, isMultiRegion: name !== tracedInOneRegion };
    trails.set(trail.arn, trail);
  }
  return active.flatMap(({ id, name }) => (name === tracedInOneRegion ? [ofAccount("trail-missing", id)] : []));
};

/** The security account's analyzers look at the whole organization, but in a Region that was opened later. */
const analyzeAll = ({ state: { organization }, joinedAt, hub, active }: Organized): readonly Violation[] => {
  const service = "access-analyzer.amazonaws.com";
  organization.trustedServices.set(service, joinedAt);
  organization.delegatedAdministrators.get(hub.id)?.set(service, joinedAt);
  for (const account of active) {
    const isForgotten = account.name === analyzedByNobody;
    for (const { arn, region } of [...account.analyzers.values()])
      if (region !== openedLater || isForgotten) account.analyzers.delete(arn);
  }
  for (const region of analyzedRegions.filter((one) => one !== openedLater)) {
    const analyzer = analyzerIn(hub.id, region, { createdAt: joinedAt, name: "organization", type: "ORGANIZATION" });
    hub.analyzers.set(analyzer.arn, analyzer);
  }
  return active.flatMap(({ id, name }) =>
    name === analyzedByNobody ? [ofAccount("access-analyzer-missing", id)] : [],
  );
};
