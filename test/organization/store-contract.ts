import { expect, test } from "vitest";
import { known, unknownFact } from "../../shared/facts/facts.ts";
import type { Organization, OrganizationReading } from "../../shared/organization/organization.ts";
import { claimMinutes, type OrganizationStore } from "../../shared/organization/store.ts";

const organization: Organization = {
  id: "o-exampleorg1",
  managementAccountId: "999999999999",
  accountIds: ["111122223333", "999999999999"],
  tree: known({
    nodes: [
      { id: "ou-ab12-workload1", name: "Wörk\u{1f680}loads", parentId: "r-ab12" },
      { id: "r-ab12", name: "Root", parentId: null },
    ],
    accounts: { "111122223333": { name: "payments", parentId: "ou-ab12-workload1" } },
  }),
  serviceControl: known([
    {
      id: "p-12345678",
      name: "no-s3",
      arn: "arn:aws:organizations::999999999999:policy/o-exampleorg1/service_control_policy/p-12345678",
      text: unknownFact("organizations:DescribePolicy was denied"),
      readAt: "2026-11-02T06:00:00.000Z",
      targets: ["r-ab12"],
    },
  ]),
  rootFeatures: known(["RootSessions"]),
  analyzers: known([
    { arn: "arn:aws:access-analyzer:us-east-1:999999999999:analyzer/organization", region: "us-east-1" },
  ]),
  unreadAnalyzers: [{ region: "eu-west-1", why: "access-analyzer:ListAnalyzers was denied" }],
};

export const aReading = (
  readAt = "2026-11-02T06:00:00.000Z",
  changes: Partial<Organization> = {},
): OrganizationReading => ({ readAt, organization: known({ ...organization, ...changes }) });

/** Two megabytes of policies, every character of another width: more than one item holds, wherever it is cut. */
export const large = (readAt?: string): OrganizationReading =>
  aReading(readAt, {
    serviceControl: known(
      Array.from({ length: 40 }, (_, index) => ({
        id: `p-${String(index).padStart(8, "0")}`,
        name: `policy ${index}`,
        arn: "arn:aws:organizations::999999999999:policy/o-exampleorg1/service_control_policy/p-1",
        text: known("aß\u{1f512}\n\u2028".repeat(3_000)),
        readAt: "2026-11-02T06:00:00.000Z",
        targets: ["r-ab12"],
      })),
    ),
  });

/** What every store of the organization has to do. */
export const describeOrganizationStore = (create: () => Promise<OrganizationStore>): void => {
  test("gives back what was put, known or not", async () => {
    const store = await create();
    expect([await store.latest(), await store.generation()]).toEqual([undefined, undefined]);
    const whole = aReading();
    const nothing = aReading("2026-11-03T06:00:00.000Z", {
      tree: unknownFact("a"),
      serviceControl: unknownFact("b"),
      rootFeatures: unknownFact("c"),
    });
    const none = aReading("2026-11-04T06:00:00.000Z", { serviceControl: known(null) });
    const denied = { readAt: "2026-11-05T06:00:00.000Z", organization: unknownFact("ListAccounts was denied") };
    for (const reading of [whole, nothing, none, denied]) {
      await store.put(reading);
      expect(await store.latest()).toEqual(reading);
    }
  });

  test("holds an organization of any size, to the last character", async () => {
    const store = await create();
    await store.put(large());
    expect(await store.latest()).toEqual(large());
    // Smaller than the one before: nothing of that is left.
    await store.put(aReading("2026-11-03T06:00:00.000Z"));
    expect(await store.latest()).toEqual(aReading("2026-11-03T06:00:00.000Z"));
  });

  test("keeps the reading that was begun last", async () => {
    const store = await create();
    const [earlier, later] = [aReading("2026-11-02T06:00:00.000Z"), aReading("2026-11-02T06:00:00.001Z")];
    await store.put(later);
    const generation = await store.generation();
    await store.put(earlier);
    expect([await store.latest(), await store.generation()]).toEqual([later, generation]);
  });

  test("names each reading otherwise", async () => {
    const store = await create();
    const names = new Set<string | undefined>();
    const sameTime = aReading("2026-11-03T06:00:00.000Z", { rootFeatures: known([]) });
    for (const reading of [aReading(), aReading("2026-11-03T06:00:00.000Z"), sameTime]) {
      await store.put(reading);
      expect(await store.latest()).toEqual(reading);
      names.add(await store.generation());
    }
    expect(names).toHaveLength(3);
  });

  test("gives the next reading to one of those who claim it, for some minutes", async () => {
    const store = await create();
    const at = (minutes: number) => new Date(Date.parse("2026-11-02T06:00:00Z") + minutes * 60_000);
    const claims = await Promise.all(Array.from({ length: 5 }, () => store.claim(at(0))));
    expect(claims.filter(Boolean)).toHaveLength(1);
    expect(await store.claim(at(claimMinutes - 0.1))).toBe(false);
    expect(await store.claim(at(claimMinutes))).toBe(true);
    expect(await store.claim(at(claimMinutes + 1))).toBe(false);
    expect(await store.latest()).toBeUndefined();
  });
};
