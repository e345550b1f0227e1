import { eventIdLimit } from "../../shared/findings/bounds.ts";
import type { Finding } from "../../shared/findings/finding.ts";
import type { Settings } from "../../shared/settings/settings.ts";
import { subjectKey } from "../../shared/subject.ts";
import { cutsAreTold, seeingIsTold } from "./cuts.ts";
import type { Check, Evidence } from "./evidence.ts";
import { hourMs } from "./plan.ts";
import type { Observed } from "./record.ts";
import { repairChecks } from "./repair-invariants.ts";
import { wasTold } from "./told.ts";
import type { TrueViolation } from "./truth.ts";
import { remediateRole } from "./world.ts";

/** What must hold once the world is quiet, whatever happened before. */
export const invariantNames = [
  "every violation has exactly one open finding",
  "nothing compliant has an open finding",
  "every finding was told",
  "nothing is left to tell",
  "every activity that arrived is on its finding",
  "nothing but the remediation role writes, and the audit role its mark",
  "who is cut off is told blind",
  "who is heard is not left told blind",
  "no function breaks",
  "the world comes to rest",
  ...(Object.keys(repairChecks) as readonly (keyof typeof repairChecks)[]),
] as const;
export type InvariantName = (typeof invariantNames)[number];

export interface Violated {
  readonly invariant: InvariantName;
  readonly why: string;
}

const nameOf = ({
  account,
  control,
  subject,
}: Pick<Finding, "control"> & { account: { id: string }; subject: TrueViolation["subject"] }): string =>
  `${control} ${account.id} ${subjectKey(subject)}`;

/** What belongs in a digest waits six hours for one, and then for the next hourly run. */
const digestDelayMs = 7.5 * hourMs;

const stateOnly = (open: readonly Finding[]): readonly Finding[] =>
  open.filter(({ activity }) => activity === undefined);

const checks: Readonly<Record<InvariantName, Check>> = {
  "every violation has exactly one open finding": ({ before, after, open }) => {
    const counts = new Map<string, number>();
    for (const finding of open) counts.set(nameOf(finding), (counts.get(nameOf(finding)) ?? 0) + 1);
    const still = new Set(after.map(nameOf));
    return before
      .filter((one) => still.has(nameOf(one)))
      .flatMap((one) => {
        const count = counts.get(nameOf(one)) ?? 0;
        return count === 1 ? [] : [`${nameOf(one)} has ${count} open findings: ${one.reason}`];
      });
  },
  "nothing compliant has an open finding": ({ before, after, open }) => {
    const violating = new Set([...before, ...after].map(nameOf));
    return stateOnly(open)
      .filter((finding) => !violating.has(nameOf(finding)))
      .map((finding) => `${nameOf(finding)} is open, and nothing violates: ${finding.reason}`);
  },
  "every finding was told": ({ observed, findings, deliveries }) => {
    const byId = new Map(findings.map((finding) => [finding.id, finding]));
    const isExcused = (news: Observed["news"][number]): boolean =>
      observed.news.some(
        ({ findingId, what, at }) => findingId === news.findingId && what === "exempted" && at >= news.at,
      );
    return observed.news.flatMap((news) => {
      // Of what somebody excused before it was told, nobody has to hear.
      if (news.what === "exempted" || isExcused(news)) return [];
      const finding = byId.get(news.findingId);
      if (finding !== undefined && deliveries.some((delivery) => wasTold(finding, news, delivery))) return [];
      const when = new Date(news.at).toISOString();
      return [`${finding ? nameOf(finding) : news.findingId}: nobody was told that it was ${news.what} at ${when}`];
    });
  },
  "nothing is left to tell": ({ findings, endedAt }) =>
    findings.flatMap((finding) =>
      finding.outbox
        .filter(({ at }) => Date.parse(at) < endedAt - digestDelayMs)
        .map(({ kind, at }) => `${nameOf(finding)}: ${kind} of ${at} is still to be told`),
    ),
  "every activity that arrived is on its finding": ({ observed, findings, settings }) =>
    observed.done.flatMap((event) => {
      const { eventName, eventID, userIdentity, responseElements } = event.detail;
      if (eventName !== "ConsoleLogin" || Reflect.get(Object(userIdentity), "type") !== "Root") return [];
      const isIn = Reflect.get(Object(responseElements), "ConsoleLogin") === "Success";
      const tells = isIn ? "root-activity" : "root-sign-in-failure";
      if (!isOnWhatever(tells, settings)) return [];
      const finding = findings.find(
        ({ control, account, subject }) => control === tells && account.id === event.account && subject.name === "root",
      );
      const seen = finding?.activity?.eventIds ?? [];
      return seen.includes(String(eventID)) || seen.length >= eventIdLimit
        ? []
        : [`the sign-in ${String(eventID)} as root of ${event.account} is on no finding`];
    }),
  "nothing but the remediation role writes, and the audit role its mark": ({ observed }) =>
    observed.writes
      .filter(({ role, isMark }) => role !== remediateRole && !isMark)
      .map(({ role, operation, accountId }) => `${role} called ${operation} in ${accountId}`),
  "who is cut off is told blind": cutsAreTold,
  "who is heard is not left told blind": seeingIsTold,
  "no function breaks": ({ observed }) => observed.crashes,
  "the world comes to rest": ({ observed }) => observed.unsettled,
  ...repairChecks,
};

/** Whether a control is on wherever an account may have been. */
const isOnWhatever = (id: string, settings: Settings): boolean => {
  const own = settings.controls[id];
  return own !== undefined && own.mode !== "off" && (own.scopes ?? []).every(({ mode }) => mode !== "off");
};

/** The invariants that do not hold, in their order. */
export const checkInvariants = (evidence: Evidence): readonly Violated[] =>
  invariantNames.flatMap((invariant) => checks[invariant](evidence).map((why) => ({ invariant, why })));
