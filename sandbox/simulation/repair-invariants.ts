import { exemptionFor } from "../../shared/exemptions/match.ts";
import { repairAfterHours } from "../../shared/ladder/ladder.ts";
import { hourOf } from "../../shared/remediation/breaker.ts";
import { isIrreversible } from "../../shared/remediation/step.ts";
import { resolve } from "../../shared/settings/resolve.ts";
import { matchesStars } from "../../shared/wildcard.ts";
import type { Check, Evidence } from "./evidence.ts";
import { dayMs, hourMs, minuteMs } from "./plan.ts";
import type { Observed, OwnWrite } from "./record.ts";
import { beforeImages, describe, firstWrites, graceMs, isRepair, type RepairWrite } from "./repair-writes.ts";
import { wasTold } from "./told.ts";
import { remediateRole } from "./world.ts";

/** Where the account was while the writer may have asked. */
const placesOf = ({ accountId, at, ouPath }: OwnWrite, { moves }: Observed): readonly string[] => {
  const own = moves.filter((move) => move.accountId === accountId);
  const before = own.filter((move) => move.at <= at - graceMs).at(-1);
  const during = own.filter((move) => move.at > at - graceMs && move.at <= at);
  return [...new Set([...(before ? [before] : []), ...during].map((move) => move.ouPath)), ouPath];
};

const isApproved = ({ at, remediation }: RepairWrite, { approvals }: Observed): boolean =>
  approvals.some((one) => one.findingId === remediation.findingId && one.stage === remediation.stage && one.at <= at);

/** Whether people had been told of the finding long enough before the write. */
const wasDue = (
  write: RepairWrite,
  { observed, settings, findings, deliveries }: Evidence,
  ouPath: string,
): boolean => {
  const { remediation, at } = write;
  const ladder = resolve(settings, remediation.control, { id: write.accountId, ouPath })?.ladder ?? [];
  const hours = repairAfterHours(ladder);
  const finding = findings.find(({ id }) => id === remediation.findingId);
  const opening = observed.news.findLast(
    ({ findingId, what, at: then }) =>
      findingId === remediation.findingId && /^(?:re)?opened$/.test(what) && then <= at,
  );
  if (hours === undefined || finding === undefined || opening === undefined) return false;
  const latest = at - hours * hourMs + graceMs;
  return deliveries.some((delivery) => delivery.at.getTime() <= latest && wasTold(finding, opening, delivery));
};

const noOptIn: Check = (evidence) => {
  const { observed, settings } = evidence;
  return firstWrites(observed).flatMap((write) => {
    const { control, stage } = write.remediation;
    const optedIn = placesOf(write, observed).some((ouPath) => {
      if (resolve(settings, control, { id: write.accountId, ouPath })?.mode !== "remediate") return false;
      return stage === "final" || isApproved(write, observed) || wasDue(write, evidence, ouPath);
    });
    return optedIn ? [] : [`${describe(write)} for ${control}, which is not to be repaired there, or not yet`];
  });
};

const exempt: Check = ({ observed }) =>
  firstWrites(observed).flatMap((write) => {
    const { control, subject, account } = write.remediation;
    const excusedAt = (time: number) => {
      const latest = new Map(observed.exemptions.filter(({ at }) => at <= time).map((one) => [one.exemption.id, one]));
      const all = [...latest.values()].map(({ exemption }) => exemption);
      return exemptionFor(all, { control, account: { ...account, ouPath: write.ouPath }, subject }, new Date(time));
    };
    const before = excusedAt(write.at - graceMs);
    return before !== undefined && excusedAt(write.at)?.id === before.id
      ? [`${describe(write)}, though ${before.by} has excused it from ${control} until ${before.until}`]
      : [];
  });

const protectedOnes: Check = ({ observed, settings }) =>
  observed.writes.flatMap((write) => {
    const { principal, path } = write.before;
    const [kind, name = ""] = principal.split(" ");
    if (path === undefined || kind === "root") return [];
    const { users, roles, paths } = settings.protectedPrincipals;
    const { excludedRoles } = settings;
    const patterns = kind === "user" ? users : [...roles, "iam-warden-*", ...excludedRoles.names];
    const ofPath = [...paths, "/aws-reserved/*", ...(kind === "role" ? excludedRoles.paths : [])];
    const isProtected =
      patterns.some((one) => matchesStars(one, name)) || ofPath.some((one) => matchesStars(one, path));
    return isProtected ? [`${describe(write)} on ${kind} ${path}${name}, which is protected`] : [];
  });

const complying: Check = ({ observed }) =>
  firstWrites(observed).flatMap((write) => {
    if (write.violates || write.remediation.stage === "final") return [];
    const touched = observed.touches.some(
      ({ at, accountId, principal }) =>
        accountId === write.accountId &&
        principal === write.before.principal &&
        at <= write.at &&
        at > write.at - graceMs,
    );
    // Two findings about the same slot may be repaired at the same moment.
    const overtaken = observed.writes.some(
      ({ at, accountId, slot, remediation }) =>
        accountId === write.accountId &&
        slot === write.slot &&
        remediation !== undefined &&
        remediation.findingId !== write.remediation.findingId &&
        at <= write.at &&
        at > write.at - graceMs,
    );
    return touched || overtaken ? [] : [`${describe(write)}: nothing violated ${write.remediation.control} there`];
  });

/** Repairs are counted by the hour of their first write, except those whose slot may be of the hour before or after. */
const breakers: Check = ({ observed, settings, mostSubjects }) => {
  const problems: string[] = [];
  const windows = new Map<string, RepairWrite[]>();
  for (const write of firstWrites(observed)) {
    const intoHour = write.at % hourMs;
    if (intoHour < graceMs || intoHour > hourMs - 5 * minuteMs) continue;
    for (const scope of [write.accountId, "organization"]) {
      const key = `${scope} ${hourOf(new Date(write.at))}`;
      windows.set(key, [...(windows.get(key) ?? []), write]);
    }
  }
  for (const [key, writes] of windows) {
    const [scope = ""] = key.split(" ");
    const limit = scope === "organization" ? settings.breaker.organization : settings.breaker.perAccount;
    const hour = Math.floor((writes[0]?.at ?? 0) / hourMs);
    const anew = 1 + observed.resumes.filter(({ at }) => Math.floor(at / hourMs) === hour).length;
    if (writes.length > limit.count * anew)
      problems.push(`${key}: ${writes.length} repairs, ${limit.count} are allowed`);
    for (const [kind, ofKind] of Map.groupBy(writes, ({ remediation }) => remediation.subject.kind)) {
      const there = mostSubjects(scope, kind);
      const allowed = limit.percent === 0 ? 0 : Math.max(1, Math.floor((there * limit.percent) / 100));
      if (ofKind.length > allowed * anew)
        problems.push(
          `${key}: ${ofKind.length} repairs of ${kind}, ${allowed} are allowed (${limit.percent} % of ${there})`,
        );
    }
  }
  return problems;
};

/** IAM may tell of a service's use only hours later. */
const lastAccessedDelayMs = 5 * hourMs;
const boundaryDays = 90;

const inUse: Check = ({ observed, settings }) =>
  firstWrites(observed).flatMap((write) => {
    const { lastUsedAt } = write.before;
    const isBoundary = write.operation === "PutRolePermissionsBoundary";
    const days = isBoundary ? boundaryDays : settings.repairs.inUseDays;
    const from = write.at - days * dayMs + graceMs;
    const isTimely = write.operation === "UpdateAccessKey" || write.operation === "DeleteAccessKey";
    const to = write.at - (isTimely ? graceMs : lastAccessedDelayMs);
    if (lastUsedAt === undefined || lastUsedAt < from || lastUsedAt > to || isApproved(write, observed)) return [];
    return [`${describe(write)}: it was in use at ${new Date(lastUsedAt).toISOString()}`];
  });

const unapproved: Check = ({ observed }) =>
  observed.writes
    .filter(isRepair)
    .filter(({ remediation }) => remediation.steps.some(({ step }) => isIrreversible(step)))
    .filter((write) => !isApproved(write, observed))
    .map((write) => `${describe(write)} cannot be undone, and nobody approved it`);

const unrecorded: Check = ({ observed }) =>
  observed.writes
    .filter(({ role }) => role === remediateRole)
    .flatMap((write) => {
      const { remediation } = write;
      if (remediation === undefined) return [`${describe(write)}: no intent was recorded`];
      if (remediation.undo !== undefined) return [];
      return remediation.state === "intended" ? [] : [`${describe(write)}: ${remediation.id} is ${remediation.state}`];
    });

const unasked: Check = ({ observed, settings }) =>
  observed.writes.flatMap((write) => {
    const { remediation, at, accountId, role } = write;
    if (role !== remediateRole || remediation?.undo === undefined) return [];
    if (observed.undos.some((one) => remediation.id.startsWith(one.id) && one.at <= at)) return [];
    const isAfterDenial = observed.denials.some(
      (one) => one.accountId === accountId && one.at <= at && one.at >= Date.parse(remediation.intendedAt) - graceMs,
    );
    if (settings.repairs.autoUndo && isAfterDenial) return [];
    return [`${describe(write)} undoes ${remediation.id}, which nobody asked for`];
  });

const notRestored: Check = ({ observed, refusedUndos }) => {
  const images = beforeImages(observed);
  const wrong = observed.restored.flatMap(({ at, remediationId, slot, found }) => {
    const write = images.get(`${remediationId} ${slot}`);
    // Whoever is at the same thing at the same moment may come between the last look and the record.
    const touched = observed.touches.some(
      (one) =>
        one.accountId === write?.accountId &&
        one.principal === found.principal &&
        one.at <= at &&
        at - one.at < graceMs,
    );
    if (write === undefined || touched) return [];
    const { principalId } = write.before;
    // Nobody here sets such a tag but iam-warden: what stood there was its own, of an earlier repair, or nothing.
    const content = slot.startsWith("tag ") ? null : write.before.content;
    return content === found.content && principalId === found.principalId
      ? []
      : [`${remediationId} is undone, but at ${slot} stands ${found.content}, and ${content} stood there`];
  });
  return [...wrong, ...refusedUndos];
};

const repairedAgain: Check = ({ observed }) => {
  const undone = observed.remediations.filter(({ remediation }) => remediation.state === "undone");
  return observed.writes.filter(isRepair).flatMap((write) => {
    const { findingId, stage } = write.remediation;
    const last = undone.findLast(
      ({ at, remediation }) => remediation.findingId === findingId && remediation.stage === stage && at <= write.at,
    );
    if (last === undefined) return [];
    const again = observed.approvals.some(
      (one) => one.findingId === findingId && one.at > last.at - graceMs && one.at <= write.at,
    );
    return again ? [] : [`${describe(write)}: ${last.remediation.id} had been undone, and nobody approved another`];
  });
};

/** What must hold of each repair and undo, from the record of calls alone. */
export const repairChecks = {
  "no write without its recorded intent": unrecorded,
  "no repair where nobody opted in": noOptIn,
  "no repair of what is exempt": exempt,
  "nothing protected is touched": protectedOnes,
  "no repair of what complies": complying,
  "no breaker's limit is exceeded": breakers,
  "nothing in use is taken away": inUse,
  "nothing irreversible without approval": unapproved,
  "no undo that nobody asked for": unasked,
  "every repair can be undone to the byte": notRestored,
  "an undone repair stays undone": repairedAgain,
} as const satisfies Readonly<Record<string, Check>>;
