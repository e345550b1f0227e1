import { nameOfArn, parseArn } from "../aws/arn.ts";
import { type Fact, known, type Neighbour, type Neighbours, unknownFact } from "./facts.ts";
import type { LiveReader } from "./readers.ts";

/** Some calls each: whoever names more is left to the sweep, which has read them all. */
const readAtMost = 10;

/** Notes who is asked for, of whom nothing is known yet. */
export const createAskedNeighbours = (): { readonly neighbours: Neighbours; readonly asked: ReadonlySet<string> } => {
  const asked = new Set<string>();
  return {
    asked,
    neighbours: (arn) => {
      asked.add(arn);
      return unknownFact("it was not read yet");
    },
  };
};

/** Reads users, roles and groups of the account live, those first that were asked for first. */
export const readNeighbours = async (reader: LiveReader, arns: Iterable<string>): Promise<Neighbours> => {
  const read = new Map<string, Fact<Neighbour | undefined>>();
  for (const arn of [...arns].slice(0, readAtMost)) read.set(arn, known(await readOne(reader, arn)));
  return (arn) =>
    read.get(arn) ??
    unknownFact(`more than ${readAtMost} users, roles and groups are named: only the sweep reads them all`);
};

const readOne = async (reader: LiveReader, arn: string): Promise<Neighbour | undefined> => {
  const { resource } = parseArn(arn);
  const name = nameOfArn(arn);
  const found = resource.startsWith("role/")
    ? await reader.role(name, { policies: true })
    : resource.startsWith("user/")
      ? await reader.user(name, { policies: true })
      : await reader.other("group", name);
  // Names are unique whatever the path; a policy that names another path names nobody.
  return (found?.kind === "role" || found?.kind === "user" || found?.kind === "group") && found.arn === arn
    ? found
    : undefined;
};
