import type { Context } from "aws-lambda";
import type { LambdaHandler } from "../../functions/runtime.ts";
import type { Telemetry } from "../../shared/telemetry.ts";
import { refusedRole, roleByArn } from "../authorization/service-role.ts";
import { openSession } from "../callers.ts";
import type { Sandbox } from "../sandbox.ts";
import { entries } from "./entries.ts";
import { fetchThrough } from "./fetch.ts";
import type { LambdaFunction } from "./state.ts";

export interface LambdaOptions {
  /** Where all functions' logs and metrics go. */
  readonly telemetry: Telemetry;
  /** Attempts of one AWS call, the first included; by default the functions' own. */
  readonly maxAttempts?: number | undefined;
  /** How long an invocation may still run, in milliseconds, instead of what is left of its timeout. */
  readonly remainingMs?: ((entry: string) => number | undefined) | undefined;
  /** Told of each invocation when it is over. */
  readonly onInvoked?: ((invocation: Invocation) => void | Promise<void>) | undefined;
  /** Runs each invocation, the start of a function included; where it throws an `ExitError` the function dies of it. */
  readonly around?: Around | undefined;
}

export type Around = <T>(invocation: () => Promise<T>) => Promise<T>;

/** A function's process ends in the middle of an invocation: the next one starts anew. */
export class ExitError extends Error {
  /** As Lambda calls it. */
  override readonly name = "Runtime.ExitError";
}

/** What a function made of an event; both passed as JSON. */
export type Answer =
  | { readonly payload: unknown }
  | { readonly errorType: string; readonly errorMessage: string; readonly cause?: unknown };

export interface Invocation {
  readonly functionArn: string;
  /** The file in `functions/`, without its ending. */
  readonly entry: string;
  readonly event: unknown;
  readonly answer: Answer;
}

/** Invokes functions as Lambda does. */
export interface Lambda {
  /** Waits for the answer. @throws Error if there is no such function */
  invoke(functionArn: string, event: unknown): Promise<Answer>;
}

/**
 * Runs a function's own entry with the variables of its template, credentials of its role and virtual time. It is built
 * at its first invocation, once; a start that failed is tried again by the next one.
 */
export const createLambda = (sandbox: Sandbox, options: LambdaOptions): Lambda => {
  const { state, ids, clock } = sandbox;
  const { around = (invocation) => invocation() } = options;
  const started = new Map<string, LambdaHandler<never, unknown>>();

  const start = (of: LambdaFunction): LambdaHandler<never, unknown> => {
    const build = Object.hasOwn(entries, of.entry) ? entries[of.entry] : undefined;
    if (build === undefined) throw new Error(`functions/ has no ${of.entry}`);
    const region = regionOf(of);
    const { credentials, requestHandler } = sandbox.clientConfig(credentialsOf(of), { region });
    return build({
      telemetry: options.telemetry,
      variables: variablesOf(of, region),
      connection: {
        ...{ credentials, requestHandler },
        ...(options.maxAttempts !== undefined && { maxAttempts: options.maxAttempts }),
      },
      fetch: fetchThrough(requestHandler),
      clock: () => clock.now(),
      // Waiting is what moves virtual time.
      sleep: async (ms) => clock.advance(ms),
    });
  };

  const credentialsOf = ({ roleArn, arn, name }: LambdaFunction) => {
    const accountId = arn.split(":")[4] ?? "";
    const refusal = refusedRole(state, roleArn, { service: "lambda.amazonaws.com", source: { arn, accountId } });
    const role = roleByArn(state, roleArn)?.role;
    if (refusal !== undefined || role === undefined)
      throw new Error(`The role defined for the function cannot be assumed by Lambda: ${refusal}`);
    const principal = { type: "role", roleName: role.name, sessionName: name } as const;
    return openSession(state, ids, { accountId, principal, createdAt: clock.now(), mfa: false, chained: false });
  };

  const run = async (of: LambdaFunction, event: unknown): Promise<Answer> => {
    const startedAt = clock.now().getTime();
    const left = () => of.timeoutSeconds * 1000 - (clock.now().getTime() - startedAt);
    const context = {
      functionName: of.name,
      invokedFunctionArn: of.arn,
      awsRequestId: ids.uuid(),
      getRemainingTimeInMillis: () => options.remainingMs?.(of.entry) ?? left(),
    } as Context;
    try {
      const answer = await around(async () => {
        const handle = started.get(of.arn) ?? start(of);
        started.set(of.arn, handle);
        return handle(throughJson(event) as never, context);
      });
      const payload = throughJson(answer);
      return left() < 0 ? timedOut(of) : { payload };
    } catch (error) {
      if (error instanceof ExitError) started.delete(of.arn);
      const { name, message } = error instanceof Error ? error : { name: "Error", message: String(error) };
      return { errorType: name, errorMessage: message, cause: error };
    }
  };

  return {
    invoke: async (functionArn, event) => {
      const of = state.functions.get(functionArn);
      if (of === undefined) throw new Error(`there is no function ${functionArn}`);
      const answer = await run(of, event);
      await options.onInvoked?.({ functionArn, entry: of.entry, event, answer });
      return answer;
    },
  };
};

const regionOf = ({ arn }: LambdaFunction): string => arn.split(":")[3] ?? "";

/** What lies beside the code in a bundle lies elsewhere on this machine. */
const variablesOf = ({ name, environment, taskRoot, memorySize }: LambdaFunction, region: string) => ({
  ...Object.fromEntries(
    Object.entries(environment).map(([key, value]) => [
      key,
      taskRoot === undefined ? value : value.replace(/^\/var\/task(?=\/)/, taskRoot),
    ]),
  ),
  AWS_REGION: region,
  AWS_LAMBDA_FUNCTION_NAME: name,
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memorySize),
});

const timedOut = ({ timeoutSeconds }: LambdaFunction): Answer => ({
  errorType: "Sandbox.Timedout",
  errorMessage: `Task timed out after ${timeoutSeconds}.00 seconds`,
});

/** What passes between functions passes as JSON; nothing is null. */
const throughJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null));
