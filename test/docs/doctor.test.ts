import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { role } from "../../shared/doctor/account/role.ts";
import { accountChecks, hubChecks, keptChecks } from "../../shared/doctor/doctor.ts";

const page = readFileSync(new URL("../../docs/doctor.md", import.meta.url), "utf8");
const [, watching = "", besides = "", hub = ""] = page.split(/^\| check \| all is well if \|$/m);
const rows = (table: string): string[] => [...table.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, id = ""]) => id).sort();
const ids = (checks: readonly { readonly id: string }[]): string[] => checks.map(({ id }) => id).sort();

test("the page on the doctor has a row for each check, where it belongs", () => {
  const ofAccounts = [role, ...keptChecks, ...accountChecks];
  expect(rows(watching)).toEqual(ids(ofAccounts.filter(({ isWatching }) => isWatching)));
  expect(rows(besides)).toEqual(ids(ofAccounts.filter(({ isWatching }) => !isWatching)));
  expect(rows(hub)).toEqual(ids(hubChecks));
});
