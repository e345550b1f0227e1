import * as z from "zod";
import { type BreakerScope, hourOf, type Trip } from "../remediation/breaker.ts";
import { defineCommand, whyArg } from "./command.ts";

const scopeError = "an account id of twelve digits, or organization";

export interface Resumed {
  /** False: nothing was to be resumed; the breaker had not tripped, or somebody else was faster. */
  readonly resumed: boolean;
  /** What had tripped. */
  readonly trip?: Trip;
}

/** Lets a circuit breaker that tripped in this hour begin anew, with all its slots. */
export const resume = defineCommand(
  z.strictObject({
    scope: z.string({ error: scopeError }).regex(/^(?:\d{12}|organization)$/, { error: scopeError }),
    why: whyArg.optional(),
  }),
  async ({ breakers, telemetry, clock }, { arn: by }, { scope: asked, why }): Promise<Resumed> => {
    const scope: BreakerScope = asked === "organization" ? "organization" : { account: asked };
    const now = clock();
    const trip = await breakers.tripOf({ scope, hour: hourOf(now) });
    if (trip === undefined) return { resumed: false };
    const resumed = await breakers.resume(trip, by, now);
    if (resumed) telemetry.info("A person resumed a circuit breaker", { by, why, scope, trippedAt: trip.at });
    return { resumed, trip };
  },
);
