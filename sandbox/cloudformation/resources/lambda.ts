import * as z from "zod";
import type { LambdaFunction } from "../../lambda/state.ts";
import { handler, ignored, type Making, type ResourceHandler } from "../resource.ts";

const functionArn = ({ accountId, region }: Making["place"], name: string): string =>
  name.startsWith("arn:") ? name : `arn:aws:lambda:${region}:${accountId}:function:${name}`;

const requireFunction = ({ state, place }: Making, name: string): LambdaFunction => {
  const arn = functionArn(place, name);
  const found = state.functions.get(arn);
  if (found === undefined) throw new Error(`there is no function ${arn}`);
  return found;
};

const lambdaFunction = handler(
  {
    FunctionName: z.string().optional(),
    Role: z.string(),
    Timeout: z.number().default(3),
    MemorySize: z.number().default(128),
    Environment: z.strictObject({ Variables: z.record(z.string(), z.string()) }).optional(),
    Handler: z.literal("index.handler"),
    Runtime: z.string().regex(/^nodejs/),
    Architectures: ignored,
    Code: ignored,
    Description: ignored,
    LoggingConfig: ignored,
    Tags: ignored,
  },
  (making, { FunctionName: name = making.newName().slice(0, 64), Role, Timeout, MemorySize, Environment }) => {
    const { state, place, logicalId, entries, taskRoot } = making;
    const entry = entries.get(logicalId);
    if (entry === undefined) throw new Error("nothing says which file of functions/ it runs");
    const arn = functionArn(place, name);
    state.functions.set(arn, {
      ...{ arn, name, entry, roleArn: Role, timeoutSeconds: Timeout, memorySize: MemorySize },
      ...{ environment: Environment?.Variables ?? {}, statements: new Map(), maximumRetryAttempts: 2 },
      ...(taskRoot !== undefined && { taskRoot }),
    });
    return { ref: name, attributes: { Arn: arn } };
  },
);

const eventSourceMapping = handler(
  {
    FunctionName: z.string(),
    EventSourceArn: z.string().regex(/^arn:[^:]+:sqs:/),
    BatchSize: z.number().int().min(1).max(10).default(10),
    FunctionResponseTypes: z.array(z.literal("ReportBatchItemFailures")).default([]),
    ScalingConfig: z.strictObject({ MaximumConcurrency: z.number().min(2).max(1000) }).optional(),
    Enabled: z.literal(true).default(true),
  },
  (making, { FunctionName, EventSourceArn: queueArn, BatchSize, FunctionResponseTypes, ScalingConfig }) => {
    const { state, ids } = making;
    if (!state.queues.has(queueArn)) throw new Error(`there is no queue ${queueArn}`);
    const id = ids.uuid();
    state.eventSourceMappings.set(id, {
      ...{ id, functionArn: requireFunction(making, FunctionName).arn, queueArn, batchSize: BatchSize },
      reportsBatchItemFailures: FunctionResponseTypes.length > 0,
      ...(ScalingConfig && { maximumConcurrency: ScalingConfig.MaximumConcurrency }),
    });
    return { ref: id, attributes: { Id: id } };
  },
);

const eventInvokeConfig = handler(
  { FunctionName: z.string(), Qualifier: z.literal("$LATEST"), MaximumRetryAttempts: z.number().int().min(0).max(2) },
  (making, { FunctionName, MaximumRetryAttempts }) => {
    requireFunction(making, FunctionName).maximumRetryAttempts = MaximumRetryAttempts;
    return { ref: making.logicalId };
  },
);

const functionUrl = handler(
  { TargetFunctionArn: z.string(), AuthType: z.enum(["AWS_IAM", "NONE"]) },
  (making, { TargetFunctionArn, AuthType: authType }) => {
    const url = `https://${making.ids.lower(32)}.lambda-url.${making.place.region}.on.aws/`;
    const target = requireFunction(making, TargetFunctionArn);
    target.url = { url, authType };
    return { ref: target.arn, attributes: { FunctionArn: target.arn, FunctionUrl: url } };
  },
);

const permission = handler(
  {
    FunctionName: z.string(),
    Action: z.string(),
    Principal: z.string(),
    SourceArn: z.string().optional(),
    SourceAccount: z.string().optional(),
    FunctionUrlAuthType: z.string().optional(),
    InvokedViaFunctionUrl: z.boolean().optional(),
  },
  (making, { FunctionName, Action, Principal, SourceArn, SourceAccount, ...url }) => {
    const target = requireFunction(making, FunctionName);
    const isService = Principal.endsWith(".amazonaws.com");
    target.statements.set(making.logicalId, {
      ...{ Effect: "Allow", Action, Resource: target.arn },
      Principal: Principal === "*" ? "*" : { [isService ? "Service" : "AWS"]: Principal },
      Condition: {
        ...(SourceArn !== undefined && { ArnLike: { "aws:SourceArn": SourceArn } }),
        StringEquals: {
          ...(SourceAccount !== undefined && { "aws:SourceAccount": SourceAccount }),
          ...(url.FunctionUrlAuthType !== undefined && { "lambda:FunctionUrlAuthType": url.FunctionUrlAuthType }),
        },
        ...(url.InvokedViaFunctionUrl !== undefined && {
          Bool: { "lambda:InvokedViaFunctionUrl": String(url.InvokedViaFunctionUrl) },
        }),
      },
    });
    return { ref: making.logicalId };
  },
);

export const lambdaResources: Readonly<Record<string, ResourceHandler>> = {
  "AWS::Lambda::Function": lambdaFunction,
  "AWS::Lambda::EventSourceMapping": eventSourceMapping,
  "AWS::Lambda::EventInvokeConfig": eventInvokeConfig,
  "AWS::Lambda::Url": functionUrl,
  "AWS::Lambda::Permission": permission,
};
