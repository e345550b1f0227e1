import { MalformedRequestError, messageOf, NotAuthenticatedError } from "../errors.ts";
import type { Telemetry } from "../telemetry.ts";
import { type Answer, refusalOf, statusOf } from "./answer.ts";
import type { Caller } from "./dependencies.ts";

/** An HTTP response, as a function's URL takes it. */
export interface HttpAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON. */
  readonly body: string;
}

/** Far above any request that a person makes. */
const longestBody = 100_000;

/**
 * Answers the body of a POST. `caller` comes from whoever authenticated the request, and from nowhere in it; without one the
 * request is refused. Never throws.
 */
export type HandleRequest = (body: string, caller: Caller | undefined) => Promise<HttpAnswer>;

/** Answers the request of somebody whom AWS authenticated. Never throws. */
export type Answering = (caller: Caller, request: unknown) => Promise<Answer>;

/** Answers over HTTP whatever there is that answers. */
export const overHttp =
  (answering: Answering, telemetry: Telemetry): HandleRequest =>
  async (body, caller) => {
    try {
      if (caller === undefined)
        throw new NotAuthenticatedError("The request says nothing of who made it; sign it with your AWS credentials.");
      return httpAnswer(await answering(caller, parseBody(body)));
    } catch (error) {
      return httpAnswer(refusalOf(error, telemetry));
    }
  };

export const httpAnswer = (answer: Answer): HttpAnswer => ({
  statusCode: statusOf(answer),
  headers: { "content-type": "application/json", "cache-control": "no-store" },
  body: JSON.stringify(answer),
});

/** @throws MalformedRequestError */
const parseBody = (body: string): unknown => {
  if (body.length > longestBody)
    throw new MalformedRequestError(`The body has ${body.length} characters; write at most ${longestBody}`);
  if (body.trim() === "") throw new MalformedRequestError("The body is empty; write a JSON object with a command");
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw new MalformedRequestError(`The body is not JSON (${messageOf(cause)}); write an object with a command`, {
      cause,
    });
  }
};
