import type { Trip } from "../remediation/breaker.ts";
import { problem, type Trouble } from "./check.ts";

/** A breaker that has tripped, as a trouble. */
export const tripped = (trip: Trip | undefined, scope: string): readonly Trouble[] =>
  trip === undefined
    ? []
    : [
        problem(
          "a circuit breaker holds every repair until the hour is over",
          `Look at what was repaired (\`warden findings --status held\`), then let repairs go on: \`warden resume ${scope}\`.`,
          { detail: `tripped at ${trip.at}` },
        ),
      ];
