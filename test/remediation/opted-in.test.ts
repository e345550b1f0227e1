import { describe, expect, it } from "vitest";
import { optedIn } from "../../shared/remediation/opted-in.ts";
import type { Prepared } from "../../shared/remediation/prepare.ts";
import { defaultSettings, type Mode, type ScopedSettings, type Settings } from "../../shared/settings/settings.ts";
import type { AccountRef } from "../../shared/subject.ts";
import { readyIn, settingsWith } from "./interlock-world.ts";
import { bob } from "./worlds.ts";

const control = "console-user-without-mfa";
const prepared = await readyIn(bob());
const member: AccountRef = { id: "111122223333", ouPath: "Root/Workloads/Prod" };

const scoped = (mode: Mode, ...scopes: readonly (readonly [ScopedSettings["scope"], Mode])[]): Settings => {
  const settings = settingsWith(control, mode);
  const own = settings.controls[control];
  if (own === undefined) throw new Error("no such control");
  const all = scopes.map(([scope, scopedMode]) => ({ scope, mode: scopedMode, options: own.options }));
  // An override is complete: what it does not say itself is its control's own.
  return {
    ...settings,
    controls: { ...settings.controls, [control]: { ...own, scopes: all.map((one) => ({ ...own, ...one })) } },
  };
};

describe("optedIn", () => {
  const ask = (
    settings: Settings,
    account: AccountRef | undefined = member,
    due?: string,
    about: Prepared = prepared,
  ) =>
    optedIn({
      settings,
      presentAccount: async (id) => (account?.id === id ? account : undefined),
      whyNotDue: () => due,
    })(about);
  const inMode = (mode: Mode, ouPath = member.ouPath) =>
    `The settings have ${control} in mode ${mode} for account 111122223333 (OU ${ouPath}).`;

  it.each<[string, Settings, string | undefined]>([
    ["the defaults", defaultSettings(), inMode("notify")],
    ["mode off", scoped("off"), inMode("off")],
    ["mode remediate", scoped("remediate"), undefined],
    ["the nearest OU's notify", scoped("remediate", [{ ou: "Root/Workloads" }, "notify"]), inMode("notify")],
    ["the nearest OU's remediate", scoped("notify", [{ ou: "Root/Workloads" }, "remediate"]), undefined],
    [
      "the account's own notify",
      scoped("remediate", [{ ou: "Root" }, "remediate"], [{ account: "111122223333" }, "notify"]),
      inMode("notify"),
    ],
    ["another OU's remediate", scoped("notify", [{ ou: "Root/Work" }, "remediate"]), inMode("notify")],
  ])("goes by %s", async (_name, settings, expected) => {
    expect(await ask(settings)).toBe(expected);
  });

  it("goes by the OU that the account is in now, not by the finding's", async () => {
    const settings = scoped("notify", [{ ou: "Root/Workloads" }, "remediate"]);
    const { request } = prepared;
    const seenInProd = { ...prepared, request: { ...request, finding: { ...request.finding, account: member } } };
    expect(await ask(settings, { id: member.id, ouPath: "Root/Sandbox" }, undefined, seenInProd)).toBe(
      inMode("notify", "Root/Sandbox"),
    );
  });

  it.each<[string, AccountRef | undefined, RegExp]>([
    ["is no member", { id: "999999999999", ouPath: "Root" }, /^Account 111122223333 is no active member/],
    ["is nowhere known", { id: member.id }, /^The OU of account 111122223333 is not known, so nobody can say/],
  ])("holds where the account %s, whatever its own settings say", async (_name, account, why) => {
    const settings = scoped("remediate", [{ account: "111122223333" }, "remediate"]);
    expect(await ask(settings, account)).toMatch(why);
  });

  it("holds what the settings say nothing of", async () => {
    expect(await ask({ ...defaultSettings(), controls: {} })).toBe(
      `The settings say nothing of ${control}: it is only told.`,
    );
  });

  it("waits for the ladder, but not where a person approved this very plan", async () => {
    const due = "It is due on Monday.";
    expect(await ask(scoped("remediate"), member, due)).toBe(due);
    const approvedFor = (stage: Prepared["stage"], digest: string): Prepared => ({
      ...prepared,
      request: { ...prepared.request, approval: { by: "ann", at: prepared.preparedAt, stage, digest } },
    });
    expect(await ask(scoped("remediate"), member, due, approvedFor("repair", prepared.digest))).toBeUndefined();
    expect(await ask(scoped("remediate"), member, due, approvedFor("final", prepared.digest))).toBe(due);
    expect(await ask(scoped("remediate"), member, due, approvedFor("repair", "older"))).toBe(due);
    expect(await ask(scoped("notify"), member, due, approvedFor("repair", prepared.digest))).toBe(inMode("notify"));
  });
});
