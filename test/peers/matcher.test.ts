import { expect, it } from "vitest";
import { matcherCases } from "../events/matcher-cases.ts";
import { describeWithPeers, runPython } from "../support/peers.ts";

const script = `
import json, sys
from moto.events.models import EventPatternParser, EventPattern

def answer(case):
    text = json.dumps(case["pattern"])
    return EventPattern(text, EventPatternParser(text).parse()).matches_event(case["event"])

json.dump([answer(case) for case in json.load(sys.stdin)], sys.stdout)
`;

describeWithPeers(["moto"], "the matcher beside moto's", () => {
  it("agrees wherever no difference is noted, and differs where one is", async () => {
    const cases = matcherCases.map(({ pattern, event }) => ({ pattern, event }));
    const answers = (await runPython(script, cases)) as readonly boolean[];
    expect(answers).toHaveLength(matcherCases.length);
    const table = matcherCases.map(({ name, matches, motoDiffers }, at) => ({
      name,
      differs: answers[at] !== matches,
      motoDiffers,
    }));
    expect(table.filter(({ differs, motoDiffers }) => differs && motoDiffers === undefined)).toEqual([]);
    expect(table.filter(({ differs, motoDiffers }) => !differs && motoDiffers !== undefined)).toEqual([]);
  });
});
