import { expect, it } from "vitest";
import { unheardUse } from "../../../../shared/controls/terms/root/unheard-root.ts";
import { known, unknownFact } from "../../../../shared/facts/facts.ts";
import { daysAgo, denied, now, rootFacts } from "../../../support/facts.ts";

const minutesAgo = (minutes: number): Date => new Date(now.getTime() - minutes * 60_000);
const key = (lastUsedAt: Date | null) => ({
  active: true,
  createdAt: known(daysAgo(9)),
  lastUsedAt: known(lastUsedAt),
});

const unheard = (over: Parameters<typeof rootFacts>[0], lastUseAt?: Date, since = daysAgo(5)) => {
  const use = unheardUse(rootFacts(over), { lastUseAt, since, now });
  return use && { credential: use.evidence.credential, usedAt: use.usedAt };
};

it.each([
  ["the password", { passwordLastUsedAt: known(minutesAgo(90)) }, undefined, "password", 90],
  ["a key", { accessKeys: known([key(null), key(minutesAgo(200))]) }, undefined, "access key", 200],
  [
    "the later of both",
    { passwordLastUsedAt: known(minutesAgo(300)), accessKeys: known([key(minutesAgo(200))]) },
    undefined,
    "access key",
    200,
  ],
  [
    "what is known, where the rest is not",
    { passwordLastUsedAt: known(minutesAgo(90)), accessKeys: denied("iam:GetCredentialReport") },
    undefined,
    "password",
    90,
  ],
  ["what is 61 minutes after the last record", { passwordLastUsedAt: known(minutesAgo(90)) }, 151, "password", 90],
])("a use without record is told of %s", (_, facts, heard, credential, minutes) => {
  const lastUseAt = heard === undefined ? undefined : minutesAgo(heard);
  expect(unheard(facts, lastUseAt)).toEqual({ credential, usedAt: minutesAgo(minutes) });
});

it.each([
  ["where root was never used", {}, undefined],
  ["where nobody can say", { passwordLastUsedAt: unknownFact("no row"), accessKeys: unknownFact("no row") }, undefined],
  ["an hour after the last record", { passwordLastUsedAt: known(minutesAgo(90)) }, minutesAgo(150)],
  ["where root was heard at work since", { passwordLastUsedAt: known(minutesAgo(90)) }, minutesAgo(80)],
  ["while the record may be on its way", { passwordLastUsedAt: known(minutesAgo(60)) }, undefined],
  ["of the time before anybody listened", { passwordLastUsedAt: known(daysAgo(6)) }, undefined],
])("nothing is told %s", (_, facts, lastUseAt) => {
  expect(unheard(facts, lastUseAt)).toBeUndefined();
});
