import { classify } from "../../shared/aws/errors.ts";
import { AccessDeniedError, messageOf, WardenError } from "../../shared/errors.ts";
import type { Clients, Observed, Step } from "./steps.ts";

/** How a step stands before anything is done. */
export type Standing =
  | { readonly step: Step; readonly state: "there" | "missing" }
  /** It cannot be told whether it is there, or it cannot be: nothing is done. */
  | { readonly step: Step; readonly state: "unknown" | "impossible"; readonly why: string };

/** Which steps are to be done. The management account is nobody's delegated administrator. */
export const standingsOf = (
  steps: readonly Step[],
  observed: Observed,
  { hubIsManagement }: { readonly hubIsManagement: boolean },
): readonly Standing[] =>
  steps.map((step) => {
    if (hubIsManagement && step.permission === "organizations:RegisterDelegatedAdministrator")
      return { step, state: "impossible", why: "the management account cannot be a delegated administrator" };
    const there = step.isThere(observed);
    if (!there.known) return { step, state: "unknown", why: there.why };
    return { step, state: there.value ? "there" : "missing" };
  });

/** What came of a step that was not there. */
export interface Outcome {
  readonly step: Step;
  readonly state: "done" | "failed" | "waits" | "unknown" | "impossible";
  /** A sentence, unless it is done. */
  readonly why?: string;
}

/** Does what is missing, in order. What fails stops only the steps that need it. */
export const perform = async (
  standings: readonly Standing[],
  clients: Clients,
  accountId: string,
): Promise<readonly Outcome[]> => {
  const absent = new Map<string, string>();
  const outcomes: Outcome[] = [];
  for (const standing of standings) {
    if (standing.state === "there") continue;
    const outcome = await performOne(standing, absent, clients, accountId);
    if (outcome.state !== "done") absent.set(standing.step.id, standing.step.what);
    outcomes.push(outcome);
  }
  return outcomes;
};

const performOne = async (
  standing: Standing,
  absent: ReadonlyMap<string, string>,
  clients: Clients,
  accountId: string,
): Promise<Outcome> => {
  const { step } = standing;
  if (standing.state === "unknown" || standing.state === "impossible")
    return { step, state: standing.state, why: standing.why };
  const waitsFor = step.needs.flatMap((id) => absent.get(id) ?? []);
  if (waitsFor.length > 0) return { step, state: "waits", why: `it needs ${waitsFor.join(" and ")}` };
  try {
    await step.perform(clients);
    return { step, state: "done" };
  } catch (error) {
    const told = classify(error, step.permission, accountId) ?? error;
    const right =
      told instanceof AccessDeniedError
        ? `Give these credentials ${step.permission}, and look for service control policies`
        : "Run this again";
    return {
      step,
      state: "failed",
      why: `${told instanceof WardenError ? told.message : messageOf(told)}\n${right}; by hand: ${step.command}`,
    };
  }
};
