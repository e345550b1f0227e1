import { afterCareHours } from "../after-care/watch-store.ts";
import type { AnyStateControl } from "../control.ts";
import { controlById } from "../controls/catalogue.ts";
import { messageOf, UnderWayError, WardenError } from "../errors.ts";
import { readExcused } from "../exemptions/excused.ts";
import { changeFinding } from "../findings/change.ts";
import type { Finding } from "../findings/finding.ts";
import { held, isUnfinished, released, remediating } from "../findings/repair-transition.ts";
import { judgeSubject } from "../intake/judge-subject.ts";
import { requireTold, tell } from "../notify/tell.ts";
import type { AccountRef } from "../subject.ts";
import { approvalMatches } from "./approval.ts";
import { type Authorized, authorize } from "./authorization.ts";
import type { Loss } from "./blast-radius/boundary-losses.ts";
import { isTripReason } from "./breaker.ts";
import type { RepairDependencies } from "./dependencies.ts";
import { execute } from "./executor.ts";
import { accountNow, interlocksFor, requestFor } from "./for-finding.ts";
import { type Prepared, prepare, type RepairRequest } from "./prepare.ts";
import type { RepairMessage } from "./queue.ts";
import { recordOutcome, settle } from "./record-outcome.ts";
import { type Remediation, remediationId, type Stage } from "./remediation.ts";

/**
 * Repairs one finding, if every interlock holds: plans it on live facts, asks the interlocks, records the intent, writes,
 * verifies, and says on the finding what came of it, or what holds it. Whatever kills it on the way, the same message again
 * completes it; a message that comes twice does nothing twice.
 * @throws UnderWayError while another run may be at it | ThrottledError | StoreError | VersionConflictError | DeliveryError and their like: the message has to come again
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
  const asking = await asksFor(dependencies, finding, control, stage);
  if ("isUnchecked" in asking) {
    if (!isWaitingForPerson(finding))
      await hold(dependencies, finding, { stage, interlock: "optedIn", why: asking.why }, asking);
    return;
  }
  const { request } = asking;
  if (request === undefined) {
    await letWait(dependencies, finding, {
      stage,
      interlock: "optedIn",
      why: `The settings do not turn on ${finding.control}.`,
    });
    return;
  }
  const { audit, remediations, clock } = dependencies;
  const preparation = await prepare({ audit, store: remediations, clock }, request);
  switch (preparation.outcome) {
    case "inForce":
      await recordOutcome(dependencies, finding, preparation.remediation);
      return;
    case "notViolating":
      await keep(dependencies, finding, (one) => released(one, { wroteNothing: true }));
      await judgeAgain(dependencies, finding);
      return;
    case "underWay":
      throw new UnderWayError(preparation.why);
    case "held":
      if (!isWaitingForPerson(finding))
        await hold(dependencies, finding, { stage, interlock: "plan", why: preparation.why });
      return;
    case "ready":
      await carryOut(dependencies, finding, preparation.prepared);
  }
};

/** What was undone or failed time and again says itself what it waits for; whoever has approved since gets an answer. */
const isWaitingForPerson = ({ repair, approval }: Finding): boolean =>
  (repair?.state === "undone" || repair?.state === "failed") && !(approval !== undefined && approval.at > repair.at);

/** What is to be prepared, or why that cannot be told: where the accounts cannot be listed nobody knows what was opted in. */
const asksFor = async (
  ...asked: Parameters<typeof requestFor>
): Promise<{ readonly request: RepairRequest | undefined } | { readonly why: string; readonly isUnchecked: true }> => {
  try {
    return { request: await requestFor(...asked) };
  } catch (error) {
    if (!(error instanceof WardenError) || error.retryable) throw error;
    return { why: `It cannot be checked: ${messageOf(error)}`, isUnchecked: true };
  }
};

const carryOut = async (dependencies: RepairDependencies, finding: Finding, prepared: Prepared): Promise<void> => {
  const { audit, remediate, remediations, clock, sleep } = dependencies;
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
    const { interlock, why, isUnchecked = false } = authorized;
    const standing = { stage, interlock, why, digest, ...(losses.length > 0 && { losses }) };
    const waits = isWaiting(interlock) && !isUnchecked && finding.approval === undefined;
    if (waits) await letWait(dependencies, finding, standing);
    else await hold(dependencies, finding, standing, { isUnchecked });
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
  const { settings, notifier, telemetry } = dependencies;
  const losses: Loss[] = [];
  const interlocks = interlocksFor(dependencies, finding, {
    tellTrip: async (trip) => {
      telemetry.count("BreakersTripped");
      await notifier.publish({ kind: "breakerTripped", trip, limits: settings.breaker });
    },
    tellLosses: async (_prepared, found) => {
      losses.push(...found);
    },
  });
  return { authorized: await authorize(interlocks, prepared, who), losses };
};

/** Nothing is wrong with a repair whose time has not come, or that somebody excused. */
const isWaiting = (interlock: string): boolean => interlock === "optedIn" || interlock === "notExempt";

type Holding = Parameters<typeof held>[1];

/** Says on the finding what holds its repair; of one that was begun, that too, for some of its writes may stand. */
const hold = async (
  dependencies: RepairDependencies,
  finding: Finding,
  standing: Holding,
  { isUnchecked = false } = {},
): Promise<void> => {
  const { telemetry, clock } = dependencies;
  const begun = await unfinished(dependencies, finding);
  const { interlock = "" } = standing;
  // Of a breaker's trip its own notice tells; whoever approved something asks for what became of it.
  const isTold = isUnchecked || begun !== undefined || !(isTripReason(standing.why) || isWaiting(interlock));
  const why = begun ? `${standing.why} It was begun at ${begun.startedAt} and is not finished.` : standing.why;
  telemetry.count("RepairsHeld");
  await keep(dependencies, finding, (one) =>
    held(one, { ...standing, why, ...(begun && { remediationId: begun.id }) }, clock(), isTold),
  );
};

/** Nobody has to be told of a repair that may not be made now, unless it was begun. */
const letWait = async (dependencies: RepairDependencies, finding: Finding, standing: Holding): Promise<void> => {
  const { account, id } = finding;
  dependencies.telemetry.info(`A repair waits: ${standing.why}`, { account: account.id, finding: id });
  if (await unfinished(dependencies, finding)) await hold(dependencies, finding, standing);
  else await keep(dependencies, finding, (one) => released(one, { wroteNothing: true }));
};

/** What was begun for a finding and not seen to the end; `undefined` also where it had not come to an intent. */
const unfinished = async (
  { remediations }: RepairDependencies,
  { account, repair }: Finding,
): Promise<Remediation | undefined> =>
  isUnfinished(repair) && repair?.remediationId !== undefined
    ? remediations.get(account.id, repair.remediationId)
    : undefined;

/** Changes the finding as it is stored by now. */
const keep = async (
  { store }: RepairDependencies,
  finding: Finding,
  change: (finding: Finding) => Finding,
): Promise<Finding> =>
  (await changeFinding(store, finding.account.id, finding.id, (one) => one && change(one))) ?? finding;

const judgeAgain = async (dependencies: RepairDependencies, { account, subject }: Finding): Promise<void> => {
  const { audit, listAccounts, ownerOf } = dependencies;
  const excused = await readExcused(dependencies);
  const kind = subject.kind === "accessKey" ? "user" : subject.kind;
  const find = async (id: string): Promise<AccountRef> => {
    const owner = await ownerOf?.(id);
    return { ...(await accountNow(listAccounts, id)), ...(owner !== undefined && { owner }) };
  };
  await judgeSubject(
    { ...dependencies, aws: audit, accounts: { find }, excused },
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
