import { minuteMs } from "./plan.ts";
import type { Simulation } from "./simulation.ts";

/** What a person asks for; an approval is of the plan that they are shown. */
export type Command =
  | { readonly command: "ack" | "unexempt"; readonly id: string }
  | { readonly command: "approve"; readonly id: string; readonly stage: "repair" | "final" }
  | { readonly command: "undo"; readonly id: string; readonly force: boolean }
  | { readonly command: "exempt"; readonly id: string; readonly reason: string; readonly until: string }
  | { readonly command: "resume"; readonly scope: string };

const tries = 3;

/** A person gives a command, and again if nobody answers; whether it was done. */
export const operate = async (simulation: Simulation, key: string, command: Command): Promise<boolean> => {
  const { engine, observed } = simulation;
  if (command.command === "approve") return approve(simulation, key, command);
  const at = engine.now();
  if (command.command === "undo") observed.undos.push({ at, id: command.id });
  if (command.command === "resume") observed.resumes.push({ at });
  const why = command.command === "undo" ? { why: "The nightly job broke." } : {};
  return (await ask(simulation, key, { ...command, ...why })) !== undefined;
};

/** Looks at the plan, and approves just that. */
const approve = async (
  simulation: Simulation,
  key: string,
  { id, stage }: Extract<Command, { readonly command: "approve" }>,
): Promise<boolean> => {
  const { engine, observed } = simulation;
  const shown = await ask(simulation, `${key} plan`, { command: "plan", id, stage });
  const [plan] = (shown?.items ?? []) as readonly { readonly digest?: string }[];
  if (plan?.digest === undefined) return false;
  observed.approvals.push({ at: engine.now(), findingId: id, digest: plan.digest, stage });
  const approval = { command: "approve", id, stage, digest: plan.digest, why: "It is known and wanted." };
  return (await ask(simulation, key, approval)) !== undefined;
};

/** The answer; undefined if it is a refusal, or there was none to the last try. */
const ask = async (
  { functions, engine, say }: Simulation,
  key: string,
  request: object,
): Promise<Readonly<Record<string, unknown>> | undefined> => {
  for (let attempt = 1; attempt <= tries; attempt++) {
    const ended = await functions.invoke("operator", `${key} try ${attempt}`, request);
    if (ended.outcome === "done") {
      const answer = ended.value;
      if (answer.ok) return answer;
      say(`  ${key} is refused: ${answer.error.name}: ${answer.error.message}`);
      if (!answer.error.retryable) return undefined;
    }
    await new Promise<void>((done) => engine.at(engine.now() + minuteMs, done));
  }
  return undefined;
};
