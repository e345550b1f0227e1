import { CfnDeletionPolicy, Stack } from "aws-cdk-lib";
import { CfnTable } from "aws-cdk-lib/aws-dynamodb";
import { type IGrantable, PolicyStatement } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import { expiryAttribute, findingTableDefinition } from "../../shared/findings/table.ts";
import { acceptWildcard } from "./accepted.ts";

/** The store's own table definition, kept safe: point-in-time recovery, no deletion by accident. */
export class FindingsTable extends Construct {
  readonly tableName: string;
  readonly #tableArn: string;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const table = new CfnTable(this, "Table", {
      ...lowerFirst(findingTableDefinition),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      sseSpecification: { sseEnabled: true },
      timeToLiveSpecification: { attributeName: expiryAttribute, enabled: true },
      deletionProtectionEnabled: true,
    });
    table.cfnOptions.deletionPolicy = CfnDeletionPolicy.RETAIN;
    table.cfnOptions.updateReplacePolicy = CfnDeletionPolicy.RETAIN;
    this.tableName = table.ref;
    this.#tableArn = table.attrArn;
    acceptWildcard(
      Stack.of(this),
      `${this.#tableArn}/index/*`,
      "The stores query both of the table's indexes, and there are no others.",
    );
  }

  /** What the DynamoDB stores do: single items and queries. No scan, no delete, nothing to the table itself. */
  grantStore(grantee: IGrantable): void {
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"],
        resources: [this.#tableArn, `${this.#tableArn}/index/*`],
      }),
    );
  }

  /** What is only kept for others. */
  grantPut(grantee: IGrantable): void {
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({ actions: ["dynamodb:PutItem"], resources: [this.#tableArn] }),
    );
  }

  /** What is only looked at. */
  grantRead(grantee: IGrantable): void {
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({ actions: ["dynamodb:GetItem", "dynamodb:Query"], resources: [this.#tableArn] }),
    );
  }

  /** What the circuit breakers need besides: counting in place. */
  grantBreakers(grantee: IGrantable): void {
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({ actions: ["dynamodb:UpdateItem"], resources: [this.#tableArn] }),
    );
  }
}

type LowerFirst<T> = T extends readonly (infer Item)[]
  ? LowerFirst<Item>[]
  : T extends object
    ? { -readonly [K in keyof T as K extends string ? Uncapitalize<K> : never]: LowerFirst<T[K]> }
    : T;

/** `CreateTable`'s spelling of names to CloudFormation's in the CDK: `KeySchema` to `keySchema`, all the way down. */
const lowerFirst = <T>(value: T): LowerFirst<T> => {
  const convert = (part: unknown): unknown => {
    if (Array.isArray(part)) return part.map(convert);
    if (typeof part !== "object" || part === null) return part;
    return Object.fromEntries(
      Object.entries(part).map(([name, inner]) => [`${name.charAt(0).toLowerCase()}${name.slice(1)}`, convert(inner)]),
    );
  };
  return convert(value) as LowerFirst<T>;
};
