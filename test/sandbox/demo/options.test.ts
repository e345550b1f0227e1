import { describe, expect, it } from "vitest";
import { DemoUsageError, parseDemoOptions } from "../../../sandbox/demo/options.ts";

describe("the demo's options", () => {
  it("have defaults", () => {
    expect(parseDemoOptions([])).toEqual({
      once: false,
      full: false,
      json: false,
      help: false,
      seed: 1,
      speed: 20,
    });
  });

  it("are read", () => {
    expect(parseDemoOptions(["--once", "--full", "--json", "--port=8080", "--seed", "7", "--speed", "60"])).toEqual({
      once: true,
      full: true,
      json: true,
      help: false,
      port: 8080,
      seed: 7,
      speed: 60,
    });
  });

  it.each([
    ["--twice"],
    ["stray"],
    ["--port", "70000"],
    ["--port", "-1"],
    ["--port"],
    ["--port="],
    ["--speed", "0"],
    ["--speed", "1e3"],
    ["--seed", "one"],
    ["--once=yes"],
  ])("refuse %s %s", (...args) => {
    expect(() => parseDemoOptions(args)).toThrow(DemoUsageError);
  });
});
