import {
  CloudTrailClient,
  CreateTrailCommand,
  DeleteTrailCommand,
  StartLoggingCommand,
  StopLoggingCommand,
  UpdateTrailCommand,
} from "@aws-sdk/client-cloudtrail";
import { describe, expect, it } from "vitest";
import { addRole, administratorAccess } from "../../sandbox/iam/state.ts";
import { AwsError } from "../../sandbox/protocol/service.ts";
import { smallOrganization } from "../support/small-organization.ts";

const region = "us-east-1";
const name = "own";

/** As deployed; no trail of the organization's, and one of an account's own. */
const organize = async () => {
  const organization = smallOrganization();
  const { sandbox, data, wiring, store } = organization;
  sandbox.state.trails.clear();
  // Whatever root does is heard of.
  addRole(data, sandbox.ids, {
    ...{ name: "operator", createdAt: sandbox.clock.now(), attachedPolicies: new Set([administratorAccess]) },
  });
  const credentials = sandbox.credentialsFor(data.id, { role: "operator" });
  const trails = new CloudTrailClient({ ...sandbox.clientConfig(credentials), region });
  await trails.send(new CreateTrailCommand({ Name: name, S3BucketName: "trail-logs", IsMultiRegionTrail: true }));
  await trails.send(new StartLoggingCommand({ Name: name }));
  await wiring.settle();
  return {
    ...organization,
    trails,
    /** What there is of a trail that is missing, once everything that was heard of is judged. */
    found: async () => {
      await wiring.settle();
      return (await store.listAll(data.id))
        .filter(({ control }) => control === "trail-missing")
        .map(({ status, reason, actor }) => ({ status, reason, by: actor?.eventName }));
    },
  };
};

describe("a trail", () => {
  it("is missed as soon as somebody stops it, and not any more once it logs again", async () => {
    const { trails, data, found, sandbox } = await organize();
    expect(await found()).toEqual([]);
    await trails.send(new StopLoggingCommand({ Name: name }));
    const arn = `arn:aws:cloudtrail:${region}:${data.id}:trail/${name}`;
    expect(await found()).toEqual([
      { status: "open", reason: `No trail of account ${data.id} will do: ${arn} is not logging.`, by: "StopLogging" },
    ]);
    expect(sandbox.deliveries.at(-1)?.message).toContain("StopLogging");
    await trails.send(new StartLoggingCommand({ Name: name }));
    expect(await found()).toMatchObject([{ status: "resolved" }]);
  });

  it("is missed once CloudTrail answers, if it does not at once", async () => {
    const { trails, found, sandbox } = await organize();
    let refusals = 0;
    const stop = sandbox.intercept(({ operation }) => {
      if (operation !== "GetTrailStatus" || ++refusals > 2) return;
      throw new AwsError("ThrottlingException", "Rate exceeded", 400);
    });
    await trails.send(new StopLoggingCommand({ Name: name }));
    expect(await found()).toMatchObject([{ status: "open", by: "StopLogging" }]);
    expect(refusals).toBeGreaterThan(2);
    stop();
  });

  it("is missed as soon as it covers one Region alone, or is deleted", async () => {
    const { trails, data, found } = await organize();
    await trails.send(new UpdateTrailCommand({ Name: name, IsMultiRegionTrail: false }));
    expect(await found()).toMatchObject([
      { status: "open", reason: expect.stringContaining("not cover every Region") },
    ]);
    await trails.send(new DeleteTrailCommand({ Name: name }));
    expect(await found()).toMatchObject([{ status: "open", reason: `Account ${data.id} has no trail.` }]);
  });
});
