import { describe, expect, it } from "vitest";
import { parseDefinition } from "../../../sandbox/states/definition.ts";
import { interpret, type World } from "../../../sandbox/states/interpret.ts";
import { StatesError } from "../../../sandbox/states/paths.ts";

type States = Record<string, object>;

const objects: Record<string, string> = { "b/list.json": '["a","b","c"]', "b/none.json": "{}", "b/torn.json": '["a"' };

/** Runs states from the one called `Start`; tasks are called by name, in order, and waits are noted in seconds. */
const run = async (States: States, input: unknown, tasks: Record<string, (input: unknown) => unknown> = {}) => {
  const calls: [string, unknown][] = [];
  const waits: number[] = [];
  let entered = 0;
  const world: World = {
    call: async (resource, given) => {
      calls.push([resource, given]);
      const task = tasks[resource];
      if (task === undefined) throw new Error(`no task ${resource}`);
      return task(given);
    },
    wait: (ms) => void waits.push(ms / 1000),
    now: () => new Date("2026-11-02T08:00:00Z"),
    getObject: (bucket, key) => {
      const object = objects[`${bucket}/${key}`];
      if (object === undefined) throw new StatesError("States.ItemReaderFailed", "there is no such object");
      return object;
    },
    startChildren: () => {},
    enter: () => {
      entered += 1;
      if (entered > 100) throw new Error("it never ends");
    },
  };
  const definition = parseDefinition(JSON.stringify({ StartAt: "Start", States }));
  const context = { Execution: { Id: "execution" } };
  try {
    return { output: await interpret(definition, input, world, context), calls, waits };
  } catch (error) {
    if (!(error instanceof StatesError)) throw error;
    return { error: error.name, cause: error.message, calls, waits };
  }
};
const failing = (name: string, times = Number.POSITIVE_INFINITY, then: unknown = "done") => {
  let failed = 0;
  return () => {
    failed += 1;
    if (failed <= times) throw new StatesError(name, `it is ${name}`);
    return then;
  };
};
const task = (more: object = {}) => ({ Type: "Task", Resource: "t", End: true, ...more });
const input = { a: { b: [1, 2] }, c: "x" };

describe("what goes into a state and comes out", () => {
  const cases: Record<string, [object, unknown]> = {
    "a task's result takes the place of its input": [task(), { given: input }],
    InputPath: [task({ InputPath: "$.a" }), { given: input.a }],
    "InputPath that is null": [task({ InputPath: null }), { given: {} }],
    "Parameters, with the input and the context in them": [
      task({ Parameters: { fixed: 1, "n.$": "$.a.b[1]", deep: [{ "id.$": "$$.Execution.Id" }] } }),
      { given: { fixed: 1, n: 2, deep: [{ id: "execution" }] } },
    ],
    ResultSelector: [task({ ResultSelector: { "c.$": "$.given.c" } }), { c: "x" }],
    "ResultPath, which need not be there": [
      task({ ResultPath: "$.a.r" }),
      { ...input, a: { ...input.a, r: { given: input } } },
    ],
    "ResultPath that is null": [task({ ResultPath: null }), input],
    OutputPath: [task({ OutputPath: "$.given.c" }), "x"],
    "OutputPath that is null": [task({ OutputPath: null }), {}],
    "a Pass with its input": [{ Type: "Pass", End: true }, input],
    "a Pass with a result": [
      { Type: "Pass", Result: 7, ResultPath: "$.c", End: true },
      { ...input, c: 7 },
    ],
    "a Pass with parameters": [{ Type: "Pass", Parameters: { "c.$": "$.c" }, End: true }, { c: "x" }],
    "a Succeed": [{ Type: "Succeed", OutputPath: "$.a" }, input.a],
  };
  it.each(Object.entries(cases))("%s", async (_, [state, output]) => {
    expect(await run({ Start: state }, input, { t: (given) => ({ given }) })).toMatchObject({ output });
  });

  it("a path that leads nowhere is an error", async () => {
    expect(await run({ Start: task({ InputPath: "$.nothing" }) }, input)).toMatchObject({
      error: "States.ParameterPathFailure",
    });
  });

  it("a result cannot go into what is no object", async () => {
    const found = await run({ Start: task({ ResultPath: "$.c.r" }) }, input, { t: () => 1 });
    expect(found).toMatchObject({ error: "States.ResultPathMatchFailure" });
  });

  it("more than 256 KiB is an error that no States.ALL catches", async () => {
    const Catch = [{ ErrorEquals: ["States.ALL"], Next: "End" }];
    const found = await run({ Start: task({ Catch }), End: { Type: "Succeed" } }, input, {
      t: () => "x".repeat(262_145),
    });
    expect(found).toMatchObject({ error: "States.DataLimitExceeded" });
  });
});

describe("a choice", () => {
  const choose = (rule: object, value: unknown) =>
    run(
      {
        Start: { Type: "Choice", Choices: [{ ...rule, Next: "Yes" }], Default: "No" },
        Yes: { Type: "Pass", Result: "yes", End: true },
        No: { Type: "Pass", Result: "no", End: true },
      },
      value,
    );
  const cases: Record<string, [object, unknown, string]> = {
    "BooleanEquals that holds": [{ Variable: "$.done", BooleanEquals: false }, { done: false }, "yes"],
    "BooleanEquals of another type": [{ Variable: "$.done", BooleanEquals: false }, { done: "false" }, "no"],
    StringEquals: [{ Variable: "$.s", StringEquals: "a" }, { s: "a" }, "yes"],
    NumericLessThan: [{ Variable: "$.n", NumericLessThan: 3 }, { n: 3 }, "no"],
    NumericGreaterThanEquals: [{ Variable: "$.n", NumericGreaterThanEquals: 3 }, { n: 3 }, "yes"],
    "IsPresent of what is not there": [{ Variable: "$.n", IsPresent: false }, {}, "yes"],
    IsNull: [{ Variable: "$.n", IsNull: true }, { n: null }, "yes"],
    And: [
      {
        And: [
          { Variable: "$.n", NumericEquals: 1 },
          { Variable: "$.s", StringEquals: "b" },
        ],
      },
      { n: 1, s: "a" },
      "no",
    ],
    Or: [
      {
        Or: [
          { Variable: "$.n", NumericEquals: 1 },
          { Variable: "$.s", StringEquals: "b" },
        ],
      },
      { n: 1, s: "a" },
      "yes",
    ],
    Not: [{ Not: { Variable: "$.n", NumericEquals: 1 } }, { n: 1 }, "no"],
  };
  it.each(Object.entries(cases))("knows %s", async (_, [rule, value, output]) => {
    expect(await choose(rule, value)).toMatchObject({ output });
  });

  it("on what is not there is an error", async () => {
    expect(await choose({ Variable: "$.n", NumericEquals: 1 }, {})).toMatchObject({ error: "States.Runtime" });
  });

  it("without a match or a default is an error", async () => {
    const Start = { Type: "Choice", Choices: [{ Variable: "$.n", NumericEquals: 1, Next: "Yes" }] };
    expect(await run({ Start, Yes: { Type: "Succeed" } }, { n: 2 })).toMatchObject({ error: "States.NoChoiceMatched" });
  });
});

describe("a state that fails", () => {
  const Retry = [
    { ErrorEquals: ["Lambda.Throttled"], IntervalSeconds: 2, MaxAttempts: 2, BackoffRate: 3 },
    { ErrorEquals: ["States.ALL"], IntervalSeconds: 30, MaxAttempts: 1 },
  ];

  it("is tried again after waits that grow, each retrier by itself", async () => {
    const found = await run({ Start: task({ Retry }) }, {}, { t: failing("Lambda.Throttled", 2) });
    expect(found).toMatchObject({ output: "done", waits: [2, 6] });
    expect(await run({ Start: task({ Retry }) }, {}, { t: failing("Other", 1) })).toMatchObject({
      output: "done",
      waits: [30],
    });
  });

  it("fails for good once its retrier is used up", async () => {
    const found = await run({ Start: task({ Retry }) }, {}, { t: failing("Lambda.Throttled") });
    expect(found).toMatchObject({ error: "Lambda.Throttled", waits: [2, 6] });
    expect(found.calls).toHaveLength(3);
  });

  it("never waits longer than a retrier says", async () => {
    const slow = [{ ErrorEquals: ["States.TaskFailed"], IntervalSeconds: 10, MaxAttempts: 3, MaxDelaySeconds: 15 }];
    expect(await run({ Start: task({ Retry: slow }) }, {}, { t: failing("E") })).toMatchObject({ waits: [10, 15, 15] });
  });

  it("goes on where it is caught, with the error in the input if a path says so", async () => {
    const Catch = [{ ErrorEquals: ["E"], Next: "Caught", ResultPath: "$.error" }];
    const states = { Start: task({ Catch }), Caught: { Type: "Pass", End: true } };
    const { output } = await run(states, { a: 1 }, { t: failing("E") });
    expect(output).toEqual({ a: 1, error: { Error: "E", Cause: "it is E" } });
    expect(await run(states, {}, { t: failing("F") })).toMatchObject({ error: "F" });
  });

  it("may be one that is there to fail", async () => {
    expect(await run({ Start: { Type: "Fail", Error: "E", Cause: "so" } }, {})).toMatchObject({
      error: "E",
      cause: "so",
    });
  });
});

describe("a distributed map", () => {
  const map = (more: object = {}, states: States = { One: task() }) => ({
    ...{ Type: "Map", ItemsPath: "$.items", End: true },
    ItemProcessor: {
      ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
      StartAt: "One",
      States: states,
    },
    ...more,
  });
  const items = { run: "r", items: ["a", "b", "c"] };

  it("runs its states for each item, as its selector has it", async () => {
    const ItemSelector = { "run.$": "$.run", "item.$": "$$.Map.Item.Value", "at.$": "$$.Map.Item.Index" };
    const { output } = await run({ Start: map({ ItemSelector }) }, items, { t: (given) => given });
    expect(output).toEqual(["a", "b", "c"].map((item, at) => ({ run: "r", item, at })));
  });

  it("goes round in circles within an item until a choice lets it out", async () => {
    const states = {
      One: task({ Next: "Done?", End: undefined }),
      "Done?": { Type: "Choice", Choices: [{ Variable: "$.n", NumericLessThan: 3, Next: "One" }], Default: "Yes" },
      Yes: { Type: "Succeed", OutputPath: null },
    };
    const t = (given: unknown) => ({ n: Number(Object(given).n) + 1 });
    const found = await run({ Start: map({}, states) }, { items: [{ n: 0 }, { n: 2 }] }, { t });
    expect(found.output).toEqual([{}, {}]);
    expect(found.calls).toHaveLength(4);
  });

  const one = (given: unknown) => {
    if (given === "b") throw new StatesError("E", "b");
    return given;
  };
  it("fails if one item does, unless it is tolerated", async () => {
    expect(await run({ Start: map() }, items, { t: one })).toMatchObject({
      error: "States.ExceedToleratedFailureThreshold",
    });
    expect(await run({ Start: map({ ToleratedFailurePercentage: 33 }) }, items, { t: one })).toHaveProperty("error");
    const tolerant = await run({ Start: map({ ToleratedFailurePercentage: 34 }) }, items, { t: one });
    expect(tolerant.output).toEqual(["a", "c"]);
  });

  const reader = (key: string) => ({
    ItemsPath: undefined,
    ItemReader: {
      Resource: "arn:aws:states:::s3:getObject",
      ReaderConfig: { InputType: "JSON" },
      Parameters: { Bucket: "b", "Key.$": key },
    },
  });

  it("goes through a list that lies in S3", async () => {
    const { output } = await run({ Start: map(reader("$.list")) }, { list: "list.json" }, { t: (given) => given });
    expect(output).toEqual(["a", "b", "c"]);
  });

  it.each(["absent.json", "none.json", "torn.json"])("fails where no list lies there: %s", async (list) => {
    expect(await run({ Start: map(reader("$.list")) }, { list })).toMatchObject({ error: "States.ItemReaderFailed" });
  });

  it("needs a list", async () => {
    expect(await run({ Start: map() }, { items: "abc" })).toMatchObject({ error: "States.Runtime" });
  });
});

describe("a definition", () => {
  const refused: Record<string, [object, RegExp]> = {
    "a type of state that it does not know": [{ Start: { Type: "Parallel", End: true } }, /Invalid discriminator|Type/],
    "a field that it does not know": [{ Start: task({ HeartbeatSeconds: 5 }) }, /HeartbeatSeconds/],
    "a jitter of retries": [
      { Start: task({ Retry: [{ ErrorEquals: ["E"], JitterStrategy: "FULL" }] }) },
      /JitterStrategy/,
    ],
    "a map that is not distributed": [
      {
        Start: {
          Type: "Map",
          End: true,
          ItemProcessor: { ProcessorConfig: { Mode: "INLINE" }, StartAt: "S", States: {} },
        },
      },
      /DISTRIBUTED/,
    ],
    "a state that leads nowhere": [{ Start: { Type: "Pass", Next: "Nobody" } }, /Start leads to Nobody/],
    "a state without an end": [{ Start: { Type: "Pass" } }, /neither Next nor End/],
    "a start that is not there": [{ Other: { Type: "Succeed" } }, /there is no state Start/],
  };
  it.each(Object.entries(refused))("is refused for %s", async (_, [states, message]) => {
    await expect(run(states as States, {})).rejects.toThrow(message);
  });

  it("is refused for a function in a payload, which the sandbox does not know", async () => {
    const Start = task({ Parameters: { "id.$": "States.UUID()" } });
    await expect(run({ Start }, {})).rejects.toThrow('the sandbox does not know id.$: "States.UUID()"');
  });
});

it("a wait is virtual, for seconds or until a time", async () => {
  const wait = (of: object) => run({ Start: { Type: "Wait", End: true, ...of } }, { s: 7, at: "2026-11-02T08:01:00Z" });
  expect((await wait({ Seconds: 5 })).waits).toEqual([5]);
  expect((await wait({ SecondsPath: "$.s" })).waits).toEqual([7]);
  expect((await wait({ TimestampPath: "$.at" })).waits).toEqual([60]);
  expect((await wait({ Timestamp: "2026-11-02T07:00:00Z" })).waits).toEqual([0]);
});
