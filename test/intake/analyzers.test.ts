import { expect, it } from "vitest";
import { smallOrganization } from "../support/small-organization.ts";

const region = "us-east-1";

it("hears of an analyzer that is deleted, and of the next one", async () => {
  const { sandbox, data, wiring, store, functions } = smallOrganization();
  await functions.listAccounts({}); // It reads the organization.
  const credentials = sandbox.credentialsFor(data.id, "root");
  const call = (operation: string, input: object) =>
    sandbox.call(credentials, { service: "access-analyzer", operation, region, input });
  /** What is open about the account. */
  const open = async () =>
    (await store.listOpen(data.id)).filter(({ subject }) => subject.kind === "account").map(({ control }) => control);

  await call("DeleteAnalyzer", { analyzerName: "account" });
  await wiring.settle();
  expect(await open()).toEqual(["access-analyzer-missing"]);

  await call("CreateAnalyzer", { analyzerName: "mine", type: "ACCOUNT" });
  await wiring.settle();
  expect(await open()).toEqual([]);
});
