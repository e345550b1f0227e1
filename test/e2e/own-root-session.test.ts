import { describe, expect, it } from "vitest";
import { centralizeRoot } from "../../sandbox/iam/central-root.ts";
import { settingsOf } from "../support/settings.ts";
import { smallOrganization } from "../support/small-organization.ts";

const settings = settingsOf(`version: 1
controls:
  root-access-key-exists: { mode: remediate, ladder: [{ after: 0d, do: remediate }] }
repairs: { centralRootAccess: true }
breaker: { perAccount: { count: 5, percent: 100 }, organization: { count: 5, percent: 100 } }
`);

describe("what iam-warden does as a member's root", () => {
  it("it can where nothing else is repaired, and is no root activity, though its writes come by the queue of changes, too", async () => {
    const organization = smallOrganization({ settings });
    const { data, hub, sandbox, wiring, operator, findings, functions, place } = organization;
    const createdAt = sandbox.clock.now();
    centralizeRoot(sandbox.state.organization, hub.id, createdAt);
    data.root.accessKeys.push({ id: "AKIAROOT000000000001", secret: "x", status: "Active", createdAt });
    await wiring.sweep();
    sandbox.clock.advance(3_600_000);
    await functions.escalate();
    await wiring.settle();

    const ask = async (request: object) =>
      JSON.parse((await operator(JSON.stringify(request), { arn: `arn:aws:iam::${place.accountId}:user/ann` })).body);
    const { id } = await organization.finding(data, "root-access-key-exists");
    const { items } = await ask({ command: "plan", id });
    expect(await ask({ command: "approve", id, digest: items[0].digest, why: "Nobody used it." })).toMatchObject({
      ok: true,
    });
    await wiring.settle();

    expect(data.root.accessKeys).toEqual([]);
    expect(await findings(data)).toEqual(["root-access-key-exists root/root resolved"]);
  });

  it("is judged as anybody's where it is: a session that somebody else asked for is told", async () => {
    const { data, sandbox, wiring, findings } = smallOrganization();
    sandbox.use(data.id, "root", { service: "iam", action: "DeleteAccessKey" });
    await wiring.settle();
    expect(await findings(data)).toEqual(["root-activity root/root open"]);
  });
});
