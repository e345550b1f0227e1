import { describe, expect, it } from "vitest";
import { liveOrganization } from "../../cli/audit/live-organization.ts";
import { accessDenied, throttled } from "../../sandbox/protocol/service.ts";
import { known, unknownFact } from "../../shared/facts/facts.ts";
import { listMembers } from "../../shared/organization/members.ts";
import { organize, shop } from "../organization/world.ts";

const started = () => {
  const world = organize();
  const { sandbox, aws } = world;
  const clock = () => sandbox.clock.now();
  return { ...world, clock, live: () => liveOrganization(aws, aws.ownAccountId, { clock }) };
};

describe("the organization of an audit", () => {
  it("is read with the caller's own credentials, its accounts once", async () => {
    const { limit, prod, live, aws, calls, clock } = started();
    await limit("no-s3", "s3:*", prod);
    expect((await live())(shop)).toMatchObject(
      known({
        serviceControl: known([{ name: "Root" }, { name: "Workloads" }, { name: "Prod" }, { name: "shop" }]),
        rootFeatures: known(["RootCredentialsManagement", "RootSessions"]),
      }),
    );
    const members = await listMembers(aws.organizations());
    const before = calls()["organizations:ListAccounts"];
    const view = await liveOrganization(aws, aws.ownAccountId, { clock, members });
    expect(view(shop).known).toBe(true);
    expect(calls()["organizations:ListAccounts"]).toBe(before);
  });

  it("is not known, with the permission named, to whoever may not read it", async () => {
    const { sandbox, live } = started();
    sandbox.intercept((call) => {
      if (call.operation === "ListAccounts") throw accessDenied(call);
    });
    expect((await live())(shop)).toEqual(unknownFact("organizations:ListAccounts was denied"));
  });

  it("is not known where AWS does not answer, and stops no audit", async () => {
    const { sandbox, live } = started();
    sandbox.intercept(({ operation }) => {
      if (operation === "ListPolicies") throw throttled();
    });
    const view = (await live())(shop);
    expect(view).toMatchObject({ known: false, why: expect.stringMatching(/could not be read: ThrottledError/) });
  });
});
