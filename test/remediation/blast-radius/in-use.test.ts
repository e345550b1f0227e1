import { describe, expect, it } from "vitest";
import { ThrottledError } from "../../../shared/errors.ts";
import { authorize } from "../../../shared/remediation/authorization.ts";
import { assessBlastRadius, blastRadius } from "../../../shared/remediation/blast-radius/blast-radius.ts";
import { daysAgo } from "../../support/facts.ts";
import { failing } from "../../support/iam-account.ts";
import { nothingHolds } from "../../support/repair-world.ts";
import { idleRole, openRole, rootWithKeys, staleKey } from "../worlds.ts";
import { assess, found, ready } from "./assessing.ts";

describe("an access key", () => {
  const stale = (days?: number) => {
    const world = staleKey();
    const keys = found(world.account.users.get("bob")).accessKeys;
    const key = found(keys.find(({ id }) => id === world.finding.subject.accessKeyId));
    if (days === undefined) delete key.lastUsed;
    else key.lastUsed = { at: daysAgo(days), service: "s3", region: "eu-west-1" };
    return { ...world, key };
  };
  const rows: readonly [string, number | undefined, number | undefined, boolean][] = [
    ["never used passes", undefined, undefined, false],
    ["used 31 days ago passes", 31, undefined, false],
    ["used 30 days ago is held", 30, undefined, true],
    ["used today is held", 0, undefined, true],
    ["used in the future is held", -1, undefined, true],
    ["used 31 days ago is held with 45 days", 31, 45, true],
    ["used 8 days ago passes with 7 days", 8, 7, false],
  ];

  it.each(rows)("%s", async (_, days, inUseDays, holds) => {
    const world = stale(days);
    const run = world.run();
    const radius = await assessBlastRadius(
      { ...run, ...(inUseDays !== undefined && { inUseDays }) },
      await ready(run, world.request),
    );
    expect(radius).toEqual(
      holds
        ? {
            losses: [],
            why: `Access key ${world.key.id} was used at ${daysAgo(days ?? 0).toISOString()} for s3 in eu-west-1, within ${inUseDays ?? 30} days.`,
          }
        : { losses: [] },
    );
  });

  it("is held where its last use is not known", async () => {
    const world = stale(60);
    const run = world.run();
    const prepared = await ready(run, world.request);
    const iam = run.audit.iam(world.account.id);
    iam.middlewareStack.add(
      (next) => async (args) => {
        const answer = await next(args);
        Reflect.deleteProperty(answer.output, "AccessKeyLastUsed");
        return answer;
      },
      { step: "initialize" },
    );
    expect((await assessBlastRadius(run, prepared)).why).toBe(
      `When access key ${world.key.id} was last used is not known.`,
    );
  });

  it("is held where its last use is denied, and tried again where it is throttled", async () => {
    const world = stale(60);
    const run = world.run();
    const interlocks = { ...nothingHolds, blastRadius: blastRadius(run) };
    const prepared = await ready(run, world.request);
    const by = { by: "ladder", why: "7 days open" };
    const stop = failing(world.sandbox, "GetAccessKeyLastUsed");
    expect(await authorize(interlocks, prepared, by)).toMatchObject({
      outcome: "held",
      why: expect.stringContaining("iam:GetAccessKeyLastUsed was denied"),
    });
    stop();
    failing(world.sandbox, "GetAccessKeyLastUsed", "Throttling", { status: 400 });
    await expect(authorize(interlocks, prepared, by)).rejects.toThrow(ThrottledError);
  });
});

describe("root's credentials", () => {
  const rootKeys = (...days: (number | undefined)[]) => {
    const world = rootWithKeys(2);
    for (const [index, key] of world.account.root.accessKeys.entries()) {
      const ago = days[index];
      if (ago !== undefined) key.lastUsed = { at: daysAgo(ago), service: "s3", region: "eu-west-1" };
    }
    return world;
  };

  it.each([
    ["never used pass", [undefined, undefined], 0],
    ["used long ago pass", [31, 400], 0],
    ["of which one was used are held", [undefined, 30], 1],
    ["both used are held", [1, 2], 2],
  ] as const)("access keys %s", async (_, days, held) => {
    const { why } = await assess(rootKeys(...days));
    expect(why?.match(/Access key \w+ of root was used at /g)?.length ?? 0).toBe(held);
  });

  const withPassword = async (days: number | undefined) => {
    const world = rootKeys();
    if (days !== undefined) world.account.root.passwordLastUsedAt = daysAgo(days);
    const run = world.run();
    const { steps: _, ...prepared } = await ready(run, world.request);
    const steps = [
      {
        step: {
          write: { operation: "root:DeleteLoginProfile" },
          before: { kind: "rootPassword" },
          irreversible: "Nothing brings it back.",
        },
        before: { kind: "rootPassword", present: true },
      },
    ] as const;
    world.account.root.passwordEnabled = true;
    return { world, radius: () => assessBlastRadius(run, { ...prepared, steps }) };
  };

  it.each([
    ["never used passes", undefined, undefined],
    ["used 31 days ago passes", 31, undefined],
    ["used 3 days ago is held", 3, `Root's password was used at ${daysAgo(3).toISOString()}, within 30 days.`],
  ])("a password %s", async (_, days, why) => {
    const { radius } = await withPassword(days);
    expect((await radius()).why).toBe(why);
  });

  it("a password is held where the credential report is denied", async () => {
    const { world, radius } = await withPassword(undefined);
    failing(world.sandbox, "GenerateCredentialReport");
    expect((await radius()).why).toBe(
      "When root's password was last used is not known: iam:GenerateCredentialReport was denied.",
    );
  });
});

describe("a role that is to be confined to the organization", () => {
  it("passes where neither IAM nor a service saw it used", async () => {
    expect(await assess(openRole())).toEqual({ losses: [] });
  });

  it("is held where it was used, for nobody knows from where", async () => {
    const world = openRole();
    found(world.account.roles.get("app")).lastUsed = { at: daysAgo(3), region: "eu-west-1" };
    expect((await assess(world)).why).toBe(
      `Role app was used at ${daysAgo(3).toISOString()}, within 30 days. IAM does not say by whom: nor, hence, whether from outside the organization.`,
    );
  });
});

describe("a role to be quarantined", () => {
  it("passes where neither IAM nor a service saw it used", async () => {
    expect(await assess(idleRole())).toEqual({ losses: [] });
  });

  it.each([
    ["91 days ago, within the 120 days that the settings ask for", 91, 120, true],
    ["91 days ago, not within 30 days", 91, 30, false],
  ])("used %s", async (_, days, inUseDays, holds) => {
    const world = idleRole();
    found(world.account.roles.get("app")).lastUsed = { at: daysAgo(days), region: "eu-west-1" };
    const run = world.run();
    const { why } = await assessBlastRadius({ ...run, inUseDays }, await ready(run, world.request));
    expect(why).toBe(
      holds ? `Role app was used at ${daysAgo(days).toISOString()}, within ${inUseDays} days.` : undefined,
    );
  });

  it("is held where a service saw a session of it of late, whatever IAM says of the role", async () => {
    const world = idleRole();
    const at = daysAgo(3);
    found(world.account.roles.get("app")).accessed = new Map([
      ["s3", { at: daysAgo(20), region: "eu-west-1", actions: new Map() }],
      ["sqs", { at, region: "eu-west-1", actions: new Map() }],
    ]);
    expect((await assess(world)).why).toBe(`Role app used sqs at ${at.toISOString()}, within 30 days.`);
  });

  it("is held where what it used cannot be read", async () => {
    const world = idleRole();
    failing(world.sandbox, "GenerateServiceLastAccessedDetails");
    const run = world.run();
    const interlocks = { ...nothingHolds, blastRadius: blastRadius(run) };
    const authorized = await authorize(interlocks, await ready(run, world.request), { by: "ann", why: "unused" });
    expect(authorized).toMatchObject({ outcome: "held", interlock: "blastRadius", isUnchecked: true });
  });
});
