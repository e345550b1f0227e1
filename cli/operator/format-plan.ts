import type { Plan } from "../../shared/operator/dry-run.ts";
import { visibleText } from "../../shared/visible-text.ts";
import { renderTable } from "../table.ts";
import { accountWords, stopWords, subjectWords } from "./words.ts";

/** What would be done about a finding, what stops that, what it would cut off, and what an approval names. */
const formatPlan = (plan: Plan, width: number): string => {
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
    ...holds.map((hold) => ["stopped by", `${stopWords(hold.interlock)}: ${visibleText(hold.why)}`] as const),
    ...losses.map((loss) => ["cuts off", visibleText(lossWords(loss))] as const),
    ...(dueAt === undefined ? [] : [["ladder", `comes to it at ${dueAt}`] as const]),
    ...(digest === undefined ? [] : [["digest", digest] as const]),
    ...(stage === "final" ? [["stage", "final: the ladder's last step"] as const] : []),
  ];
  return renderTable(["FINDING", finding.id], rows, width);
};

/** What would stop a repair is not what the status `held` means. */
const legend =
  "stopped by: what would stop the repair if it began now.\n" +
  "(That a finding's status is held means more: its repair was due, and was stopped.)\n";

/** For people: plan after plan, and below them what is not plain by itself. */
export const formatPlans = (plans: readonly Plan[], width: number): string => {
  const isStopped = plans.some(({ holds }) => holds.length > 0);
  return [...plans.map((plan) => formatPlan(plan, width)), ...(isStopped ? [legend] : [])].join("\n");
};

/** For people: what becomes of several plans, in one line; by what they are stopped, most often first. */
export const formatPlanSum = (plans: readonly Plan[]): string => {
  const ready = plans.filter(({ outcome }) => outcome === "ready");
  const stopped = ready.filter(({ holds }) => holds.length > 0);
  const stops = Map.groupBy(
    stopped.flatMap(({ holds }) => holds.map(({ interlock }) => interlock)),
    (interlock) => interlock,
  );
  const by = [...stops]
    .sort(([, a], [, b]) => b.length - a.length)
    .map(([name, { length }]) => `${stopWords(name)} ${length}`);
  const parts = [
    `${ready.length - stopped.length} would be repaired now`,
    `${stopped.length} stopped${by.length === 0 ? "" : ` (${by.join(", ")})`}`,
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
