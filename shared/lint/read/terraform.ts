import { unresolved } from "../../cloudformation/unresolved.ts";
import { SourceError } from "../../text/source-error.ts";
import type { Declaration, Reading } from "../declarations.ts";
import type { Source } from "../source/source.ts";
import { createFields, isRecord } from "./fields.ts";
import { type ArnsWithin, createDataDocuments } from "./terraform-documents.ts";
import { plannedPrincipalArn } from "./terraform-names.ts";
import type { PlannedChange, PlannedResource } from "./terraform-plan.ts";
import { createReferences, type Reference } from "./terraform-references.ts";
import { readResource } from "./terraform-resources.ts";

/** What `terraform show -json` writes of a plan, or of a state. */
export const isPlan = (value: unknown): value is Readonly<Record<string, unknown>> =>
  isRecord(value) &&
  typeof value.format_version === "string" &&
  (isRecord(value.planned_values) || isRecord(value.values));

/**
 * What a Terraform plan declares. What a plan does not know yet (the ARN of a role that is not made) is found again through the
 * plan's configuration, which says which resource it comes from.
 */
export const readPlan = (source: Source, accountId: string): Reading => {
  const { value, positions } = source;
  if (!isPlan(value))
    throw new SourceError(0, "this is neither a plan nor a state; write it with terraform show -json");
  // A new minor version adds to the format, a new major one changes it.
  if (!/^[01]\./.test(String(value.format_version)))
    throw new SourceError(
      positions.at(value, "format_version")?.start ?? 0,
      `format_version is ${JSON.stringify(value.format_version)}, and only 0 and 1 are known here: the plan may mean something else`,
    );
  const problems: { offset: number; message: string }[] = [];
  const isDeferred = value.complete === false && value.errored !== true;
  if (value.errored === true)
    problems.push({ offset: 0, message: "the plan is not whole: planning failed, and what came after is not in it" });
  const declarations: Declaration[] = [];

  const changes = changesOf(value.resource_changes);
  const resources = new Map<string, PlannedResource>();
  const { root_module: root } = isRecord(value.planned_values) ? value.planned_values : Object(value.values);
  for (const resource of resourcesUnder(root)) {
    const { address, mode, type } = resource;
    if (mode !== "managed" || typeof address !== "string" || typeof type !== "string") continue;
    // Terraform leaves them out where it knows none of them yet.
    const values = isRecord(resource.values) ? resource.values : {};
    const at = positions.of(resource) ?? { start: 0, end: 0 };
    const unknown = changes.get(address)?.unknown ?? {};
    resources.set(address, { address, type, values, at, unknown });
  }

  const references = createReferences(value.configuration, [...resources.keys(), ...changes.keys()]);
  const arnsWithin: ArnsWithin = (...place) =>
    references.within(...place).flatMap(({ addresses, attribute }) => {
      const [only, ...others] = addresses.flatMap((address) => resources.get(address) ?? []);
      const isNew = only?.unknown.arn === true && attribute === "arn" && others.length === 0;
      return isNew ? (plannedPrincipalArn(only, accountId) ?? []) : [];
    });
  const documents = createDataDocuments(source, changes, arnsWithin);
  for (const resource of resources.values()) {
    const { address, type, values, at } = resource;
    const isUnknown = (key: string): string | undefined =>
      resource.unknown[key] === true ? unresolved(`${address}.${key}`) : undefined;
    const referenceOf = (key: string): Reference | undefined =>
      isUnknown(key) === undefined ? undefined : references.of(address, key);
    const own = {
      referenceOf,
      referencesOf: (key: string) => references.within(address, [key], values),
      isConfigured: (key: string) => references.isConfigured(address, key),
    };
    try {
      const fields = createFields(source, values, at, isUnknown);
      declarations.push(...readResource({ type, address, at, fields, ...own, resources, documents, accountId }));
    } catch (error) {
      const offset = error instanceof SourceError ? error.offset : at.start;
      problems.push({ offset, message: `${address}: ${error instanceof Error ? error.message : String(error)}` });
    }
  }
  const deferred = {
    address: "",
    at: { start: 0, end: 0 },
    why: "Terraform put off a part of the plan, which it does not show",
  };
  return { declarations, nested: [], unread: isDeferred ? [deferred] : [], problems };
};

function* resourcesUnder(module: unknown): Generator<Readonly<Record<string, unknown>>> {
  if (!isRecord(module)) return;
  if (Array.isArray(module.resources)) yield* module.resources.filter(isRecord);
  if (Array.isArray(module.child_modules)) for (const child of module.child_modules) yield* resourcesUnder(child);
}

/** By address, data sources that are read at apply included. */
const changesOf = (value: unknown): ReadonlyMap<string, PlannedChange> => {
  const changes = new Map<string, PlannedChange>();
  for (const one of Array.isArray(value) ? value : []) {
    if (!isRecord(one) || typeof one.address !== "string" || !isRecord(one.change)) continue;
    const { after, after_unknown: unknown } = one.change;
    changes.set(one.address, {
      type: String(one.type),
      after: isRecord(after) ? after : {},
      unknown: isRecord(unknown) ? unknown : {},
    });
  }
  return changes;
};
