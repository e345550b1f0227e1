import { describe, expect, it } from "vitest";
import { HubStack } from "../../infra/hub-stack.ts";
import { parseDefinition } from "../../sandbox/states/definition.ts";
import { interpret, type World } from "../../sandbox/states/interpret.ts";
import { StatesError } from "../../sandbox/states/paths.ts";
import { deployed, templateOf } from "./templates.ts";

const made = deployed(
  templateOf((app) => new HubStack(app, "hub")),
  { accountId: "999999999999", region: "eu-west-1" },
);
const machine = made.find(({ type }) => type === "AWS::StepFunctions::StateMachine");
const definition = parseDefinition(String(machine?.properties.DefinitionString));

const accounts = ["111122223333", "444455556666"];
const minute = 60_000;

/**
 * Runs the state machine as it is deployed, in virtual time.
 * @param down when what is called or read fails, and as what; minutes are from the start
 */
const run = async (down: (what: string, minutes: number) => string | undefined) => {
  let elapsedMs = 0;
  const done: string[] = [];
  const failing = (what: string): void => {
    const error = down(what, elapsedMs / minute);
    if (error !== undefined) throw new StatesError(error, `${what} failed`);
  };
  const world: World = {
    call: async (resource, input) => {
      const [, step = ""] = /«Sweep(ListAccounts|SweepAccount|Digest)/.exec(resource) ?? [];
      failing(step);
      const given = Object(input);
      done.push([step, given.account?.id, given.step].filter((one) => one !== undefined).join(" "));
      if (step === "ListAccounts") return { runId: "r", listedAt: "2026-11-03T06:00:00Z", accountsKey: "plans/r.json" };
      return step === "SweepAccount" ? { ...given, done: true } : null;
    },
    wait: (ms) => {
      elapsedMs += ms;
    },
    now: () => new Date(elapsedMs),
    getObject: () => {
      failing("the plan");
      return JSON.stringify(accounts.map((id) => ({ id })));
    },
    startChildren: () => {},
    enter: () => {},
  };
  await interpret(definition, {}, world, {});
  return done;
};

const everything = ["ListAccounts", ...accounts.map((id) => `SweepAccount ${id}`), "Digest", "Digest report"];

describe("the state machine of a sweep", () => {
  it("does everything once where nothing fails", async () => {
    expect(await run(() => undefined)).toEqual(everything);
  });

  it.each(["ListAccounts", "Digest"])("waits out an hour in which Lambda itself does not run %s", async (step) => {
    for (const error of ["Lambda.ServiceException", "Lambda.TooManyRequestsException", "StoreError"])
      expect(await run((what, at) => (what === step && at < 60 ? error : undefined))).toEqual(everything);
  });

  it("waits out an hour in which S3 does not give the plan, and then sweeps every account", async () => {
    expect(await run((what, at) => (what === "the plan" && at < 60 ? "States.ItemReaderFailed" : undefined))).toEqual(
      everything,
    );
  });

  it("tells the digest though nobody ever gives it the plan, so that all accounts are told as not swept", async () => {
    const done = await run((what) => (what === "the plan" ? "States.ItemReaderFailed" : undefined));
    expect(done).toEqual(["ListAccounts", "Digest", "Digest report"]);
  });

  it("gives an account up within minutes, whatever fails: others wait for their turn", async () => {
    for (const error of ["Lambda.ServiceException", "ThrottledError"]) {
      let last = 0;
      const done = await run((what, at) => {
        if (what !== "SweepAccount") return undefined;
        last = at;
        return error;
      });
      expect(done).toEqual(["ListAccounts", "Digest", "Digest report"]);
      expect(last).toBeLessThan(20);
    }
  });
});
