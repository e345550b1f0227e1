import type { Range } from "../../text/positions.ts";

/** A resource as it will be. */
export interface PlannedResource {
  /** `module.app["eu"].aws_iam_role.this[0]` */
  readonly address: string;
  readonly type: string;
  readonly values: Readonly<Record<string, unknown>>;
  readonly at: Range;
  /** What is known after it is applied only, by attribute. */
  readonly unknown: Readonly<Record<string, unknown>>;
}

/** What a plan says of an address: of a resource, or of a data source that is read at apply. */
export interface PlannedChange {
  readonly type: string;
  readonly after: Readonly<Record<string, unknown>>;
  readonly unknown: Readonly<Record<string, unknown>>;
}
