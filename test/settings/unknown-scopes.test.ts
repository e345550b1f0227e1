import { describe, expect, it } from "vitest";
import { unknownScopes, unknownScopeWords } from "../../shared/settings/unknown-scopes.ts";
import { settingsOf } from "../support/settings.ts";

const settingsFor = (...scopes: readonly string[]) =>
  settingsOf(
    [
      "version: 1",
      "controls:",
      "  stale-access-key:",
      "    scopes:",
      ...scopes.map((one) => `      - { ${one}, mode: off }`),
    ].join("\n"),
  );
const accounts = [
  { id: "111122223333", ouPath: "Root/Workloads/Prod" },
  { id: "444455556666", ouPath: "Root" },
];
const told = (scope: string, among: Parameters<typeof unknownScopes>[1] = accounts) =>
  unknownScopes(settingsFor(scope), among).map(unknownScopeWords);

describe("scopes that are none of the organization's", () => {
  it.each(["ou: Root", "ou: Root/Workloads", "ou: Root/Workloads/Prod", 'account: "444455556666"'])(
    "are not: %s",
    (scope) => expect(told(scope)).toEqual([]),
  );

  it.each([
    [
      "ou: Root/Workload/Prod",
      "names the OU Root/Workload/Prod, in which no active account is; did you mean Root/Workloads/Prod?",
    ],
    [
      "ou: Workloads/Prod",
      "names the OU Workloads/Prod, in which no active account is; did you mean Root/Workloads/Prod?",
    ],
    ["ou: Root/Elsewhere", "names the OU Root/Elsewhere, in which no active account is"],
    ['account: "999988887777"', "names account 999988887777, which is no active account of the organization"],
  ])("are: %s", (scope, words) => expect(told(scope)).toEqual([`stale-access-key ${words}`]));

  it("are not told of OUs where the OU of an account is not known", () => {
    const among = [...accounts, { id: "777788889999" }];
    expect(told("ou: Root/Elsewhere", among)).toEqual([]);
    expect(told('account: "999988887777"', among)).toHaveLength(1);
  });
});
