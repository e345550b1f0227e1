export interface OrganizationState {
  /** `o-…` */
  readonly id: string;
  readonly managementAccountId: string;
  /** `r-…` */
  readonly rootId: string;
  /** Organizational units by id, `ou-…`. */
  readonly units: Map<string, OrganizationalUnit>;
  /** Tags of the root. */
  readonly tags: Map<string, string>;
  /** Account ids of delegated administrators, with since when of which services. */
  readonly delegatedAdministrators: Map<string, Map<string, Date>>;
  /** Service principals with trusted access, and since when. */
  readonly trustedServices: Map<string, Date>;
  /** Whether it has all features, or is there for one bill alone. */
  featureSet: "ALL" | "CONSOLIDATED_BILLING";
  /** What of central root access is switched on. */
  readonly rootFeatures: Set<RootFeature>;
  /** Whether CloudFormation itself has its access to the organization activated, for service-managed stack sets. */
  stackSetsActivated: boolean;
  /** Service control policies that somebody made, by id, `p-…`; `FullAWSAccess` is AWS's own. */
  readonly serviceControlPolicies: Map<string, ServiceControlPolicy>;
  /** The roots, units and accounts that `FullAWSAccess` was detached from: it is on all others. */
  readonly withoutFullAccess: Set<string>;
  /** Whether the root has the policy type enabled; without it no service control policy limits anybody. */
  serviceControlEnabled: boolean;
  /** Requests for new accounts, by id, `car-…`. */
  readonly createAccountRequests: Map<string, CreateAccountRequest>;
  /** Whether accounts are listed with their `Paths`, as AWS documents. */
  listsPaths: boolean;
  /** Whether a list of several pages has an empty one with a token, as happens in AWS. */
  listsEmptyPages: boolean;
}

export type RootFeature = "RootCredentialsManagement" | "RootSessions";

export interface CreateAccountRequest {
  readonly id: string;
  readonly accountName: string;
  readonly requestedAt: Date;
  /** The new account's, or why there is none. */
  readonly result: { readonly accountId: string } | { readonly failureReason: "EMAIL_ALREADY_EXISTS" };
}

export interface ServiceControlPolicy {
  readonly id: string;
  name: string;
  description: string;
  /** As it was sent. */
  document: string;
  /** Ids of the root, units and accounts that it is attached to. */
  readonly targets: Set<string>;
  readonly tags: Map<string, string>;
}

export interface OrganizationalUnit {
  readonly id: string;
  name: string;
  /** A unit's or the root's id. */
  parentId: string;
  readonly tags: Map<string, string>;
}
