import type { SlotState } from "../remediation/remediation.ts";

/**
 * What a step changes inside of what stands at its slot, a field each: `minimumLength: 8 → 14`. Empty for slots that hold
 * nothing but one value, which the step's own words name.
 */
export const changesOf = (before: SlotState, after: SlotState): readonly string[] => {
  const [from, to] = [fieldsOf(contentOf(before)), fieldsOf(contentOf(after))];
  return [...new Set([...from.keys(), ...to.keys()])].flatMap((field) =>
    from.get(field) === to.get(field)
      ? []
      : [`${field}: ${from.get(field) ?? "nothing"} → ${to.get(field) ?? "nothing"}`],
  );
};

const contentOf = (state: SlotState): unknown => (state.kind === "passwordPolicy" ? (state.policy ?? {}) : {});

/** Every value in it that holds no others, as JSON, by its place. */
const fieldsOf = (value: unknown, place = ""): ReadonlyMap<string, string> => {
  if (typeof value !== "object" || value === null) return new Map([[place, JSON.stringify(value)]]);
  const inside = Array.isArray(value)
    ? value.map((one, index) => [`${place}[${index}]`, one] as const)
    : Object.entries(value).map(([name, one]) => [place === "" ? name : `${place}.${name}`, one] as const);
  return new Map(inside.flatMap(([at, one]) => [...fieldsOf(one, at)]));
};
