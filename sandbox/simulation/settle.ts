import { passwordPolicyInput } from "../../shared/facts/passwords.ts";
import type { Finding } from "../../shared/findings/finding.ts";
import type { Remediation } from "../../shared/remediation/remediation.ts";
import { isIrreversible } from "../../shared/remediation/step.ts";
import type { Evidence } from "./evidence.ts";
import { operate } from "./operate.ts";
import { hourMs } from "./plan.ts";
import type { Simulation } from "./simulation.ts";
import { imageOf, passwordText } from "./slot-image.ts";
import { trueAccounts, trueViolations } from "./truth.ts";

/**
 * Lets what is under way come to its end, sweeps once more with a credential report of its own, tells what is left to
 * tell, and has what was repaired undone. What time alone makes a violation while the last sweep runs is not held against
 * anybody.
 */
export const settle = async (simulation: Simulation): Promise<Evidence> => {
  const { organization, engine, schedule, observed, settings, say, waiting } = simulation;
  const { state } = organization.sandbox;
  const violations = () => trueViolations(state, settings, new Date(engine.now()));
  await engine.run(engine.now() + 7 * hourMs);
  if (waiting() > 0) observed.unsettled.push(`${waiting()} events and messages are still under way`);
  const before = violations();
  say("The last sweep.");
  const swept = schedule.sweep("last sweep");
  await engine.run(engine.now() + hourMs / 2);
  if (!(await Promise.race([swept, false]))) observed.unsettled.push("the last sweep did not come through");
  const after = violations();
  const open = (await allFindings(simulation)).filter(({ status }) => status === "open");
  const refusedUndos = await undoAll(simulation);
  await tellTheRest(simulation);
  const findings = await allFindings(simulation);
  return {
    plan: simulation.plan,
    accounts: organization.accounts,
    before,
    after,
    open,
    findings,
    settings,
    deliveries: organization.sandbox.deliveries,
    observed,
    refusedUndos,
    endedAt: engine.now(),
    mostSubjects: (scope, kind) => mostSubjects(simulation, scope, kind),
  };
};

const tellTheRest = async ({ engine, schedule, observed }: Simulation): Promise<void> => {
  for (let hour = 0; hour < 8; hour++) {
    const told = schedule.escalate(`last escalate ${hour}`);
    await engine.run(engine.now() + hourMs);
    if (!(await Promise.race([told, false]))) observed.unsettled.push("the last escalation did not come through");
  }
};

const allFindings = async ({ organization, tables }: Simulation): Promise<readonly Finding[]> => {
  const ids = [...organization.sandbox.state.accounts.keys()];
  return (await Promise.all(ids.map((id) => tables.findings.listAll(id)))).flat();
};

/** No more of a kind than this were there at one time: those that there are, and those that came and went. */
const mostSubjects = ({ organization, plan }: Simulation, scope: string, kind: string): number => {
  const { state } = organization.sandbox;
  const accounts = trueAccounts(state).filter(({ id }) => scope === "organization" || id === scope);
  if (kind === "root" || kind === "account") return accounts.length;
  const made = plan.changes.filter(({ deed }) => /^create/.test(deed.do)).length;
  const planned = plan.accounts
    .filter(({ id }) => scope === "organization" || id === scope)
    .map(({ users, roles }) =>
      kind === "role" ? roles.length : kind === "user" ? users.length : users.flatMap(({ keys }) => keys).length,
    );
  // The roles of iam-warden and of people are there in each account.
  const own = kind === "role" ? 4 * state.accounts.size : 0;
  return planned.reduce((sum, count) => sum + count, made + own);
};

/** Undoes, latest first, what stands as it was repaired. What was refused without a reason, or did not come about. */
const undoAll = async (simulation: Simulation): Promise<readonly string[]> => {
  const { engine, observed, organization, tables, say } = simulation;
  const latestOf = (): ReadonlyMap<string, Remediation> =>
    new Map(observed.remediations.map(({ remediation }) => [remediation.id, remediation]));
  const problems: string[] = [];
  for (const remediation of [...latestOf().values()].toReversed()) {
    const { id, account, state, steps } = remediation;
    const there = organization.sandbox.state.accounts.get(account.id);
    // Of several of one finding, the later has to be undone first; one that failed may never be.
    const isLast = ![...latestOf().values()].some(
      (one) => one.findingId === remediation.findingId && one.id > id && one.state !== "undone",
    );
    const isToUndo = state === "verified" && isLast && !steps.some(({ step }) => isIrreversible(step));
    if (!isToUndo || there?.status !== "ACTIVE" || !steps.every((recorded) => stands(there, recorded))) continue;
    say(`The undo of ${id}.`);
    const command = { command: "undo", id, force: false } as const;
    void operate(simulation, `last undo of ${id}`, command);
    await engine.run(engine.now() + hourMs);
    const after = await tables.remediations.get(account.id, id);
    if (after?.state !== "undone")
      problems.push(`${id} is ${after?.state} after its undo, though nobody had changed anything`);
  }
  return problems;
};

/** Whether a step's slot is as the step left it. */
const stands = (account: Parameters<typeof imageOf>[0], { step, before }: Remediation["steps"][number]): boolean => {
  const image = imageOf(account, step.before);
  const { write } = step;
  switch (write.operation) {
    case "PutUserPolicy":
      return before.kind === "userPolicy" && image.content === write.document && image.principalId === before.userId;
    case "UpdateAccessKey":
      return image.content === write.status;
    case "PutRolePermissionsBoundary":
      return (
        before.kind === "roleBoundary" && image.content === write.boundaryArn && image.principalId === before.roleId
      );
    case "PutRolePolicy":
      return before.kind === "rolePolicy" && image.content === write.document && image.principalId === before.roleId;
    // It stands in no undo's way.
    case "TagRole":
      return true;
    case "UpdateAssumeRolePolicy":
      return before.kind === "trustPolicy" && image.content === write.document && image.principalId === before.roleId;
    case "UpdateAccountPasswordPolicy":
      return image.content === passwordText(passwordPolicyInput(write.policy));
    default:
      return false;
  }
};
