import { expect, it } from "vitest";
import { addKey, repairing } from "../support/repair-flow.ts";
import { type SmallOrganization, smallOrganization } from "../support/small-organization.ts";

// The tags of one account are a call to Organizations, which answers ten a second: of thousands of accounts it takes minutes,
// which whoever waits for an answer has not.

const petra = { arn: "arn:aws:iam::111122223333:user/petra" };

/** Whose tags which function reads, from now on. */
const tagsRead = ({ sandbox }: SmallOrganization): Readonly<Record<string, readonly string[]>> => {
  const read: Record<string, string[]> = {};
  sandbox.intercept(({ operation, caller: { principal } }, { ResourceId }) => {
    if (operation !== "ListTagsForResource" || principal.type !== "role") return;
    const name = principal.roleName.replace("iam-warden-hub-", "");
    read[name] = [...(read[name] ?? []), String(ResourceId)];
  });
  return read;
};

it("the tags that name accounts' owners are read where somebody is told by them, and of these accounts alone", async () => {
  const settings = repairing("stale-access-key", "owners: { accountTag: team }\n");
  const organization = smallOrganization({ settings });
  const { data, wiring, sandbox, functions, operator, doctor, repairs } = organization;
  data.tags.set("team", "payments@example.com");
  const { user, key } = addKey(organization, data);
  await wiring.sweep();
  const finding = await organization.finding(data, "stale-access-key");
  expect(finding.owners).toEqual(["payments@example.com"]);

  const read = tagsRead(organization);
  await functions.escalate();
  const plan = await operator(JSON.stringify({ command: "plan", id: finding.id }), petra);
  expect(plan).toMatchObject({ statusCode: 200 });
  for (const command of ["hub", "accounts"])
    expect(await doctor(JSON.stringify({ command }), petra)).toMatchObject({ statusCode: 200 });
  expect(read).toEqual({});

  // Somebody mended it meanwhile, and made something else worse: the repair judges the user again.
  sandbox.clock.advance(3_600_000);
  key.status = "Inactive";
  const createdAt = sandbox.clock.now();
  for (const id of ["AKIANEWONE0000000001", "AKIANEWTWO0000000002"])
    user.accessKeys.push({ id, secret: "x", status: "Active", createdAt });
  await repairs.send({ kind: "repair", accountId: data.id, findingId: finding.id, stage: "repair" });
  await wiring.settle();
  expect(await organization.finding(data, "two-active-access-keys")).toMatchObject({
    status: "open",
    owners: ["payments@example.com"],
  });
  expect(read.remediate).toEqual([data.id]);
});
