import {
  type AnyFacts,
  type Fact,
  type GroupFacts,
  known,
  type RoleFacts,
  type UserFacts,
  unknownFact,
} from "./facts.ts";

/** What policies can name that has permissions, or gives some to its members. */
export type Neighbour = UserFacts | RoleFacts | GroupFacts;

/** Looks up another user, role or group of the account by its ARN; `undefined` if there is none. */
export type Neighbours = (arn: string) => Fact<Neighbour | undefined>;

/** Of whom nothing was read. */
export const neighboursNotRead: Neighbours = () =>
  unknownFact("the other users, roles and groups of the account were not read");

/** All that there are, so that whoever is not among them does not exist. */
export const neighboursIn = (all: Iterable<AnyFacts>): Neighbours => {
  const byArn = new Map<string, Neighbour>();
  for (const facts of all)
    if (facts.kind === "user" || facts.kind === "role" || facts.kind === "group") byArn.set(facts.arn, facts);
  return (arn) => known(byArn.get(arn));
};
