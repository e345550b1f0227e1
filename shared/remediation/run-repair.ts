import { afterCareHours } from "../after-care/watch-store.ts";
import type { AnyStateControl } from "../control.ts";
import { controlById } from "../controls/catalogue.ts";
import { readExcused } from "../exemptions/excused.ts";
import { exemptionFor } from "../exemptions/match.ts";
import { changeFinding } from "../findings/change.ts";
import type { Finding } from "../findings/finding.ts";
import { held, released, remediating } from "../findings/repair-transition.ts";
import { judgeSubject } from "../intake/judge-subject.ts";
import { notDue } from "../ladder/ladder.ts";
import { requireTold, tell } from "../notify/tell.ts";
import { planContextFor } from "../settings/context.ts";
import { resolve } from "../settings/resolve.ts";
import type { AccountRef } from "../subject.ts";
import { approvalMatches } from "./approval.ts";
import { type Authorized, authorize } from "./authorization.ts";
import type { Loss } from "./blast-radius/boundary-losses.ts";
import type { RepairDependencies } from "./dependencies.ts";
import { execute } from "./executor.ts";
import { createInterlocks } from "./interlocks.ts";
import { type Approval, type Prepared, prepare, type RepairRequest } from "./prepare.ts";
import type { RepairMessage } from "./queue.ts";
import { recordOutcome, settle } from "./record-outcome.ts";
import { remediationId, type Stage } from "./remediation.ts";

/**
 * Repairs one finding, if every interlock holds: plans it on live facts, asks the interlocks, records the intent, writes,
 * verifies, and says on the finding what came of it, or what holds it. Whatever kills it on the way, the same message again
 * completes it; a message that comes twice does nothing twice.
 * @throws ThrottledError | StoreError | VersionConflictError | DeliveryError and their like: the message has to come again
 */
export const runRepair = async (
  dependencies: RepairDependencies,
  { accountId, findingId, stage }: Extract<RepairMessage, { readonly kind: "repair" }>,
): Promise<void> => {
  const { store, telemetry, clock } = dependencies;
  const found = await store.get(accountId, findingId);
  if (found === undefined) {
    telemetry.warn("There is no such finding to repair", { account: accountId, finding: findingId });
    return;
  }
  const finding = await settle(dependencies, found);
  const control = controlById(finding.control);
  if (control?.type === "state" && isToDo(finding, stage)) await attempt(dependencies, finding, control, stage);
  const after = (await store.get(accountId, findingId)) ?? finding;
  requireTold([await tell(dependencies, after, clock())]);
};

/** A repair that was begun is completed even if an event has told meanwhile that the violation is over. */
const isToDo = ({ status, repair, finishDueAt }: Finding, stage: Stage): boolean =>
  repair?.state === "remediating" || (stage === "final" ? finishDueAt !== undefined : status === "open");

const attempt = async (
  dependencies: RepairDependencies,
  finding: Finding,
  control: AnyStateControl,
  stage: Stage,
): Promise<void> => {
  const request = await requestFor(dependencies, finding, control, stage);
  if (request === undefined) {
    await keep(dependencies, finding, released);
    return;
  }
  const { audit, remediations, clock } = dependencies;
  const preparation = await prepare({ audit, store: remediations, clock }, request);
  switch (preparation.outcome) {
    case "inForce":
      await recordOutcome(dependencies, finding, preparation.remediation);
      return;
    case "notViolating":
      await judgeAgain(dependencies, finding);
      return;
    case "held":
      // What was undone or failed time and again says itself what it waits for.
      if (finding.repair?.state === "undone" || finding.repair?.state === "failed") return;
      await hold(dependencies, finding, { stage, interlock: "plan", why: preparation.why });
      return;
    case "ready":
      await carryOut(dependencies, finding, preparation.prepared);
  }
};

/** `undefined` where the settings do not judge the control at all. */
const requestFor = async (
  dependencies: RepairDependencies,
  finding: Finding,
  control: AnyStateControl,
  stage: Stage,
): Promise<RepairRequest | undefined> => {
  const { settings, audit, listAccounts, managementAccountId, clock } = dependencies;
  const member = (await listAccounts()).find(({ id }) => id === finding.account.id);
  // Of an account that is no member the OU is not known, and nothing is opted in there.
  const account: AccountRef = member ?? { id: finding.account.id };
  const surroundings = { partition: audit.partition, managementAccountId: await managementAccountId() };
  const context = planContextFor(settings, control, account, clock(), surroundings);
  const approval = approvalOf(finding);
  return (
    context && {
      finding: { ...finding, account: { ...finding.account, ...account } },
      control,
      context,
      stage,
      approval,
    }
  );
};

export const approvalOf = ({ approval }: Finding): Approval | undefined =>
  approval && { by: approval.by, at: new Date(approval.at), digest: approval.digest, stage: approval.stage };

const carryOut = async (dependencies: RepairDependencies, finding: Finding, prepared: Prepared): Promise<void> => {
  const { audit, remediate, remediations, telemetry, clock, sleep } = dependencies;
  const { stage, digest } = prepared;
  const isApproved = approvalMatches(prepared);
  const who =
    isApproved && finding.approval
      ? { by: finding.approval.by, why: finding.approval.why }
      : {
          by: "iam-warden",
          why: `The ladder in the settings has come to ${stage === "final" ? "its last step" : "the repair"}.`,
        };
  const { authorized, losses } = await asked(dependencies, finding, prepared, who);
  if (authorized.outcome === "held") {
    const { interlock, why } = authorized;
    if (!isWaiting(interlock) || finding.approval !== undefined) {
      telemetry.count("RepairsHeld");
      await hold(dependencies, finding, { stage, interlock, why, digest, ...(losses.length > 0 && { losses }) });
    } else await keep(dependencies, finding, released);
    return;
  }
  const id = remediationId(finding.id, prepared.number);
  const standing = { stage, why: who.why, remediationId: id, ...(losses.length > 0 && { losses }) };
  const begun = await keep(dependencies, finding, (one) => remediating(one, { ...standing, by: who.by }, clock()));
  await watch(dependencies, prepared, id);
  const executor = { audit, remediate, store: remediations, clock, sleep };
  await recordOutcome(dependencies, begun, await execute(executor, authorized.authorization));
};

const asked = async (
  dependencies: RepairDependencies,
  finding: Finding,
  prepared: Prepared,
  who: { readonly by: string; readonly why: string },
): Promise<{ readonly authorized: Authorized; readonly losses: readonly Loss[] }> => {
  const { settings, exemptions, notifier, clock } = dependencies;
  const losses: Loss[] = [];
  const interlocks = createInterlocks({
    ...dependencies,
    inUseDays: settings.repairs.inUseDays,
    // An exemption that cannot be read holds the repair: nobody knows whom it excuses.
    exemptions: () => exemptions.list(),
    exemptionFor,
    whyNotDue: ({ stage, request: { finding: asIsNow } }) => {
      const ladder = resolve(settings, finding.control, asIsNow.account)?.ladder ?? [];
      return notDue(ladder, finding, stage, { now: clock(), remindBeforeHours: settings.repairs.remindBeforeHours });
    },
    tellTrip: (trip) => notifier.publish({ kind: "breakerTripped", trip, limits: settings.breaker }),
    tellLosses: async (_prepared, found) => {
      losses.push(...found);
    },
  });
  return { authorized: await authorize(interlocks, prepared, who), losses };
};

/** Nothing is wrong with a repair whose time has not come, or that somebody excused. */
const isWaiting = (interlock: string): boolean => interlock === "optedIn" || interlock === "notExempt";

const hold = async (
  dependencies: RepairDependencies,
  finding: Finding,
  standing: Parameters<typeof held>[1],
): Promise<void> => {
  // Of a breaker's trip its own notice tells; whoever approved something asks for what became of it.
  const isTold = standing.interlock !== "withinBreaker" && !isWaiting(standing.interlock ?? "");
  await keep(dependencies, finding, (one) => held(one, standing, dependencies.clock(), isTold));
};

/** Changes the finding as it is stored by now. */
const keep = async (
  { store }: RepairDependencies,
  finding: Finding,
  change: (finding: Finding) => Finding,
): Promise<Finding> =>
  (await changeFinding(store, finding.account.id, finding.id, (one) => one && change(one))) ?? finding;

const judgeAgain = async (dependencies: RepairDependencies, { account, subject }: Finding): Promise<void> => {
  const { audit, listAccounts } = dependencies;
  const excused = await readExcused(dependencies);
  const accounts = async (id: string): Promise<AccountRef> =>
    (await listAccounts()).find((one) => one.id === id) ?? { id };
  const kind = subject.kind === "accessKey" ? "user" : subject.kind;
  await judgeSubject(
    { ...dependencies, aws: audit, accounts, excused },
    { accountId: account.id, kind, name: subject.name, events: [] },
  );
};

/** What a repair takes away from a user or role may be missed: for a day, whoever is denied because of it is heard. */
const watch = async ({ watches, clock }: RepairDependencies, prepared: Prepared, id: string): Promise<void> => {
  const { finding } = prepared.request;
  const until = new Date(clock().getTime() + afterCareHours * 3_600_000).toISOString();
  for (const { step } of prepared.steps) {
    const { write } = step;
    const principal =
      write.operation === "PutUserPolicy"
        ? ({ kind: "user", name: write.userName } as const)
        : write.operation === "PutRolePermissionsBoundary"
          ? ({ kind: "role", name: write.roleName } as const)
          : undefined;
    if (principal === undefined) continue;
    await watches.put({
      principal: { accountId: finding.account.id, ...principal },
      findingId: finding.id,
      remediationId: id,
      until,
    });
  }
};
