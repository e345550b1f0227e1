import { describe, expect, it } from "vitest";
import type {
  EvaluationContext,
  Evidence,
  RepairContext,
  RoleExclusions,
  Severity,
  StateControl,
  Verdict,
} from "../../shared/control.ts";
import { controlById } from "../../shared/controls/catalogue.ts";
import type { Fact, FactsByKind, Neighbours } from "../../shared/facts/facts.ts";
import { neighboursIn } from "../../shared/facts/neighbours.ts";
import type { OrganizationView } from "../../shared/organization/view.ts";
import { type AnyPlan, type WriteName, writesOf } from "../../shared/remediation/step.ts";
import type { SubjectKind } from "../../shared/subject.ts";
import { describeRepair, type RepairCase } from "./describe-repair.ts";
import { account, now, organization } from "./facts.ts";
import { type Read, recordCredentials } from "./record-credentials.ts";

/** One row of a control's table: the facts it judges and, where the row needs other ones, options and exclusions. */
interface Row<Facts, Options> {
  readonly facts: Facts;
  readonly options?: Partial<Options>;
  readonly excludedRoles?: Partial<RoleExclusions>;
  /** Absent: `organization`, of which the account is a member that no service control policy limits. */
  readonly organization?: Fact<OrganizationView>;
  /** Absent: there is nobody else in the account. */
  readonly neighbours?: Neighbours;
  /** What is special about repairing it; `unreal` says why no account can be in that state. */
  readonly repair?: { readonly context?: Partial<RepairContext>; readonly held?: string; readonly unreal?: string };
}
type WithReason<R> = R & { readonly reason: string };

interface Table<Facts, Options> {
  /** `severity` where it is not the control's own. */
  readonly violates: Readonly<
    Record<string, WithReason<Row<Facts, Options>> & { readonly evidence: Evidence; readonly severity?: Severity }>
  >;
  readonly complies: Readonly<Record<string, Row<Facts, Options>>>;
  readonly notApplicable?: Readonly<Record<string, WithReason<Row<Facts, Options>>>>;
  /** `cause` where it is not what follows the reason's first colon. */
  readonly unknown?: Readonly<Record<string, WithReason<Row<Facts, Options>> & { readonly cause?: string }>>;
}

/** The same JSON-like value with every object's keys in the opposite order. */
const reorder = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(reorder);
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  const entries = Object.entries(value).reverse();
  return Object.fromEntries(entries.map(([key, item]) => [key, reorder(item)]));
};

const freeze = <T>(value: T): T => {
  if (typeof value === "object" && value !== null && !(value instanceof Date)) {
    Object.freeze(value);
    for (const item of Object.values(value)) freeze(item);
  }
  return value;
};

const contextOf = <Options>(
  control: { readonly options: StateControl<SubjectKind, Options>["options"] },
  row: Row<unknown, Options>,
): EvaluationContext<Options> => ({
  now,
  options: control.options.parse(row.options ?? {}),
  excludedRoles: { names: [], paths: [], tags: {}, trustTags: false, ...row.excludedRoles },
  organization: row.organization ?? organization,
  neighbours: row.neighbours ?? neighboursIn([]),
});

/** An account where nothing holds a plan up. */
const repairable: RepairContext = {
  boundaryArn: `arn:aws:iam::${account.id}:policy/TeamBoundary`,
  centralRootAccess: true,
};

/**
 * Tests a state control by a table. Each row's verdict is compared byte by byte (reason, evidence and its key order), on
 * frozen facts, twice, and with the facts' keys in another order. The control is held to its `credentials`: those declared
 * are those that the rows make it read. A control with a repair is held to its `writes`, and each row that violates is
 * repaired and undone on a sandbox (`describeRepair`).
 */
export const describeControl = <K extends SubjectKind, Options>(
  control: StateControl<K, Options>,
  table: Table<FactsByKind[K], Options>,
): void => {
  const check = (row: Row<FactsByKind[K], Options>, expected: Verdict): void => {
    const context = freeze(contextOf(control, row));
    const facts = freeze(structuredClone(row.facts));
    const verdict = control.evaluate(facts, context);
    expect(verdict).toEqual(expected);
    expect(JSON.stringify(verdict)).toBe(JSON.stringify(expected));
    expect(JSON.stringify(control.evaluate(facts, context))).toBe(JSON.stringify(expected));
    const reordered = reorder(facts) as FactsByKind[K];
    expect(JSON.stringify(control.evaluate(reordered, context))).toBe(JSON.stringify(expected));
  };

  describe(control.id, () => {
    describe("violates", () => {
      for (const [name, row] of Object.entries(table.violates)) {
        const { reason, evidence, severity } = row;
        it(name, () => check(row, { outcome: "violation", reason, evidence, ...(severity && { severity }) }));
      }
    });
    describe("complies", () => {
      for (const [name, row] of Object.entries(table.complies)) it(name, () => check(row, { outcome: "compliant" }));
    });
    const notApplicable = Object.entries(table.notApplicable ?? {});
    describe.skipIf(notApplicable.length === 0)("notApplicable", () => {
      for (const [name, row] of notApplicable) {
        it(name, () => check(row, { outcome: "notApplicable", reason: row.reason }));
      }
    });
    const unknown = Object.entries(table.unknown ?? {});
    describe.skipIf(unknown.length === 0)("unknown", () => {
      for (const [name, { reason, cause: own, ...row }] of unknown) {
        const [, cause = "none"] = own === undefined ? reason.split(/: (.*)/) : [reason, own];
        it(name, () => check(row, { outcome: "unknown", reason, cause }));
      }
    });
    it("has a row that violates and one that complies", () => {
      expect(Object.keys(table.violates)).not.toEqual([]);
      expect(Object.keys(table.complies)).not.toEqual([]);
    });
    it("declares the credentials and policies that it reads, and no others", () => {
      const read = new Set<Read>();
      for (const rows of [table.violates, table.complies, table.notApplicable, table.unknown]) {
        for (const row of Object.values<Row<FactsByKind[K], Options>>(rows ?? {})) {
          control.evaluate(recordCredentials(structuredClone(row.facts), read), contextOf(control, row));
        }
      }
      expect([...read].sort()).toEqual(
        [
          ...control.credentials,
          ...(control.consoleUsers ? ["consoleUsers"] : []),
          ...(control.policies ? ["policies"] : []),
        ].sort(),
      );
    });
    const { repair } = control;
    if (!repair) return;
    it("plans the same each time, without touching the facts, and uses every write that it declares", () => {
      const used = new Set<WriteName>();
      const planned = (row: Row<FactsByKind[K], Options>, plan: typeof repair.plan): void => {
        const context = freeze({ ...contextOf(control, row), repair: repairable, findingId: "f".repeat(32) });
        const facts = freeze(structuredClone(row.facts));
        const made: AnyPlan = plan(facts, context);
        expect(plan(facts, context)).toEqual(made);
        if ("held" in made) expect(made.held).toMatch(/^[A-Z].+\.$/);
        else for (const write of made.steps.flatMap(writesOf)) used.add(write);
      };
      for (const row of Object.values(table.violates)) planned(row, repair.plan);
      if (repair.finalPlan) for (const row of Object.values(table.notApplicable ?? {})) planned(row, repair.finalPlan);
      expect([...used].sort()).toEqual(repair.writes);
    });
    const registered = controlById(control.id);
    if (registered?.type !== "state") throw new Error(`${control.id} is not in the catalogue`);
    const cases = Object.entries(table.violates).flatMap(([name, row]): (readonly [string, RepairCase])[] => {
      const { context, held, unreal } = row.repair ?? {};
      if (unreal !== undefined) return [];
      const { options, ...of } = contextOf(control, row);
      // The row's options were parsed by the control's own schema, as the settings' are.
      const planned = { ...of, options: options as never, repair: { ...repairable, ...context } };
      return [[name, { facts: row.facts, context: planned, ...(held !== undefined && { held }) }]];
    });
    describeRepair(registered, Object.fromEntries(cases));
  });
};
