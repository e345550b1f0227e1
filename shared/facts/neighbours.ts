import { type AnyFacts, known, type Neighbour, type Neighbours, unknownFact } from "./facts.ts";

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
