import { expect, test } from "vitest";
import { findingId } from "../../shared/findings/finding.ts";

const idOf = (name: string, accessKeyId?: string): string =>
  findingId("111122223333", "console-user-without-mfa", {
    kind: accessKeyId ? "accessKey" : "user",
    name,
    accessKeyId,
  });

test("is 128 bits: who may choose names cannot find two that share an id", () => {
  expect(idOf("alice")).toMatch(/^[0-9a-f]{32}$/);
});

test("is another one for another account, control, subject, or split of a name", () => {
  const alice = { kind: "user", name: "alice" } as const;
  const ids = [
    idOf("alice"),
    findingId("111122223334", "console-user-without-mfa", alice),
    findingId("111122223333", "stale-access-key", alice),
    findingId("111122223333", "console-user-without-mfa", { ...alice, kind: "role" }),
    idOf("a", "b/c"),
    idOf("a", "bc"),
    idOf('alice"]'),
    idOf("Alice"),
  ];
  expect(new Set(ids).size).toBe(ids.length);
});
