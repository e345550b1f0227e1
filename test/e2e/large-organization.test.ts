import { expect, it } from "vitest";
import { addAccount } from "../../sandbox/state.ts";
import { settingsOf } from "../support/settings.ts";
import { smallOrganization } from "../support/small-organization.ts";

/** What passes between the steps of a state machine, in characters of JSON. */
const mostPassed = 262_144;

it("sweeps more accounts than a step of the state machine could be given", async () => {
  const settings = settingsOf("version: 1\nowners: { accountTag: team }");
  const { sandbox, wiring, telemetry, hub } = smallOrganization({ settings });
  const { state, ids, clock } = sandbox;
  // Five units deep with the longest names that AWS lets there be: hundreds of accounts fill what thousands would elsewhere.
  let parentId = state.organization.rootId;
  for (let depth = 0; depth < 5; depth++) {
    const id = `ou-${state.organization.rootId.slice(2)}-deep000${depth}`;
    state.organization.units.set(id, { id, name: `${depth}`.repeat(128), parentId, tags: new Map() });
    parentId = id;
  }
  for (const [name, set] of state.stackSets) state.stackSets.set(name, { ...set, autoDeployment: false });
  const more = Array.from({ length: 270 }, () => {
    const account = addAccount(state, { id: ids.account(), name: "n".repeat(50), joinedAt: clock.now(), parentId });
    account.tags.set("team", "t".repeat(256));
    return account.id;
  });
  const listed: string[] = [];
  let passed = 0;
  const { answers, failures } = await wiring.sweep({
    started: (_runId, accounts) => {
      listed.push(...accounts.map(({ id }) => id));
      passed = JSON.stringify(accounts).length;
    },
  });
  expect(passed).toBeGreaterThan(mostPassed);
  expect(listed).toEqual([...state.accounts.keys()].sort());
  expect(failures).toEqual([]);
  // Nothing is deployed to the others, which is told of each; no account is left out.
  const statusOf = new Map(answers.map((answer) => [answer.account.id, answer.done && answer.status]));
  expect(more.map((id) => statusOf.get(id))).toEqual(more.map(() => "failed"));
  expect([statusOf.get(hub.id), statusOf.size]).toEqual(["swept", state.accounts.size]);
  expect(telemetry.counted("AccountsFailed")).toBe(more.length);
});
