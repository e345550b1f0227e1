import type { Settings } from "../settings/settings.ts";
import type { AccountRef } from "../subject.ts";
import type { AnyFacts } from "./facts.ts";

/** Longer than any tag value. */
const longestOwner = 256;

/**
 * Who is responsible for a subject, by the tags that the settings name: the principal's own, then the account's. They say
 * whom a reminder reaches besides all others; whoever tags a principal hides nothing from the account's owner.
 */
export const ownersOf = (facts: AnyFacts, { owners }: Pick<Settings, "owners">): readonly string[] => {
  const { principalTag } = owners;
  const tags = tagsOf(facts);
  const own = principalTag !== undefined && Object.hasOwn(tags, principalTag) ? tags[principalTag] : undefined;
  return [...listed(own), ...ownersOfAccount(facts.account)].filter(
    (owner, index, all) => all.indexOf(owner) === index,
  );
};

/** Who is responsible for an account as a whole, and so for what its root does. */
export const ownersOfAccount = ({ owner }: Pick<AccountRef, "owner">): readonly string[] => listed(owner);

const listed = (owner: string | undefined): readonly string[] =>
  owner === undefined || owner === "" || owner.length > longestOwner ? [] : [owner];

const tagsOf = (facts: AnyFacts): Readonly<Partial<Record<string, string>>> => {
  switch (facts.kind) {
    case "user":
    case "role":
      return facts.tags;
    case "accessKey":
      return facts.userTags;
    case "oidcProvider":
      return facts.tags;
    default:
      return {};
  }
};
