import { describe, expect, it } from "vitest";
import { optedIn, writesOfAll } from "../../shared/settings/opted-in.ts";
import { parseSettings } from "../../shared/settings/parse-yaml.ts";
import { defaultSettings } from "../../shared/settings/settings.ts";

const optedInBy = (text: string): string[] =>
  optedIn(parseSettings(`version: 1\ncontrols:\n${text}`, "warden.config.yaml")).map(({ id }) => id);

describe("the controls that opted in", () => {
  it.each([
    ["none by default", "  stale-access-key: {}", []],
    [
      "none that is off or only notifies",
      "  stale-access-key: { mode: off }\n  unused-access-key: { mode: notify }",
      [],
    ],
    ["one that repairs everywhere", "  stale-access-key: { mode: remediate }", ["stale-access-key"]],
    [
      "one that repairs in one account alone",
      '  stale-access-key: { mode: off, scopes: [{ account: "111122223333", mode: remediate }] }',
      ["stale-access-key"],
    ],
    [
      "one that repairs everywhere but in one OU",
      "  unused-access-key: { mode: remediate, scopes: [{ ou: Root/Prod, mode: off }] }",
      ["unused-access-key"],
    ],
  ])("are %s", (_name, text, expected) => {
    expect(optedInBy(text)).toEqual(expected);
  });

  it("are none where the settings say nothing of them", () => {
    expect(optedIn({ controls: {} })).toEqual([]);
    expect(optedIn(defaultSettings())).toEqual([]);
  });

  it("name every write of their repairs and undos once", () => {
    const both = "  console-user-without-mfa: { mode: remediate }\n  stale-access-key: { mode: remediate }\n";
    const repairing = optedIn(parseSettings(`version: 1\ncontrols:\n${both}`, "warden.config.yaml"));
    expect(writesOfAll(repairing)).toEqual(["DeleteAccessKey", "DeleteUserPolicy", "PutUserPolicy", "UpdateAccessKey"]);
  });
});
