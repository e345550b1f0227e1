import * as z from "zod";
import { MalformedRequestError } from "../shared/errors.ts";
import { refusalOf } from "../shared/operator/answer.ts";
import { type HandleRequest, type HttpAnswer, httpAnswer } from "../shared/operator/over-http.ts";
import type { Telemetry } from "../shared/telemetry.ts";

/** What counts of an event of the function's URL; who signed the request is what Lambda says, not the request. */
const eventSchema = z.object({
  requestContext: z.object({
    http: z.object({ method: z.string() }),
    authorizer: z.object({ iam: z.object({ userArn: z.string().nullish() }).nullish() }).nullish(),
  }),
  body: z.string().optional(),
  isBase64Encoded: z.boolean().optional(),
});

/** Answers what comes through a function's URL, which authenticates by IAM. Anything else is refused. */
export const throughUrl =
  (handle: HandleRequest, telemetry: Telemetry) =>
  async (event: unknown): Promise<HttpAnswer> => {
    const parsed = eventSchema.safeParse(event);
    if (!parsed.success) {
      const why = "This is no request of a function's URL with payload format 2.0 and IAM authentication.";
      return httpAnswer(refusalOf(new MalformedRequestError(why), telemetry));
    }
    const { requestContext, body = "", isBase64Encoded } = parsed.data;
    const { http, authorizer } = requestContext;
    if (http.method !== "POST") {
      const refused = refusalOf(new MalformedRequestError(`${http.method} is not answered; POST`), telemetry);
      return { ...httpAnswer(refused), statusCode: 405 };
    }
    const text = isBase64Encoded ? Buffer.from(body, "base64").toString("utf8") : body;
    const arn = authorizer?.iam?.userArn;
    return handle(text, typeof arn === "string" ? { arn } : undefined);
  };
