import { AttachPolicyCommand, UpdatePolicyCommand } from "@aws-sdk/client-organizations";
import { describe, expect, it } from "vitest";
import { throttled } from "../../sandbox/protocol/service.ts";
import { MalformedInputError, ThrottledError, UnderWayError } from "../../shared/errors.ts";
import type { OrganizationChange } from "../../shared/events/organization-changes.ts";
import { known } from "../../shared/facts/facts.ts";
import { viewOf } from "../../shared/organization/account-view.ts";
import { createMemoryOrganizationStore } from "../../shared/organization/memory-store.ts";
import { refreshOrganization } from "../../shared/organization/refresh.ts";
import { denying, organize, readIn, shop } from "./world.ts";

const minute = 60_000;

const started = async () => {
  const world = organize();
  const { sandbox, read, calls } = world;
  const store = createMemoryOrganizationStore();
  const clock = () => sandbox.clock.now();
  await store.put(await read());
  const described = (): number => calls()["organizations:DescribePolicy"] ?? 0;
  const refresh = (...changes: readonly OrganizationChange[]) =>
    refreshOrganization({ store, clock, read: (given) => read(given) }, changes);
  /** The documents that limit the shop, as they are stored. */
  const limits = async (): Promise<string> => {
    const reading = await store.latest();
    if (reading === undefined) throw new Error("nothing is stored");
    const { serviceControl } = viewOf(readIn(reading), shop);
    return JSON.stringify(serviceControl.known ? serviceControl.value : serviceControl);
  };
  return { ...world, store, clock, described, refresh, limits };
};

describe("a change of the organization", () => {
  it("is read at once, without the documents that it is not about", async () => {
    const { sandbox, limit, prod, clock, refresh, limits, described } = await started();
    sandbox.clock.advance(minute);
    const id = await limit("no-s3", "s3:*", prod);
    const before = described();
    await refresh({ at: clock() });
    expect(await limits()).toContain('"s3:*"');
    // That of the new policy, not that of FullAWSAccess.
    expect(described() - before).toBe(1);
    expect(id).toMatch(/^p-/);
  });

  it("is not read again after somebody read it", async () => {
    const { sandbox, read, store, clock, refresh, calls } = await started();
    const at = clock();
    sandbox.clock.advance(minute);
    await store.put(await read());
    const before = calls()["organizations:DescribeOrganization"];
    await refresh({ at });
    expect(calls()["organizations:DescribeOrganization"]).toBe(before);
  });

  it("that follows soon waits until the organization may be read again", async () => {
    const { sandbox, client, limit, prod, clock, refresh, limits } = await started();
    sandbox.clock.advance(minute);
    const PolicyId = await limit("no-s3", "s3:*", prod);
    await refresh({ at: clock() });
    await client.send(new UpdatePolicyCommand({ PolicyId, Content: denying("ec2:*") }));
    const change = { at: clock(), policyId: PolicyId };
    await expect(refresh(change)).rejects.toThrow(UnderWayError);
    sandbox.clock.advance(2 * minute);
    await refresh(change);
    expect(await limits()).toContain('"ec2:*"');
    expect(await limits()).not.toContain('"s3:*"');
  });

  it("of a document is in only once that was read anew, whatever was read meanwhile", async () => {
    const { sandbox, client, limit, prod, clock, refresh, limits, root } = await started();
    sandbox.clock.advance(minute);
    const PolicyId = await limit("no-s3", "s3:*", prod);
    await refresh({ at: clock() });
    sandbox.clock.advance(3 * minute);
    await client.send(new UpdatePolicyCommand({ PolicyId, Content: denying("ec2:*") }));
    const updated = { at: clock(), policyId: PolicyId };
    sandbox.clock.advance(minute);
    // The record of a later change comes first.
    await client.send(new AttachPolicyCommand({ PolicyId, TargetId: root }));
    await refresh({ at: clock() });
    expect(await limits()).toContain('"s3:*"');
    sandbox.clock.advance(2 * minute);
    await refresh(updated);
    expect(await limits()).toContain('"ec2:*"');
  });

  it("is read anew where what is stored cannot be read, or is not there", async () => {
    const { store, read, clock, limits } = await started();
    const broken = { ...store, latest: () => Promise.reject(new MalformedInputError("of a later version")) };
    await refreshOrganization({ store: broken, clock, read }, [{ at: clock() }]);
    expect(await limits()).toContain("FullAWSAccess");
    const empty = createMemoryOrganizationStore();
    await refreshOrganization({ store: empty, clock, read }, [{ at: clock() }]);
    expect((await empty.latest())?.organization).toMatchObject(known({ accountIds: expect.any(Array) }));
  });

  it("leaves what is stored as it is where it cannot be read", async () => {
    const { sandbox, store, clock, refresh } = await started();
    const before = await store.latest();
    sandbox.clock.advance(minute);
    sandbox.intercept(({ operation }) => {
      if (operation === "ListPolicies") throw throttled();
    });
    await expect(refresh({ at: clock() })).rejects.toThrow(ThrottledError);
    expect(await store.latest()).toEqual(before);
  });
});
