import type { SlotState } from "../remediation/remediation.ts";
import { contentOf } from "../remediation/standing.ts";

/**
 * What a step changes inside of what stands at its slot, a field each: `minimumLength: 8 → 14`. Empty for slots that hold
 * nothing but one value, which the step's own words name.
 */
export const changesOf = (before: SlotState, after: SlotState): readonly string[] => {
  const [from, to] = [fieldsOf(inside(before)), fieldsOf(inside(after))];
  return [...new Set([...from.keys(), ...to.keys()])].flatMap((field) =>
    from.get(field) === to.get(field) ? [] : [`${field}: ${from.get(field) ?? "none"} → ${to.get(field) ?? "none"}`],
  );
};

const inside = (state: SlotState): unknown => {
  if (state.kind === "passwordPolicy") return state.policy ?? {};
  return state.kind === "trustPolicy" ? contentOf(state.document) : {};
};

/** Every value in it that holds no others, as JSON, by its place. */
const fieldsOf = (value: unknown, place = ""): ReadonlyMap<string, string> => {
  if (typeof value !== "object" || value === null)
    return new Map(value === null ? [] : [[place, JSON.stringify(value)]]);
  const entries = Array.isArray(value)
    ? value.map((one, index) => [`${place}[${index}]`, one] as const)
    : Object.entries(value).map(([name, one]) => [place === "" ? name : `${place}.${name}`, one] as const);
  return new Map(entries.flatMap(([at, one]) => [...fieldsOf(one, at)]));
};
