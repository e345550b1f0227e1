import { contextOf } from "../authorization/context.ts";
import { judge } from "../authorization/judge.ts";
import { identify } from "../callers.ts";
import type { Sandbox } from "../sandbox.ts";
import type { Principal } from "../state.ts";

/**
 * Why a principal of a function's own account may not call its URL; undefined if it may. Lambda asks for both actions.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
 */
export const refusedUrl = (
  { state, clock, authorization }: Pick<Sandbox, "state" | "clock" | "authorization">,
  entry: string,
  principal: Principal,
): string | undefined => {
  const of = [...state.functions.values()].find((one) => one.entry === entry);
  if (of?.url === undefined) return `no function that runs ${entry} has a URL`;
  const [, , , region = "", resourceAccountId = ""] = of.arn.split(":");
  const account = state.accounts.get(resourceAccountId);
  const caller = account && identify(account, principal, "");
  if (caller === undefined) return "there is no such caller";
  const more = { "lambda:FunctionUrlAuthType": of.url.authType, "lambda:InvokedViaFunctionUrl": "true" };
  const facts = { region, now: clock.now(), sourceIPAddress: "203.0.113.10", resourceAccountId, more };
  for (const action of ["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"]) {
    const judgement = judge(state, caller, {
      ...{ action, resource: of.arn, resourceAccountId },
      context: () => contextOf(state, caller, facts),
    });
    if (judgement.decision !== "allow") return `${caller.arn} may not do ${action} on ${of.arn}`;
    authorization.note(caller, judgement);
  }
  return undefined;
};
