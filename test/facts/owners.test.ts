import { expect, test } from "vitest";
import { known } from "../../shared/facts/facts.ts";
import { ownersOf } from "../../shared/facts/owners.ts";
import { accessKeyFacts, account, roleFacts, rootFacts, userFacts } from "../support/facts.ts";

const settings = { owners: { principalTag: "owner", accountTag: "team" } };
const owned = { ...account, owner: "platform@example.com" };

test("a principal's owner comes first, then its account's, each once", () => {
  expect(ownersOf(userFacts({ account: owned, tags: { owner: "alice" } }), settings)).toEqual([
    "alice",
    "platform@example.com",
  ]);
  expect(ownersOf(roleFacts({ account: owned, tags: { owner: "platform@example.com" } }), settings)).toEqual([
    "platform@example.com",
  ]);
});

test("a key belongs to whom its user belongs to", () => {
  expect(ownersOf(accessKeyFacts({ account: owned, userTags: { owner: "alice" } }), settings)).toEqual([
    "alice",
    "platform@example.com",
  ]);
});

test("root has the account's owner", () => {
  expect(ownersOf(rootFacts({ account: owned, accessKeysPresent: known(true) }), settings)).toEqual([
    "platform@example.com",
  ]);
});

test("whoever tags a principal cannot take the account's owner off", () => {
  for (const owner of ["", " ", "nobody", "x".repeat(256), "platform@example.com\u200b"])
    expect(ownersOf(userFacts({ account: owned, tags: { owner } }), settings)).toContain("platform@example.com");
});

test.each([
  ["no tag is named", { owners: {} }, { owner: "alice" }],
  ["the tag is not there", settings, { Owner: "alice" }],
  ["the tag is empty", settings, { owner: "" }],
  ["the tag is named like what every object has", { owners: { principalTag: "constructor" } }, {}],
  ["the value is longer than a tag's", settings, { owner: "x".repeat(257) }],
])("nobody owns a principal where %s", (_, from, tags) => {
  expect(ownersOf(userFacts({ tags }), from)).toEqual([]);
});
