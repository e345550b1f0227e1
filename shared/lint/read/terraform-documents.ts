import { unresolved } from "../../cloudformation/unresolved.ts";
import { known } from "../../facts/facts.ts";
import type { Document, Source } from "../source/source.ts";
import { notYet } from "../unstated.ts";
import { isRecord, textOf } from "./fields.ts";
import type { PlannedChange } from "./terraform-plan.ts";

/** The ARNs that values of an argument will have, of resources that are not made yet. `path`: see `References.within`. */
export type ArnsWithin = (address: string, path: readonly (string | number)[], values: unknown) => readonly string[];

/**
 * The policy documents of `aws_iam_policy_document` data sources that Terraform reads at apply, because something in them is not
 * known before: everything else in them is. What is not known stands as a text that names it.
 */
export const createDataDocuments =
  (
    source: Source,
    changes: ReadonlyMap<string, PlannedChange>,
    arnsWithin: ArnsWithin,
  ): ((address: string) => Document | undefined) =>
  (address) => {
    const change = changes.get(address);
    if (change?.type !== "aws_iam_policy_document") return undefined;
    const { after, unknown } = change;
    const { statement: blocks } = after;
    const at = source.positions.of(after) ?? { start: 0, end: 0 };
    const merged = ["source_policy_documents", "override_policy_documents", "source_json", "override_json"];
    if (merged.some((key) => isPresent(after[key]) || unknown[key] === true))
      return { content: notYet(`${address}, which is merged of others,`), at };
    if (!Array.isArray(blocks) || unknown.statement === true) return { content: notYet(address), at };
    const statements = blocks.filter(isRecord).map((block, index) => {
      const missing = Array.isArray(unknown.statement) ? unknown.statement[index] : undefined;
      const statement = statementOf(block, isRecord(missing) ? missing : {}, {
        placeholder: unresolved(address),
        arnsWithin: (...path) => arnsWithin(address, ["statement", index, ...path], after),
      });
      source.positions.copy(block, statement);
      return statement;
    });
    return { content: known({ Version: textOf(after.version) ?? "2012-10-17", Statement: statements }), at };
  };

const isPresent = (value: unknown): boolean =>
  Array.isArray(value) ? value.length > 0 : value !== null && value !== undefined;

type Block = Readonly<Record<string, unknown>>;

interface Unknowns {
  /** What stands for a value that nobody knows yet. */
  readonly placeholder: string;
  arnsWithin(...path: readonly (string | number)[]): readonly string[];
}

/** A block of the data source as the statement that the provider makes of it. */
const statementOf = (block: Block, unknown: Block, { placeholder, arnsWithin }: Unknowns): Block => {
  const texts = (key: string, of: Block = block, missing: Block = unknown): readonly string[] | undefined => {
    if (missing[key] === true) return [placeholder];
    const found = of[key];
    if (!Array.isArray(found) || found.length === 0) return undefined;
    return found.map((item) => textOf(item) ?? placeholder);
  };
  const each = (key: string): readonly (readonly [block: Block, unknown: Block, index: number])[] => {
    const missing = unknown[key];
    const found = block[key];
    return (Array.isArray(found) ? found : []).flatMap((one, index) => {
      const own = Array.isArray(missing) ? missing[index] : undefined;
      return isRecord(one) ? [[one, isRecord(own) ? own : {}, index] as const] : [];
    });
  };
  /** Where as many are not known as resources are named, they are those: identifiers have no order. */
  const identifiers = (key: string, [one, missing, index]: ReturnType<typeof each>[number]): readonly string[] => {
    const found = texts("identifiers", one, missing) ?? [];
    const arns = arnsWithin(key, index, "identifiers");
    if (found.filter((name) => name === placeholder).length !== arns.length) return found;
    const left = [...arns];
    return found.map((name) => (name === placeholder ? (left.shift() ?? name) : name));
  };
  const principals = (key: string): unknown => {
    const found = each(key);
    if (unknown[key] === true) return { AWS: placeholder };
    if (found.length === 0) return undefined;
    const named = found.map((each) => [textOf(each[0].type) ?? placeholder, identifiers(key, each)] as const);
    if (named.some(([type]) => type === "*")) return "*";
    return Object.fromEntries(
      [...Map.groupBy(named, ([type]) => type)].map(([type, all]) => [type, all.flatMap(([, ids]) => ids)]),
    );
  };
  const conditions = new Map<string, Map<string, readonly string[]>>();
  for (const [one, missing] of each("condition")) {
    const operator = textOf(one.test) ?? placeholder;
    const keys = conditions.get(operator) ?? new Map<string, readonly string[]>();
    conditions.set(operator, keys.set(textOf(one.variable) ?? placeholder, texts("values", one, missing) ?? []));
  }
  const elements = {
    Sid: textOf(block.sid),
    Effect: textOf(block.effect) ?? "Allow",
    ...{ Action: texts("actions"), NotAction: texts("not_actions") },
    ...{ Resource: texts("resources"), NotResource: texts("not_resources") },
    ...{ Principal: principals("principals"), NotPrincipal: principals("not_principals") },
    Condition:
      conditions.size > 0
        ? Object.fromEntries([...conditions].map(([operator, keys]) => [operator, Object.fromEntries(keys)]))
        : undefined,
  };
  return Object.fromEntries(Object.entries(elements).filter(([, value]) => value !== undefined));
};
