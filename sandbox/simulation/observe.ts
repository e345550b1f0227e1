import { messageOf, VersionConflictError, WardenError } from "../../shared/errors.ts";
import type { Finding } from "../../shared/findings/finding.ts";
import { type Remediation, whyUnderWay } from "../../shared/remediation/remediation.ts";
import type { Settings } from "../../shared/settings/settings.ts";
import type { Call } from "../protocol/service.ts";
import type { AccountState } from "../state.ts";
import { type Engine, KilledError } from "./engine.ts";
import type { Observed } from "./record.ts";
import { imageOf, slotKey, slotOfCall } from "./slot-image.ts";
import type { Tables } from "./tables.ts";
import { trueOrganization } from "./true-organization.ts";
import { isViolating, trueAccounts } from "./truth.ts";
import { auditRole, functionRole, remediateRole, type SimulatedOrganization } from "./world.ts";

/** What the invariants want to know of; all but the last has to be told. */
const tellable = new Set(["opened", "reopened", "recurred", "escalated", "repaired", "failed", "exempted"]);

/** Tables that note what is written to them. */
export const observedTables = (
  tables: Tables,
  {
    engine,
    organization,
    observed,
    say,
  }: {
    readonly engine: Engine;
    readonly organization: SimulatedOrganization;
    readonly observed: Observed;
    readonly say: (line: string) => void;
  },
): Tables => {
  const noted = new Map<string, ReadonlySet<string>>();
  const noteConflict = (error: unknown): never => {
    if (error instanceof VersionConflictError) say(`    conflict: ${messageOf(error)}`);
    throw error;
  };

  const noteFinding = ({ id, history, ...finding }: Finding): void => {
    const { control, account, subject, status, version, outbox, repair } = finding;
    const pending = outbox.map(({ kind, delivery }) => `${kind} ${delivery}`).join(", ") || "nothing";
    const standing =
      repair === undefined
        ? ""
        : `, ${[repair.state, ...(repair.interlock ? [`by ${repair.interlock}: ${repair.why}`] : [])].join(" ")}`;
    const what = `${control} ${account.id} ${subject.kind} ${subject.name}: ${history.at(-1)?.what}`;
    say(`    ${id.slice(0, 8)} v${version} ${what}, ${status}${standing}; to tell: ${pending}`);
    const before = noted.get(id);
    noted.set(id, new Set(history.map((entry) => JSON.stringify(entry))));
    for (const entry of history) {
      if (!tellable.has(entry.what) || before?.has(JSON.stringify(entry))) continue;
      observed.news.push({ at: engine.now(), findingId: id, what: entry.what });
    }
  };

  const noteRemediation = (remediation: Remediation): void => {
    const { id, account, state, stage, steps } = remediation;
    say(`    ${id} ${stage} ${state} of ${remediation.control} ${remediation.subject.name}`);
    observed.remediations.push({ at: engine.now(), remediation });
    const there = organization.sandbox.state.accounts.get(account.id);
    if (state !== "undone" || there === undefined) return;
    for (const { step } of steps)
      observed.restored.push({
        at: engine.now(),
        remediationId: id,
        slot: slotKey(step.before),
        found: imageOf(there, step.before),
      });
  };

  return {
    ...tables,
    findings: {
      ...tables.findings,
      put: async (finding) => {
        await tables.findings.put(finding).catch(noteConflict);
        noteFinding(finding);
      },
    },
    remediations: {
      ...tables.remediations,
      put: async (remediation) => {
        await tables.remediations.put(remediation).catch(noteConflict);
        noteRemediation(remediation);
      },
    },
    exemptions: {
      ...tables.exemptions,
      put: async (exemption) => {
        await tables.exemptions.put(exemption).catch(noteConflict);
        observed.exemptions.push({ at: engine.now(), exemption });
      },
    },
  };
};

const ownRoles = new Set([auditRole, functionRole, remediateRole]);
const isRead = (operation: string): boolean => /^(?:Get|List|Simulate|Generate)/.test(operation);

/** Exactly the one write of the audit role: the mark's tag, nothing besides it, on itself. */
const isMark = (role: string, operation: string, { RoleName, Tags }: Readonly<Record<string, unknown>>): boolean =>
  role === auditRole &&
  operation === "TagRole" &&
  RoleName === auditRole &&
  Array.isArray(Tags) &&
  Tags.length === 1 &&
  Tags[0]?.Key === "iam-warden-mark";

/** Whose doing a call is, if it is iam-warden's. Nobody else opens root sessions in a simulation. */
const ownRoleOf = ({ caller: { principal, session } }: Call): string | undefined => {
  if (principal.type === "root") return session?.assumedRoot === true ? remediateRole : undefined;
  return principal.type === "role" && ownRoles.has(principal.roleName) ? principal.roleName : undefined;
};

/** Notes each call that changes something in IAM before it runs: iam-warden's with what stands there, others' as touches. */
export const watchWrites = (
  { sandbox }: SimulatedOrganization,
  { engine, observed, settings }: { readonly engine: Engine; readonly observed: Observed; readonly settings: Settings },
): void => {
  sandbox.subscribe(({ account, detail }) => {
    if (detail.errorCode === "AccessDenied") observed.denials.push({ at: engine.now(), accountId: account });
  });
  sandbox.intercept((call, input) => {
    const { service, operation, caller } = call;
    if (service !== "iam" || isRead(operation)) return;
    const account = caller.account;
    const role = ownRoleOf(call);
    if (role === undefined) {
      const principal = "RoleName" in input ? `role ${String(input.RoleName)}` : `user ${String(input.UserName)}`;
      observed.touches.push({ at: engine.now(), accountId: account.id, principal });
      return;
    }
    observed.writes.push({
      at: engine.now(),
      accountId: account.id,
      role,
      operation,
      isMark: isMark(role, operation, input),
      ...seen(call, input, account),
    });
  });

  /** Whose a write is: of two findings that change the same slot at the same moment, the one that is at it. */
  const remediationAt = (key: string, accountId: string): Remediation | undefined => {
    const there = observed.remediations.flatMap(({ remediation }) =>
      remediation.account.id === accountId && remediation.steps.some(({ step }) => slotKey(step.before) === key)
        ? [remediation]
        : [],
    );
    const latest = new Map(there.map((one) => [one.id, one]));
    const last = there.at(-1);
    if (last === undefined || last.state === "intended" || last.undo !== undefined) return last;
    const now = new Date(engine.now());
    return [...latest.values()].findLast((one) => whyUnderWay(one, now) !== undefined) ?? last;
  };

  const seen = (call: Call, input: Readonly<Record<string, unknown>>, account: AccountState) => {
    const slot = slotOfCall(call.operation, input, call.caller.principal.type === "root");
    const place = trueAccounts(sandbox.state).find(({ id }) => id === account.id);
    const where = { ouPath: place?.ouPath ?? "" };
    if (slot === undefined)
      return { ...where, slot: "no slot", before: { principal: "", content: null }, violates: false };
    const key = slotKey(slot);
    const remediation = remediationAt(key, account.id);
    return {
      ...where,
      slot: key,
      before: imageOf(account, slot),
      ...(remediation && { remediation }),
      violates:
        place !== undefined &&
        remediation !== undefined &&
        isViolating(place, account, remediation, {
          ...{ settings, now: new Date(engine.now()) },
          organization: trueOrganization(sandbox.state, account),
        }),
    };
  };
};

/** An injected fault, the end of the invocation, or an error of the program's own, which says what it is. */
export const isExplained = (error: unknown): boolean => {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause)
    if (cause instanceof WardenError || cause instanceof KilledError || "$metadata" in cause || "code" in cause)
      return true;
  return false;
};
