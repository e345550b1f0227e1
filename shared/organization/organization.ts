import type { Fact, UnreadRegion } from "../facts/facts.ts";

/** A node of the tree above accounts: the root or a unit. */
export interface OrganizationNode {
  /** `r-…` or `ou-…`. */
  readonly id: string;
  readonly name: string;
  /** `null`: it is the root. */
  readonly parentId: string | null;
}

/** A service control policy that is attached somewhere. */
export interface ServiceControlPolicy {
  /** `p-…`. */
  readonly id: string;
  readonly name: string;
  readonly arn: string;
  /** The document as Organizations sends it. */
  readonly text: Fact<string>;
  /** ISO 8601: when the document was read. */
  readonly readAt: string;
  /** Ids of the root, units and accounts that it is attached to. */
  readonly targets: readonly string[];
}

/** Where each active account is. */
export interface Tree {
  /** The root and every unit above an account, ordered by id. */
  readonly nodes: readonly OrganizationNode[];
  /** Active accounts by id, each with the id of the root or unit that it is in. */
  readonly accounts: Readonly<Record<string, { readonly name: string; readonly parentId: string }>>;
}

/** An analyzer of the whole organization, which finds access from outside it in every account. */
export interface OrganizationAnalyzer {
  readonly arn: string;
  readonly region: string;
}

/** An organization, as plain JSON. */
export interface Organization {
  /** `o-…`. */
  readonly id: string;
  readonly managementAccountId: string;
  /** Of every account, whatever its state, ordered. */
  readonly accountIds: readonly string[];
  readonly tree: Fact<Tree>;
  /** Ordered by id; `null` where the organization has no such policies: then none limits anybody. */
  readonly serviceControl: Fact<readonly ServiceControlPolicy[] | null>;
  /** `RootCredentialsManagement`, `RootSessions`. */
  readonly rootFeatures: Fact<readonly string[]>;
  /** Those that are active in the watched Regions, ordered by ARN. */
  readonly analyzers: Fact<readonly OrganizationAnalyzer[]>;
  /** Regions in which it may have more of them. Absent: none. */
  readonly unreadAnalyzers?: readonly UnreadRegion[] | undefined;
}

/** What came of reading an organization once. */
export interface OrganizationReading {
  /** ISO 8601: when the reading began. */
  readonly readAt: string;
  /** Unknown where not even its accounts could be read. */
  readonly organization: Fact<Organization>;
}
