import { type Fact, type PolicyFacts, type UnreadRegion, unknownFact } from "../facts/facts.ts";
import type { OrganizationAnalyzer } from "./organization.ts";

/** A node of the organization's tree with the service control policies attached to it. */
export interface ViewNode {
  /** The id of the root (`r-…`), of a unit (`ou-…`) or of the account. */
  readonly id: string;
  readonly name: string;
  /** One of them has to allow a request; a deny in any node wins. */
  readonly policies: readonly PolicyFacts[];
}

/** The organization as one of its accounts sees it. */
export interface OrganizationView {
  /** `o-…`. */
  readonly id: string;
  readonly managementAccountId: string;
  /** Every account of the organization, whatever its state. */
  readonly accountIds: ReadonlySet<string>;
  /** From the root down to the account; none for the management account, which no service control policy limits. */
  readonly serviceControl: Fact<readonly ViewNode[]>;
  /** What is centralized of the members' root users: `RootCredentialsManagement`, `RootSessions`. */
  readonly rootFeatures: Fact<readonly string[]>;
  /** The active analyzers of the whole organization in the watched Regions. */
  readonly analyzers: Fact<readonly OrganizationAnalyzer[]>;
  /** Regions in which there may be more of them. Absent: none. */
  readonly unreadAnalyzers?: readonly UnreadRegion[] | undefined;
}

/**
 * An organization that is not known, and no service control policy limits the account all the same: it is in none, or whoever asks
 * takes it so.
 */
export const unlimited = (why: string): Fact<never> => Object.assign(unknownFact(why), { isUnlimited: true });

export const isUnlimited = (organization: Fact<OrganizationView>): boolean => "isUnlimited" in organization;

/** The organization's analyzers in a Region, and why there may be more; an account in no organization has none of it. */
export const analyzersIn = (
  organization: Fact<OrganizationView>,
  region: string,
): { readonly analyzers: readonly OrganizationAnalyzer[]; readonly unknown: readonly string[] } => {
  if (isUnlimited(organization)) return { analyzers: [], unknown: [] };
  if (!organization.known) return { analyzers: [], unknown: [organization.why] };
  const { analyzers, unreadAnalyzers = [] } = organization.value;
  if (!analyzers.known) return { analyzers: [], unknown: [analyzers.why] };
  return {
    analyzers: analyzers.value.filter((one) => one.region === region),
    unknown: unreadAnalyzers.flatMap((one) => (one.region === region ? [one.why] : [])),
  };
};

/** `o-exampleorg1/r-ab12/ou-ab12-11111111/`, of an account that the service control policies tell the way to. */
export const pathOf = ({ id, serviceControl }: OrganizationView): string | undefined =>
  serviceControl.known && serviceControl.value.length > 1
    ? `${[id, ...serviceControl.value.slice(0, -1).map((node) => node.id)].join("/")}/`
    : undefined;
