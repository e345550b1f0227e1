import * as z from "zod";
import { MalformedRequestError } from "../shared/errors.ts";
import { refusalOf } from "../shared/operator/answer.ts";
import type { OperatorDependencies } from "../shared/operator/dependencies.ts";
import { createHttpOperator, type HttpAnswer, httpAnswer } from "../shared/operator/http.ts";
import { given, repairContext, repairQueue } from "./dependencies.ts";
import { lambdaHandler } from "./runtime.ts";
import { withSettings } from "./with-settings.ts";

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

/** The handler, built from the variables and connections of whatever it runs on. */
export const build = withSettings((runtime) => {
  const self = given(runtime, [
    "AWS_REGION",
    "HUB_ACCOUNT_ID",
    "AUDIT_ROLE_NAME",
    "FINDINGS_TABLE",
    "REPAIR_QUEUE_URL",
    "TOPIC_ARN",
  ]);
  return createHandler({ ...repairContext(self), repairs: repairQueue(self) });
});

export const handler = lambdaHandler<unknown, HttpAnswer>("operator", build);
