import { setTimeout as sleep } from "node:timers/promises";
import { SQSClient } from "@aws-sdk/client-sqs";
import { z } from "zod";
import { listAccounts } from "../shared/accounts/list-accounts.ts";
import { MalformedRequestError } from "../shared/errors.ts";
import { refusalOf } from "../shared/operator/answer.ts";
import type { OperatorDependencies } from "../shared/operator/dependencies.ts";
import { createHttpOperator, type HttpAnswer, httpAnswer } from "../shared/operator/http.ts";
import { createDynamoDbBreakerStore } from "../shared/remediation/dynamodb-breaker-store.ts";
import { createDynamoDbRemediationStore } from "../shared/remediation/dynamodb-store.ts";
import { createSqsRepairQueue } from "../shared/remediation/sqs-queue.ts";
import {
  auditAccess,
  bundledSettings,
  dynamoDbClient,
  exemptionStore,
  findingStore,
  now,
  snsNotifier,
} from "./dependencies.ts";
import { readEnvironment } from "./environment.ts";
import { lambdaHandler } from "./runtime.ts";

/** What counts of an event of the function's URL; who signed the request is what Lambda says, not the request. */
const eventSchema = z.object({
  requestContext: z.object({
    http: z.object({ method: z.string() }),
    authorizer: z.object({ iam: z.object({ userArn: z.string().nullish() }).nullish() }).nullish(),
  }),
  body: z.string().optional(),
  isBase64Encoded: z.boolean().optional(),
});

/** Answers what people ask for through the function's URL, which authenticates them by IAM. */
export const createHandler = (dependencies: OperatorDependencies) => {
  const handle = createHttpOperator(dependencies);
  return async (event: unknown): Promise<HttpAnswer> => {
    const parsed = eventSchema.safeParse(event);
    if (!parsed.success) {
      const why = "This is no request of a function's URL with payload format 2.0 and IAM authentication.";
      return httpAnswer(refusalOf(new MalformedRequestError(why), dependencies.telemetry));
    }
    const { requestContext, body = "", isBase64Encoded } = parsed.data;
    const { http, authorizer } = requestContext;
    if (http.method !== "POST") {
      const refused = refusalOf(
        new MalformedRequestError(`${http.method} is not answered; POST`),
        dependencies.telemetry,
      );
      return { ...httpAnswer(refused), statusCode: 405 };
    }
    const text = isBase64Encoded ? Buffer.from(body, "base64").toString("utf8") : body;
    const arn = authorizer?.iam?.userArn;
    return handle(text, typeof arn === "string" ? { arn } : undefined);
  };
};

export const handler = lambdaHandler<unknown, HttpAnswer>("operator", ({ telemetry }) => {
  const environment = readEnvironment([
    "AWS_REGION",
    "HUB_ACCOUNT_ID",
    "MANAGEMENT_ACCOUNT_ID",
    "AUDIT_ROLE_NAME",
    "FINDINGS_TABLE",
    "REPAIR_QUEUE_URL",
    "TOPIC_ARN",
    "SETTINGS_FILE",
  ]);
  const audit = auditAccess(environment);
  const table = { client: dynamoDbClient(environment.AWS_REGION), table: environment.FINDINGS_TABLE };
  return createHandler({
    audit,
    store: findingStore(environment),
    remediations: createDynamoDbRemediationStore(table),
    exemptions: exemptionStore(environment),
    breakers: createDynamoDbBreakerStore(table),
    repairs: createSqsRepairQueue({
      client: new SQSClient({ region: environment.AWS_REGION }),
      url: environment.REPAIR_QUEUE_URL,
    }),
    notifier: snsNotifier(audit, environment),
    settings: bundledSettings(environment, telemetry),
    listAccounts: () => listAccounts(audit),
    managementAccountId: async () => environment.MANAGEMENT_ACCOUNT_ID,
    telemetry,
    clock: now,
    sleep: (ms) => sleep(ms),
  });
});
