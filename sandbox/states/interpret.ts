import { ruleHolds } from "./choice.ts";
import type { Catcher, Chain, MapState, Retrier, State } from "./definition.ts";
import { fill, place, read, type Scope, StatesError } from "./paths.ts";

/** Characters of JSON that a state may take or give. */
const mostData = 262_144;

/** What a state machine does outside of itself. */
export interface World {
  /** Calls what a task's `Resource` names. @throws StatesError with the error's name */
  call(resource: string, input: unknown): Promise<unknown>;
  /** Lets virtual time pass. */
  wait(ms: number): void;
  now(): Date;
  /** The text of an object in S3. @throws StatesError `States.ItemReaderFailed` if the machine's role may not read it, or it is not there */
  getObject(bucket: string, key: string): string;
  /** Lets a distributed map start its children. @throws StatesError if the machine's role may not */
  startChildren(): void;
  /** Told before each state. @throws StatesError `States.Timeout` when the execution's time is up */
  enter(state: string): void;
}

/** Runs a chain of states from its start to its end, one after the other; a map's items too. @throws StatesError */
export const interpret = async (chain: Chain, input: unknown, world: World, context: object): Promise<unknown> => {
  let name = chain.StartAt;
  let data = input;
  for (;;) {
    const state = chain.States[name];
    if (state === undefined) throw new Error(`there is no state ${name}`);
    world.enter(name);
    const { output, next } = await withRecovery(state, data, world, { ...context, State: { Name: name } });
    if (JSON.stringify(output ?? null).length > mostData)
      throw new StatesError(
        "States.DataLimitExceeded",
        `The state '${name}' returned a result with a size exceeding the maximum`,
      );
    if (next === undefined) return output;
    name = next;
    data = output;
  }
};

interface Step {
  readonly output: unknown;
  readonly next: string | undefined;
}

const names = ({ ErrorEquals }: Pick<Retrier | Catcher, "ErrorEquals">, { name }: StatesError): boolean =>
  ErrorEquals.some(
    (one) =>
      one === name ||
      (one === "States.ALL" && name !== "States.Runtime" && name !== "States.DataLimitExceeded") ||
      (one === "States.TaskFailed" && name !== "States.Timeout"),
  );

/** Tries a state again as its retriers say, and goes where a catcher says once they are used up. */
const withRecovery = async (state: State, input: unknown, world: World, context: object): Promise<Step> => {
  const { Retry: retriers = [], Catch: catchers = [] } = "Retry" in state ? state : {};
  const used = new Map<Retrier, number>();
  for (;;) {
    try {
      return await step(state, input, world, { ...context });
    } catch (error) {
      if (!(error instanceof StatesError)) throw error;
      const retrier = retriers.find((one) => names(one, error));
      const attempts = retrier === undefined ? 0 : (used.get(retrier) ?? 0);
      if (retrier !== undefined && attempts < retrier.MaxAttempts) {
        used.set(retrier, attempts + 1);
        const seconds = retrier.IntervalSeconds * retrier.BackoffRate ** attempts;
        world.wait(Math.min(seconds, retrier.MaxDelaySeconds ?? seconds) * 1000);
        continue;
      }
      const catcher = catchers.find((one) => names(one, error));
      if (catcher === undefined) throw error;
      const caught = { Error: error.name, Cause: error.message };
      return { output: result(catcher.ResultPath, input, caught), next: catcher.Next };
    }
  }
};

/** Where a result goes: over the whole input, to a path in it, or (null) nowhere. */
const result = (path: string | null | undefined, input: unknown, found: unknown): unknown =>
  path === null ? input : place(path ?? "$", input, found);

const through = (path: string | null | undefined, scope: Scope): unknown =>
  path === null ? {} : read(path ?? "$", scope);

const step = async (state: State, input: unknown, world: World, context: object): Promise<Step> => {
  if (state.Type === "Fail") throw new StatesError(state.Error ?? "", state.Cause ?? "");
  const taken = through(state.InputPath, { input, context });
  const scope = { input: taken, context };
  const leave = (output: unknown, next: string | undefined): Step => ({
    output: through(state.OutputPath, { input: output, context }),
    next,
  });
  switch (state.Type) {
    case "Succeed":
      return leave(taken, undefined);
    case "Choice": {
      const chosen = state.Choices.find((one) => ruleHolds(one, scope))?.Next ?? state.Default;
      if (chosen === undefined)
        throw new StatesError("States.NoChoiceMatched", "No choice matched, and there is no default");
      return leave(taken, chosen);
    }
    case "Wait":
      world.wait(waitMs(state, scope, world.now()));
      return leave(taken, state.Next);
    case "Pass": {
      const given = state.Parameters === undefined ? taken : fill(state.Parameters, scope);
      return leave(result(state.ResultPath, input, state.Result ?? given), state.Next);
    }
    case "Task":
    case "Map": {
      const given = state.Parameters === undefined ? taken : fill(state.Parameters, scope);
      const found =
        state.Type === "Task"
          ? await world.call(state.Resource, given)
          : await runMap(state, { input: given, context }, world);
      const selected =
        state.ResultSelector === undefined ? found : fill(state.ResultSelector, { input: found, context });
      return leave(result(state.ResultPath, input, selected), state.Next);
    }
  }
};

const waitMs = (state: Extract<State, { Type: "Wait" }>, scope: Scope, now: Date): number => {
  const seconds = state.SecondsPath === undefined ? state.Seconds : read(state.SecondsPath, scope);
  if (seconds !== undefined) return Number(seconds) * 1000;
  const until = state.TimestampPath === undefined ? state.Timestamp : read(state.TimestampPath, scope);
  const time = Date.parse(String(until));
  if (Number.isNaN(time)) throw new StatesError("States.Runtime", "a Wait state has nothing to wait for");
  return Math.max(0, time - now.getTime());
};

/** What a map goes through: of its input, or (a distributed one) of an object in S3, which may be larger than an input. */
const itemsOf = ({ ItemReader: reader, ItemsPath }: MapState, scope: Scope, world: World): readonly unknown[] => {
  if (reader === undefined) {
    const items = read(ItemsPath, scope);
    if (Array.isArray(items)) return items;
    throw new StatesError("States.Runtime", `ItemsPath ${ItemsPath} leads to no list`);
  }
  const { Bucket = "", Key = "" } = Object(fill(reader.Parameters ?? {}, scope));
  const text = world.getObject(String(Bucket), String(Key));
  const items = tryParse(text);
  if (Array.isArray(items)) return items;
  throw new StatesError("States.ItemReaderFailed", `s3://${Bucket}/${Key} is no JSON array`);
};

const tryParse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** Each item is an execution of its own; the map fails if more of them did than are tolerated. */
const runMap = async (state: MapState, scope: Scope, world: World): Promise<unknown[]> => {
  const items = itemsOf(state, scope, world);
  world.startChildren();
  const outputs: unknown[] = [];
  let failed = 0;
  for (const [Index, Value] of items.entries()) {
    const context = { ...Object(scope.context), Map: { Item: { Index, Value } } };
    try {
      const input =
        state.ItemSelector === undefined ? Value : fill(state.ItemSelector, { input: scope.input, context });
      outputs.push(await interpret(state.ItemProcessor, input, world, context));
    } catch (error) {
      if (!(error instanceof StatesError) || error.name === "States.Timeout") throw error;
      failed += 1;
    }
  }
  const tolerated = Math.max(state.ToleratedFailureCount, (state.ToleratedFailurePercentage / 100) * items.length);
  if (failed > tolerated)
    throw new StatesError("States.ExceedToleratedFailureThreshold", `${failed} of ${items.length} items failed`);
  return outputs;
};
