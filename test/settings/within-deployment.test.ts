import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { controls } from "../../shared/controls/catalogue.ts";
import { optedIn } from "../../shared/settings/opted-in.ts";
import { parseSettings } from "../../shared/settings/parse-yaml.ts";
import { beyondDeployment, withinDeployment } from "../../shared/settings/within-deployment.ts";

const read = (text: string) => parseSettings(`version: 1\n${text}`, "f");
const beyond = (wanted: string, deployed: string) => beyondDeployment(read(wanted), read(deployed));

const keys = "controls: { stale-access-key: { mode: remediate } }\n";
const roles = (boundary: string) =>
  `controls: { role-without-boundary: { mode: remediate } }\nrepairs: { permissionsBoundary: ${boundary} }\n`;
const subscriber = (endpoint: string) => `{ protocol: email, endpoint: ${endpoint}@example.com }`;
const two = `subscribers: [${subscriber("a")}, ${subscriber("b")}]\n`;

describe("settings need a deployment", () => {
  it.each([
    [
      "to repair with a control that was not opted in",
      keys,
      "",
      /^controls\.stale-access-key: is remediate.*npx cdk deploy$/,
    ],
    [
      "to repair in one account alone",
      'controls: { stale-access-key: { scopes: [{ account: "111122223333", mode: remediate }] } }\n',
      "controls: { unused-access-key: { mode: remediate } }\n",
      /stale-access-key/,
    ],
    ["to attach another boundary", roles("Other"), roles("Team"), /names the boundary Other/],
    [
      "to attach another boundary in one account",
      roles('Team, boundaries: { "111122223333": Other }'),
      roles("Team"),
      /names the boundary Other/,
    ],
    [
      "to repair whom the deployment protects",
      keys,
      `${keys}protectedPrincipals: { users: [root-*] }\n`,
      /^protectedPrincipals\.users: root-\* is gone/,
    ],
    [
      "to repair roles that the deployment leaves alone",
      keys,
      `${keys}excludedRoles: { paths: [/vendor/*] }\n`,
      /^excludedRoles\.paths: \/vendor\/\* is gone/,
    ],
    ["to read accounts' tags", "owners: { accountTag: team }\n", "", /^owners\.accountTag/],
    [
      "to tell another channel",
      "chat: { slack: [{ workspaceId: T0123456789, channelId: C0123456789 }] }\n",
      "",
      /^chat: names other channels/,
    ],
    ["to watch other Regions", "deployment: { regions: [eu-north-1] }\n", "", /^deployment: differs/],
    ["to tell other people", two, `subscribers: [${subscriber("a")}]\n`, /^subscribers: differ/],
  ])("%s", (_, wanted, deployed, expected) => {
    expect(beyond(wanted, deployed)).toEqual([expect.stringMatching(expected)]);
  });

  it.each([
    ["to lower a control", "", keys],
    ["to turn a control off", "controls: { stale-access-key: { mode: off } }\n", keys],
    [
      "to repair elsewhere with a control that was opted in somewhere",
      keys,
      'controls: { stale-access-key: { scopes: [{ account: "111122223333", mode: remediate }] } }\n',
    ],
    ["to pause repairs", `${keys}repairs: { paused: true }\n`, keys],
    ["for another ladder", keys.replace("remediate }", "remediate, ladder: [{ after: 1d, do: remediate }] }"), keys],
    ["to protect more", `${keys}protectedPrincipals: { users: [root-*] }\n`, keys],
    ["to protect less where nothing repairs", "", "protectedPrincipals: { users: [root-*] }\n"],
    ["to name a boundary where nothing repairs", "repairs: { permissionsBoundary: Team }\n", ""],
    ["for another tag of accounts", "owners: { accountTag: a }\n", "owners: { accountTag: b }\n"],
    ["to tell the same people in another order", `subscribers: [${subscriber("b")}, ${subscriber("a")}]\n`, two],
  ])("not %s", (_, wanted, deployed) => {
    expect(beyond(wanted, deployed)).toEqual([]);
  });
});

const repairable = controls
  .filter((control) => control.type === "state" && control.repair !== undefined)
  .map(({ id }) => id);
const boundaries = "options: { approvedBoundaries: [Team] }";
const anySettings = fc
  .dictionary(
    fc.constantFrom(...repairable),
    fc.record({
      mode: fc.constantFrom("off", "notify", "remediate"),
      scoped: fc.constantFrom("off", "notify", "remediate"),
    }),
  )
  .map((modes) =>
    read(
      `controls:\n${Object.entries(modes)
        .map(([id, { mode, scoped }]) => {
          const options = id === "role-with-unapproved-boundary" ? `, ${boundaries}` : "";
          return `  ${id}: { mode: ${mode}, scopes: [{ ou: Root/A, mode: ${scoped} }]${options} }\n`;
        })
        .join(
          "",
        )}${Object.keys(modes).length === 0 ? "  {}\n" : ""}repairs: { permissionsBoundary: Team, centralRootAccess: true }\n`,
    ),
  );

it("whatever the settings say, functions repair only what was opted in at deployment, and nothing else changes", () => {
  fc.assert(
    fc.property(anySettings, anySettings, (wanted, deployed) => {
      const { settings, notDeployed } = withinDeployment(wanted, deployed);
      const has = optedIn(deployed).map(({ id }) => id);
      const within = optedIn(settings).map(({ id }) => id);
      expect(within).toEqual(optedIn(wanted).flatMap(({ id }) => (has.includes(id) ? [id] : [])));
      expect([...within, ...notDeployed].sort()).toEqual(
        optedIn(wanted)
          .map(({ id }) => id)
          .sort(),
      );
      expect({ ...settings, controls: wanted.controls }).toEqual(wanted);
      expect(notDeployed.length > 0).toBe(beyondDeployment(wanted, deployed).length > 0);
    }),
  );
});

it("accounts are listed without a tag that what is deployed may not read", () => {
  const { settings } = withinDeployment(read("owners: { accountTag: team, principalTag: owner }"), read(""));
  expect(settings.owners).toEqual({ principalTag: "owner" });
});
