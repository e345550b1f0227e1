import { describe, expect, it } from "vitest";
import { MalformedInputError, StoreError } from "../../shared/errors.ts";
import { known, unknownFact } from "../../shared/facts/facts.ts";
import { createMemoryOrganizationStore } from "../../shared/organization/memory-store.ts";
import { createStoredViews, createTimedViewer, goodForHours } from "../../shared/organization/stored-views.ts";
import { recordedTelemetry } from "../support/recorded-telemetry.ts";
import { aReading } from "./store-contract.ts";

const hourMs = 3_600_000;
const readAt = "2026-11-02T06:00:00.000Z";
const payments = "111122223333";

const started = () => {
  const memory = createMemoryOrganizationStore();
  const calls: string[] = [];
  const failing: { error?: Error } = {};
  const noted = <T>(name: string, ask: () => Promise<T>) => {
    calls.push(name);
    return failing.error ? Promise.reject(failing.error) : ask();
  };
  const store = {
    latest: () => noted("latest", memory.latest),
    generation: () => noted("generation", memory.generation),
  };
  let now = Date.parse(readAt);
  const telemetry = recordedTelemetry();
  const views = createStoredViews({ store, clock: () => new Date(now), telemetry });
  const featuresOf = async () => {
    const view = await views.of(payments);
    return view.known ? view.value.rootFeatures : view;
  };
  return { memory, calls, failing, telemetry, views, featuresOf, pass: (ms: number) => (now += ms) };
};

describe("stored views", () => {
  it("are taken once, and anew when there is another reading a minute later", async () => {
    const { memory, calls, views, featuresOf, pass } = started();
    await memory.put(aReading(readAt));
    await Promise.all([views.of(payments), views.of("999999999999")]);
    expect(await featuresOf()).toEqual(known(["RootSessions"]));
    expect(calls).toEqual(["generation", "latest"]);
    pass(60_000);
    expect(await featuresOf()).toEqual(known(["RootSessions"]));
    expect(calls).toEqual(["generation", "latest", "generation"]);
    await memory.put(aReading("2026-11-02T06:01:00.000Z", { rootFeatures: known([]) }));
    expect(await featuresOf()).toEqual(known(["RootSessions"]));
    pass(60_000);
    expect(await featuresOf()).toEqual(known([]));
    expect(calls.slice(3)).toEqual(["generation", "latest"]);
  });

  it("look at once for what somebody says is newer", async () => {
    const { memory, views, featuresOf } = started();
    expect(await featuresOf()).toEqual(unknownFact("the organization was not read yet"));
    await memory.put(aReading(readAt));
    expect((await featuresOf()).known).toBe(false);
    views.outdate();
    expect(await featuresOf()).toEqual(known(["RootSessions"]));
  });

  it("ask again after the table did not answer", async () => {
    const { memory, failing, views, featuresOf } = started();
    await memory.put(aReading(readAt));
    failing.error = new StoreError("no answer");
    await expect(views.of(payments)).rejects.toThrow(StoreError);
    failing.error = new Error("another");
    await expect(views.of(payments)).rejects.toThrow("another");
    delete failing.error;
    expect(await featuresOf()).toEqual(known(["RootSessions"]));
  });

  it("know nothing of what cannot be read, and say so in the log", async () => {
    const { memory, telemetry } = started();
    await memory.put(aReading(readAt));
    const latest = () => Promise.reject(new MalformedInputError("of a later version"));
    const views = createStoredViews({ store: { ...memory, latest }, clock: () => new Date(readAt), telemetry });
    expect(await views.of(payments)).toEqual(unknownFact("what is stored of the organization cannot be read"));
    expect(telemetry.lines.map(({ message }) => message)).toEqual([expect.stringContaining("of a later version")]);
  });
});

describe("a reading", () => {
  it("is good for two days, and then not known", () => {
    const view = createTimedViewer(aReading(readAt));
    const at = (ms: number) => view(payments, new Date(Date.parse(readAt) + ms));
    expect(at(goodForHours * hourMs).known).toBe(true);
    expect(at(goodForHours * hourMs + 1)).toEqual(
      unknownFact(`the organization was last read at ${readAt}, more than 48 hours ago`),
    );
  });

  it("of which nothing is known says why", () => {
    const denied = unknownFact("organizations:ListAccounts was denied");
    expect(createTimedViewer({ readAt, organization: denied })(payments, new Date(readAt))).toEqual(denied);
  });
});
