import { ListRoleTagsCommand, TagRoleCommand } from "@aws-sdk/client-iam";
import { describe, expect, it } from "vitest";
import { accessDenied } from "../../sandbox/protocol/service.ts";
import type { AccountState } from "../../sandbox/state.ts";
import { StoreError } from "../../shared/errors.ts";
import { createMemoryMarkStore } from "../../shared/marks/memory-mark-store.ts";
import { standingOf } from "../../shared/marks/standing.ts";
import type { DeploymentOptions } from "../support/wired/deployment.ts";
import { type WiredOrganization, wiredOrganization } from "../support/wired/organization.ts";

const hourMs = 3_600_000;
const auditRole = "iam-warden-audit";

const organize = (options: Partial<DeploymentOptions> = {}) => {
  const cutOff = new Set<string>();
  const organization = wiredOrganization({ cutOff, ...options });
  const { sandbox, functions, wiring, marks } = organization;
  return {
    ...organization,
    cutOff,
    hour: async (times = 1) => {
      for (let hour = 0; hour < times; hour++) {
        sandbox.clock.advance(hourMs);
        await functions.escalate();
        await wiring.settle();
      }
    },
    sweep: async () => {
      await wiring.sweep();
      await wiring.settle();
    },
    standing: async ({ id }: AccountState) => standingOf(await marks.get(id), sandbox.clock.now()),
  };
};
type Organization = ReturnType<typeof organize>;

/** The day before, on which every account was seen. */
const yesterday = async ({ sweep, sandbox }: Organization): Promise<void> => {
  await sweep();
  sandbox.clock.advance(20 * hourMs);
};

const statesOf = async ({ sandbox, standing }: Organization): Promise<string[]> =>
  Promise.all([...sandbox.state.accounts.values()].map(async (account) => (await standing(account)).state));

const markOf = async ({ iam }: WiredOrganization, account: AccountState): Promise<string> => {
  const { Tags = [] } = await iam(account).send(new ListRoleTagsCommand({ RoleName: auditRole }));
  return Tags.find(({ Key }) => Key === "iam-warden-mark")?.Value ?? "";
};

const aboutBlind = ({ mails }: WiredOrganization): string[] => mails().filter((mail) => mail.startsWith("[ACCOUNTS"));

describe("a sweep", () => {
  it("leaves a mark in every account, the hub and the management account among them, and hears of each", async () => {
    const organization = organize();
    const { sweep, telemetry, data, sandbox } = organization;
    await sweep();
    expect(await statesOf(organization)).toEqual(Array(4).fill("watched"));
    expect(await markOf(organization, data)).toMatch(/^2026-11-02T08:\d\d:\d\d\.\d{3}Z\/[0-9a-f]{32}$/);
    const delays = telemetry.measured("MarkDelaySeconds");
    expect(delays).toHaveLength(4);
    for (const seconds of delays) expect(seconds >= 20 && seconds <= 60).toBe(true);
    expect(sandbox.deliveries.filter(({ attributes }) => attributes.kind?.value === "blindAccounts")).toEqual([]);
  });

  it("makes nobody read or judge the role for the mark, nor keep it as a finding", async () => {
    const organization = organize();
    const { sweep, aws, findings, data } = organization;
    await sweep();
    const reads = Object.keys(aws.calls()[data.id] ?? {});
    expect(reads).toContain("iam:TagRole");
    expect(reads).not.toContain("iam:GetRole");
    expect(await findings(data)).toEqual([]);
  });

  it("that may not leave a mark sweeps all the same, and the account is unknown, with the reason, not blind", async () => {
    const organization = organize();
    const { sweep, hour, sandbox, data, standing, telemetry } = organization;
    sandbox.intercept((call) => {
      if (call.operation === "TagRole" && call.account.id === data.id) throw accessDenied(call);
    });
    const run = await organization.wiring.sweep();
    expect(run.answers.map((answer) => answer.done && answer.status)).toEqual(Array(4).fill("swept"));
    await organization.wiring.settle();
    await hour(3);
    expect(await standing(data)).toEqual({
      state: "unknown",
      why: expect.stringMatching(
        /no mark could be left in it: AccessDeniedError: iam:TagRole was denied in account \d+/,
      ),
    });
    expect(telemetry.counted("BlindAccounts")).toBe(0);
    expect(telemetry.counted("MarksFailed")).toBe(4);
    expect(aboutBlind(organization)).toEqual([]);
    await sweep();
  });
});

describe("a table that does not keep marks", () => {
  it("keeps no account from being swept", async () => {
    const gone = () => Promise.reject(new StoreError("The findings table did not answer: gone"));
    const { wiring, functions, telemetry } = organize({ marks: { get: gone, put: gone, list: gone } });
    const { answers, failures } = await wiring.sweep();
    expect([answers.map((answer) => answer.done && answer.status), failures]).toEqual([Array(4).fill("swept"), []]);
    expect(telemetry.counted("MarksFailed")).toBe(4);
    await expect(functions.escalate()).rejects.toThrow("The findings table did not answer");
    expect(telemetry.counted("BlindAccounts")).toBe(0);
  });

  it("lets the record of a mark come again", async () => {
    const marks = createMemoryMarkStore();
    let isGone = false;
    const failing = {
      ...marks,
      get: (id: string) => (isGone ? Promise.reject(new StoreError("The findings table is gone")) : marks.get(id)),
    };
    const organization = organize({ marks: failing });
    const run = organization.sandbox.subscribe(() => {
      isGone = true;
    });
    await organization.functions.sweepAccount({ runId: "run", account: { id: organization.data.id } });
    run();
    organization.sandbox.clock.advance(60_000);
    await organization.wiring.deliverDue();
    expect(organization.telemetry.counted("MessagesRetried")).toBe(1);
    isGone = false;
    await organization.wiring.settle();
    expect((await organization.standing(organization.data)).state).toBe("watched");
  });
});

describe("an account whose rules are disabled", () => {
  it("is told blind once, when its mark is an hour late, and once when it sees again", async () => {
    const organization = organize();
    const { sweep, hour, cutOff, data, telemetry } = organization;
    await sweep();
    cutOff.add(data.id);
    organization.sandbox.clock.advance(20 * hourMs);
    await sweep();
    await hour(1);
    expect(aboutBlind(organization)).toEqual([`[ACCOUNTS BLIND] no event arrives from data (${data.id})`]);
    await hour(5);
    expect(telemetry.counted("BlindAccounts")).toBe(6);
    expect(aboutBlind(organization)).toHaveLength(1);
    cutOff.clear();
    // The next mark is left within the hour; who sees again is told in the hour after.
    await hour(2);
    expect(aboutBlind(organization).slice(1)).toEqual([
      `[ACCOUNTS SEE AGAIN] events arrive again from data (${data.id})`,
    ]);
    await hour(3);
    expect(aboutBlind(organization)).toHaveLength(2);
  });

  it("and that was never seen is told once the next mark is late too: the first may have come before its rules", async () => {
    const organization = organize();
    const { sweep, hour, cutOff, data } = organization;
    cutOff.add(data.id);
    await sweep();
    await hour(2);
    expect(aboutBlind(organization)).toEqual([]);
    await hour(1);
    expect(aboutBlind(organization)).toEqual([`[ACCOUNTS BLIND] no event arrives from data (${data.id})`]);
  });

  it("is one of many in one message", async () => {
    const organization = organize();
    const { sweep, hour, cutOff, sandbox } = organization;
    for (const id of sandbox.state.accounts.keys()) cutOff.add(id);
    await sweep();
    await hour(3);
    expect(aboutBlind(organization)).toEqual(["[ACCOUNTS BLIND] no event arrives from 4 accounts"]);
    cutOff.clear();
    await hour(3);
    expect(aboutBlind(organization).slice(1)).toEqual(["[ACCOUNTS SEE AGAIN] events arrive again from 4 accounts"]);
  });

  it("is told though the channel did not answer, and so is its end", async () => {
    const organization = organize();
    const { sweep, hour, cutOff, data, sandbox } = organization;
    await yesterday(organization);
    cutOff.add(data.id);
    await sweep();
    const stop = sandbox.intercept(({ operation }) => {
      if (operation === "Publish") throw Object.assign(new Error("gone"), { name: "TimeoutError" });
    });
    await expect(hour(1)).rejects.toThrow("SNS did not publish");
    stop();
    await organization.wiring.settle();
    cutOff.clear();
    await hour(3);
    expect(aboutBlind(organization).at(-1)).toBe(`[ACCOUNTS SEE AGAIN] events arrive again from data (${data.id})`);
  });

  it("is not mended by an administrator who writes the mark by hand, though the mark can be read there", async () => {
    const organization = organize();
    const { sweep, hour, cutOff, data, iam, standing, wiring, telemetry } = organization;
    await yesterday(organization);
    cutOff.add(data.id);
    await sweep();
    const Value = await markOf(organization, data);
    cutOff.clear();
    await iam(data).send(new TagRoleCommand({ RoleName: auditRole, Tags: [{ Key: "iam-warden-mark", Value }] }));
    await wiring.settle();
    cutOff.add(data.id);
    expect(telemetry.lines.map(({ message }) => message)).toContain("Somebody else wrote the mark of an account");
    await hour(1);
    expect((await standing(data)).state).toBe("blind");
  });

  it("is not mended by a session of its audit role that does not know the mark, nor by the mark of another", async () => {
    const organization = organize();
    const { sweep, hour, cutOff, data, web, standing, sandbox, wiring } = organization;
    await yesterday(organization);
    for (const { id } of [data, web]) cutOff.add(id);
    await sweep();
    cutOff.clear();
    const credentials = sandbox.credentialsFor(data.id, { role: auditRole, sessionName: auditRole });
    for (const Value of ["", "2026-11-02T08:00:00.000Z/0", await markOf(organization, web)])
      await sandbox.call(credentials, {
        ...{ service: "iam", operation: "TagRole", region: "us-east-1" },
        input: { RoleName: auditRole, Tags: [{ Key: "iam-warden-mark", Value }] },
      });
    await wiring.settle();
    for (const { id } of [data, web]) cutOff.add(id);
    await hour(1);
    expect([(await standing(data)).state, (await standing(web)).state]).toEqual(["blind", "blind"]);
  });
});

describe("an account that joined since the sweep", () => {
  it("is marked in the next hour", async () => {
    const organization = organize();
    await organization.hour(1);
    expect(await statesOf(organization)).toEqual(Array(4).fill("watched"));
  });
});

describe("a call on the audit role that does more than leave a mark", () => {
  it("is judged like any other", async () => {
    const { data, iam, wiring, aws } = organize();
    const Tags = [
      { Key: "iam-warden-mark", Value: "x" },
      { Key: "owner", Value: "y" },
    ];
    await iam(data).send(new TagRoleCommand({ RoleName: auditRole, Tags }));
    await wiring.settle();
    expect(aws.calls()[data.id]).toMatchObject({ "iam:GetRole": 1 });
  });
});
