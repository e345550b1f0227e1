import * as z from "zod";
import { addTable, keySchemaOf } from "../../dynamodb/table.ts";
import { handler, ignored, type ResourceHandler } from "../resource.ts";

const keySchema = z
  .array(z.strictObject({ AttributeName: z.string(), KeyType: z.enum(["HASH", "RANGE"]) }))
  .transform(keySchemaOf);
const index = z
  .strictObject({
    IndexName: z.string(),
    KeySchema: keySchema,
    Projection: z.strictObject({ ProjectionType: z.enum(["ALL", "KEYS_ONLY"]) }),
  })
  .transform(({ IndexName: name, KeySchema, Projection }) => ({
    ...{ name, ...KeySchema, projection: Projection.ProjectionType },
  }));

const table = handler(
  {
    TableName: z.string().optional(),
    KeySchema: keySchema,
    AttributeDefinitions: z.array(
      z.strictObject({ AttributeName: z.string(), AttributeType: z.enum(["S", "N", "B"]) }),
    ),
    LocalSecondaryIndexes: z.array(index).default([]),
    GlobalSecondaryIndexes: z.array(index).default([]),
    TimeToLiveSpecification: z.strictObject({ AttributeName: z.string(), Enabled: z.literal(true) }).optional(),
    BillingMode: z.literal("PAY_PER_REQUEST"),
    DeletionProtectionEnabled: ignored,
    PointInTimeRecoverySpecification: ignored,
    SSESpecification: ignored,
    Tags: ignored,
  },
  (making, { TableName: name = making.newName(), KeySchema: key, TimeToLiveSpecification, ...properties }) => {
    const { accountId, region } = making.place;
    const made = addTable(making.state, {
      ...{ accountId, region, name, key },
      attributeTypes: Object.fromEntries(
        properties.AttributeDefinitions.map(({ AttributeName, AttributeType }) => [AttributeName, AttributeType]),
      ),
      indexes: [
        ...properties.LocalSecondaryIndexes.map((one) => ({ ...one, isGlobal: false })),
        ...properties.GlobalSecondaryIndexes.map((one) => ({ ...one, isGlobal: true })),
      ],
      ...(TimeToLiveSpecification && { expiryAttribute: TimeToLiveSpecification.AttributeName }),
    });
    return { ref: name, attributes: { Arn: made.arn } };
  },
);

export const dynamoDbResources: Readonly<Record<string, ResourceHandler>> = { "AWS::DynamoDB::Table": table };
