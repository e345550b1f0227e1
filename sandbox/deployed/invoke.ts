import type { HandleRequest, HttpAnswer } from "../../shared/operator/over-http.ts";
import type { Lambda } from "../lambda/invoke.ts";
import type { Sandbox } from "../sandbox.ts";

const arnOf = ({ state }: Sandbox, entry: string): string => {
  const found = [...state.functions.values()].find((one) => one.entry === entry);
  if (found === undefined) throw new Error(`no function is deployed that runs ${entry}`);
  return found.arn;
};

/** Invokes the function that runs a file of `functions/`, and waits. @throws Error as the function threw it */
export const invokeEntry = async (
  sandbox: Sandbox,
  lambda: Lambda,
  entry: string,
  event: unknown,
): Promise<unknown> => {
  const answer = await lambda.invoke(arnOf(sandbox, entry), event);
  if ("payload" in answer) return answer.payload;
  throw answer.cause ?? new Error(`${answer.errorType}: ${answer.errorMessage}`);
};

/** What a function answers through its URL, which tells it who signed; unsigned requests never reach it. */
export const throughUrl =
  (sandbox: Sandbox, lambda: Lambda, entry: string): HandleRequest =>
  async (body, caller) => {
    if (caller === undefined)
      return { statusCode: 403, headers: { "content-type": "application/json" }, body: '{"Message":"Forbidden"}' };
    const authorizer = { iam: { userArn: caller.arn } };
    const event = {
      version: "2.0",
      requestContext: { http: { method: "POST" }, authorizer },
      body,
      isBase64Encoded: false,
    };
    return (await invokeEntry(sandbox, lambda, entry, event)) as HttpAnswer;
  };
