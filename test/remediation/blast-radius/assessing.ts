import { authorize } from "../../../shared/remediation/authorization.ts";
import { assessBlastRadius, blastRadius } from "../../../shared/remediation/blast-radius/blast-radius.ts";
import type { ExecutorDependencies } from "../../../shared/remediation/executor.ts";
import { type Prepared, prepare, type RepairRequest } from "../../../shared/remediation/prepare.ts";
import { nothingHolds } from "../../support/repair-world.ts";
import type { boundedRole } from "../worlds.ts";

export const found = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error("it is not there");
  return value;
};

export const ready = async (run: ExecutorDependencies, request: RepairRequest): Promise<Prepared> => {
  const preparation = await prepare(run, request);
  if (preparation.outcome !== "ready") throw new Error(JSON.stringify(preparation));
  return preparation.prepared;
};

type World = Pick<ReturnType<typeof boundedRole>, "run" | "request">;

export const assess = async ({ run, request }: World) => {
  const dependencies = run();
  return assessBlastRadius(dependencies, await ready(dependencies, request));
};

export const authorizing = async ({ run, request }: World) => {
  const dependencies = run();
  const interlocks = { ...nothingHolds, blastRadius: blastRadius(dependencies) };
  return authorize(interlocks, await ready(dependencies, request), { by: "ladder", why: "7 days open" });
};
