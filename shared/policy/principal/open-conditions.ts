import { negations, parseOperator } from "../language/condition.ts";
import type { ConditionBlock } from "../language/document.ts";
import type { Answer } from "./answer.ts";

// Of conditions on what an identity may do: those of a trust policy say who may come in, and are another matter (`confinement.ts`).

/** What callers say of themselves as they like, or every call has. */
const saysNothing: ReadonlySet<string> = new Set(["aws:referer", "aws:securetransport", "aws:useragent"]);

/** Every request has them, so that `IfExists` changes nothing. */
const alwaysThere: ReadonlySet<string> = new Set([
  "aws:currenttime",
  "aws:epochtime",
  "aws:principalaccount",
  "aws:principalarn",
  "aws:principaltype",
  "aws:requestedregion",
]);

/** Blocks of addresses this large are a part of the internet that anybody can call from. */
const isPublicBlock = (block: string): boolean => {
  const [address = "", length] = block.split("/");
  if (length === undefined) return false;
  return Number(length) < (address.includes(":") ? 32 : 8);
};

const confines = (operator: string, key: string, values: readonly string[]): boolean => {
  const { set, name, ifExists } = parseOperator(operator);
  const lower = key.toLowerCase();
  if (name === "null") return lower === "aws:multifactorauthage" && values.every((value) => /^false$/i.test(value));
  if (Object.hasOwn(negations, name) && set !== "foranyvalue") return false;
  if ((ifExists || set === "forallvalues") && !alwaysThere.has(lower)) return false;
  if (saysNothing.has(lower)) return false;
  if (name === "ipaddress") return !values.some(isPublicBlock);
  if (name === "bool" && lower === "aws:multifactorauthpresent") return !values.some((value) => /^false$/i.test(value));
  const arePatterns = name === "stringlike" || name.startsWith("arn");
  return !(arePatterns && values.some((value) => /^[*?]*$/.test(value) || /^arn(?::\*){4,}$/.test(value)));
};

/**
 * Whether conditions of an Allow narrow what it gives: not those that leave out some values and let through all others, that are
 * true where their key is absent, that match whatever is there, or whose value the caller chooses.
 */
export const narrows = (conditions: ConditionBlock): boolean =>
  Object.entries(conditions).some(([operator, keys]) =>
    Object.entries(keys).some(([key, values]) => confines(operator, key, values)),
  );

/**
 * Whether something can be done by whoever just tries: the answer is yes, or conditional on nothing that narrows. In each layer one
 * statement has to let it through.
 */
export const isOpen = ({ decision, confinedBy }: Pick<Answer, "decision" | "confinedBy">): boolean => {
  if (decision !== "conditional") return decision === "yes";
  const layers = Map.groupBy(confinedBy, ({ layer, node }) => `${layer} ${node ?? ""}`);
  return (
    layers.size > 0 &&
    [...layers.values()].every((all) => all.some(({ conditions, isPartial }) => !isPartial && !narrows(conditions)))
  );
};
