import { describe, expect, it } from "vitest";
import { controls } from "../../shared/controls/catalogue.ts";
import { privilegedRoleWithoutMfa } from "../../shared/controls/privileged-role-without-mfa.ts";
import { roleWithoutBoundary } from "../../shared/controls/role-without-boundary.ts";
import { staleAccessKey } from "../../shared/controls/stale-access-key.ts";
import { neighboursNotRead } from "../../shared/facts/neighbours.ts";
import { contextFor, planContextFor } from "../../shared/settings/context.ts";
import { parseSettings } from "../../shared/settings/parse-yaml.ts";
import { defaultSettings, type Settings } from "../../shared/settings/settings.ts";

const account = { id: "111122223333", ouPath: "Root" };
const now = new Date("2026-11-20T08:00:00Z");

describe("contextFor", () => {
  it("gives the options of the settings, the exclusions and the time", () => {
    const settings: Settings = {
      ...defaultSettings(),
      controls: { "stale-access-key": { mode: "notify", options: { maxAgeDays: 30 }, ladder: [] } },
      excludedRoles: { names: ["legacy-*"], paths: [], tags: {}, trustTags: false },
    };
    expect(contextFor(settings, staleAccessKey, account, now)).toEqual({
      now,
      options: { maxAgeDays: 30 },
      excludedRoles: settings.excludedRoles,
      organization: { known: false, why: "the organization was not read" },
      neighbours: neighboursNotRead,
    });
  });

  it("gives nothing for a control that is off", () => {
    const settings = {
      ...defaultSettings(),
      controls: { "stale-access-key": { mode: "off", options: {}, ladder: [] } },
    } as const;
    expect(contextFor(settings, staleAccessKey, account, now)).toBeUndefined();
  });

  it("gives nothing for a control that is off by default, unless the settings switch it on", () => {
    expect(contextFor(defaultSettings(), privilegedRoleWithoutMfa, account, now)).toBeUndefined();
    expect(contextFor({ ...defaultSettings(), controls: {} }, privilegedRoleWithoutMfa, account, now)).toBeUndefined();
    const settings = parseSettings("version: 1\ncontrols: { privileged-role-without-mfa: { mode: notify } }\n", "f");
    expect(contextFor(settings, privilegedRoleWithoutMfa, account, now)).toMatchObject({ options: {} });
  });

  it("judges by its defaults a control that older settings do not know", () => {
    const settings = { ...defaultSettings(), controls: {} };
    for (const control of controls) {
      expect(contextFor(settings, control, account, now)).toEqual(contextFor(defaultSettings(), control, account, now));
    }
  });
});

describe("planContextFor", () => {
  const management = "999900001111";
  const aws = { partition: "aws", managementAccountId: management };
  const settings = (repairs: string) => parseSettings(`version: 1\nrepairs: { ${repairs} }\n`, "f");
  const repair = (repairs: string, surroundings: Parameters<typeof planContextFor>[4] = aws, id = account.id) =>
    planContextFor(settings(repairs), roleWithoutBoundary, { ...account, id }, now, surroundings)?.repair;

  it("gives what the control is evaluated with, and what it may repair with", () => {
    const all = settings("permissionsBoundary: TeamBoundary");
    expect(planContextFor(all, staleAccessKey, account, now, aws)).toEqual({
      ...contextFor(all, staleAccessKey, account, now),
      repair: { boundaryArn: "arn:aws:iam::111122223333:policy/TeamBoundary", centralRootAccess: false },
    });
  });

  it("gives nothing for a control that is off", () => {
    const off = parseSettings("version: 1\ncontrols: { stale-access-key: { mode: off } }\n", "f");
    expect(planContextFor(off, staleAccessKey, account, now, aws)).toBeUndefined();
  });

  it.each([
    ["none is named", "", "aws", null],
    ["a name", "permissionsBoundary: Team", "aws", "arn:aws:iam::111122223333:policy/Team"],
    ["a name with a path", "permissionsBoundary: /team/b", "aws", "arn:aws:iam::111122223333:policy/team/b"],
    ["in China", "permissionsBoundary: Team", "aws-cn", "arn:aws-cn:iam::111122223333:policy/Team"],
    ["in GovCloud", "permissionsBoundary: Team", "aws-us-gov", "arn:aws-us-gov:iam::111122223333:policy/Team"],
    [
      "another name in this account",
      "permissionsBoundary: Team, boundaries: { '111122223333': /own/Mine }",
      "aws",
      "arn:aws:iam::111122223333:policy/own/Mine",
    ],
    [
      "another name in another account",
      "permissionsBoundary: Team, boundaries: { '444455556666': Theirs }",
      "aws",
      "arn:aws:iam::111122223333:policy/Team",
    ],
    [
      "only a name in this account",
      "boundaries: { '111122223333': Mine }",
      "aws",
      "arn:aws:iam::111122223333:policy/Mine",
    ],
    ["only a name in another account", "boundaries: { '444455556666': Theirs }", "aws", null],
  ])("names the account's boundary: %s", (_, repairs, partition, boundaryArn) => {
    expect(repair(repairs, { ...aws, partition })?.boundaryArn).toBe(boundaryArn);
  });

  it("takes central root access for given in members only, and only where the settings say so", () => {
    const on = "centralRootAccess: true";
    expect(repair(on)?.centralRootAccess).toBe(true);
    expect(repair(on, aws, management)?.centralRootAccess).toBe(false);
    expect(repair(on, { partition: "aws" })?.centralRootAccess).toBe(false);
    expect(repair("centralRootAccess: false")?.centralRootAccess).toBe(false);
    expect(repair("")?.centralRootAccess).toBe(false);
  });
});
