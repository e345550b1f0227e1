import type { Plan } from "../../shared/operator/dry-run.ts";
import { visibleText } from "../../shared/visible-text.ts";
import { renderTable } from "../table.ts";
import { accountWords, subjectWords } from "./words.ts";

/** For people: what would be done about a finding, what holds it, what it would cut off, and what an approval names. */
export const formatPlan = (plan: Plan, width: number): string => {
  const { finding, outcome, why, stage, steps, holds, losses, dueAt, digest } = plan;
  const rows: (readonly [string, string])[] = [
    ["about", visibleText(`${finding.severity} ${finding.control}: ${finding.reason}`)],
    ["where", `${subjectWords(finding.subject)} in ${accountWords(finding.account)}`],
    ...steps.flatMap(({ does, changes = [], touches, undo, irreversible }) => [
      ["would", visibleText(`It ${does}.`)] as const,
      ...changes.map((change) => ["changes", visibleText(change)] as const),
      ...(touches === undefined ? [] : [["touches", visibleText(touches)] as const]),
      ["undo", visibleText(undo === undefined ? (irreversible ?? "Nothing undoes it.") : `It ${undo}.`)] as const,
    ]),
    ...(outcome === "ready" ? [] : [["would", `Nothing: ${visibleText(why ?? outcomes[outcome])}`] as const]),
    ...holds.map((hold) => ["held", visibleText(`${hold.interlock}: ${hold.why}`)] as const),
    ...losses.map((loss) => ["cuts off", visibleText(lossWords(loss))] as const),
    ...(dueAt === undefined ? [] : [["ladder", `comes to it at ${dueAt}`] as const]),
    ...(digest === undefined ? [] : [["digest", digest] as const]),
    ...(stage === "final" ? [["stage", "final: the ladder's last step"] as const] : []),
  ];
  return renderTable(["FINDING", finding.id], rows, width);
};

/** For people: what becomes of several plans, in one line; by whom they are held, most often first. */
export const formatPlanSum = (plans: readonly Plan[]): string => {
  const ready = plans.filter(({ outcome }) => outcome === "ready");
  const held = ready.filter(({ holds }) => holds.length > 0);
  const holders = Map.groupBy(
    held.flatMap(({ holds }) => holds.map(({ interlock }) => interlock)),
    (interlock) => interlock,
  );
  const by = [...holders].sort(([, a], [, b]) => b.length - a.length).map(([name, { length }]) => `${name} ${length}`);
  const parts = [
    `${ready.length - held.length} would be repaired now`,
    `${held.length} held${by.length === 0 ? "" : ` (${by.join(", ")})`}`,
    `${plans.length - ready.length} without a plan`,
  ];
  return `${plans.length} ${plans.length === 1 ? "finding" : "findings"}: ${parts.join("; ")}\n`;
};

const outcomes = {
  inForce: "a repair stands",
  notViolating: "it does not violate any more",
  none: "there is no plan",
  unknown: "it cannot be found out just now",
} as const;

const lossWords = ({ service, action, lastUsedAt, region, untold }: Plan["losses"][number]): string => {
  const name = action === undefined ? service : `${service}:${action}`;
  const where = region === undefined ? "" : ` in ${region}`;
  return `${name}${untold === undefined ? "" : " perhaps"}, last used ${lastUsedAt}${where}${untold === undefined ? "" : `: ${untold}`}`;
};
