import type { ParameterValues, Template } from "../../shared/cloudformation/template.ts";

/** One resource that a stack made. */
export interface StackResource {
  readonly type: string;
  /** What `Ref` answers. */
  readonly physicalId: string;
  /** The name that was made up for it. */
  readonly name?: string;
}

/** What CloudFormation keeps of a stack, in one account and Region. */
export interface Stack {
  /** Its ARN. */
  readonly id: string;
  readonly name: string;
  readonly accountId: string;
  readonly region: string;
  readonly createdAt: Date;
  readonly status: "CREATE_COMPLETE";
  readonly template: Template;
  readonly parameters: ParameterValues;
  /** By logical id. */
  readonly resources: ReadonlyMap<string, StackResource>;
  readonly outputs: ReadonlyMap<string, string>;
  /** The stack set it is an instance of. */
  readonly stackSetId?: string;
  /** How it stands as such an instance; absent: current. */
  instance?: {
    readonly status: "CURRENT" | "OUTDATED" | "INOPERABLE";
    readonly detailedStatus: "SUCCEEDED" | "FAILED" | "RUNNING" | "PENDING";
    readonly reason?: string;
  };
}

/** A service-managed stack set of a delegated administrator. */
export interface StackSet {
  /** Its ARN. */
  readonly id: string;
  readonly name: string;
  /** The delegated administrator's. */
  readonly accountId: string;
  readonly template: Template;
  readonly parameters: ParameterValues;
  /** Roots and OUs whose accounts have an instance, those of OUs below included. */
  readonly organizationalUnitIds: readonly string[];
  /** In the order in which an account gets its instances. */
  readonly regions: readonly string[];
  /** Whether accounts that join get theirs. */
  readonly autoDeployment: boolean;
}
