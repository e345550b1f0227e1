import { hourOf } from "../../remediation/breaker.ts";
import type { Check } from "../check.ts";
import type { DoctorDependencies } from "../dependencies.ts";
import { tripped } from "../tripped.ts";

export const breaker: Check<DoctorDependencies> = {
  id: "breaker",
  title: "no circuit breaker holds the organization's repairs",
  severity: "medium",
  isWatching: false,
  look: async ({ breakers, clock }) =>
    tripped(await breakers.tripOf({ scope: "organization", hour: hourOf(clock()) }), "organization"),
};
