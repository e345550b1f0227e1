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

/** What is set for the organization as a whole, and what was overlooked: that is given back. */
export const organize = (organized: Organized): readonly Violation[] => [
  ...delegate(organized),
  ...traceEach(organized),
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
