import { synthesize } from "../cloudformation/synthesize.ts";
import { answering } from "../pool.ts";
import { runScenario } from "../scenario/run.ts";
import { scenarioSettings } from "../scenario/settings.ts";
import { mutationsOf } from "./mutations.ts";

/** What a worker answers about one mutation. */
export interface Outcome {
  readonly id: string;
  /** The expectation that failed, or why it could not be deployed; absent: nobody noticed. */
  readonly caught?: string;
  /** Milliseconds of real time. */
  readonly took: number;
}

const judge = async (id: string): Promise<Outcome> => {
  const templates = synthesize(scenarioSettings);
  const mutation = mutationsOf(templates).find((one) => one.id === id);
  if (mutation === undefined) throw new Error(`there is no mutation ${id}`);
  mutation.apply(templates);
  const startedAt = performance.now();
  let act = "deploying";
  const took = () => Math.round(performance.now() - startedAt);
  try {
    const onAct = (name: string) => {
      act = name;
    };
    await runScenario(templates, { onAct });
    return { id, took: took() };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { id, caught: `${act}: ${message}`, took: took() };
  }
};

answering(judge);
