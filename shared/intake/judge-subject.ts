import { stateControlsOf } from "../controls/catalogue.ts";
import { NotYetVisibleError } from "../errors.ts";
import type { CloudTrailRecord } from "../events/record.ts";
import { hintsOf, subjectsOf } from "../events/subjects.ts";
import { readHasConsoleUsers } from "../facts/console-users.ts";
import type { AnyFacts, Fact } from "../facts/facts.ts";
import { createLiveReader } from "../facts/live.ts";
import { createAskedNeighbours, readNeighbours } from "../facts/live-neighbours.ts";
import type { LiveReader } from "../facts/readers.ts";
import { actorOf } from "../findings/actor.ts";
import { type Actor, type Finding, findingId } from "../findings/finding.ts";
import { reconcile } from "../findings/reconcile.ts";
import { resolveSubject } from "../findings/resolve.ts";
import { judge } from "../judgement/judge.ts";
import type { Judgement } from "../judgement/judgement.ts";
import { announcedHours, repairingLadder } from "../ladder/announced.ts";
import { requireTold, tell } from "../notify/tell.ts";
import type { OrganizationView } from "../organization/view.ts";
import type { Settings } from "../settings/settings.ts";
import { kindAtStart, type SubjectKind, type SubjectRef } from "../subject.ts";
import type { SubjectDependencies } from "./dependencies.ts";
import type { ReceivedEvent } from "./receive.ts";

/** The events of one batch about one thing that is read in one go: a user with the user's keys, a role, root, an account, a resource. */
export interface SubjectGroup {
  readonly accountId: string;
  readonly kind: Exclude<SubjectKind, "accessKey">;
  readonly name: string;
  /** Ordered by event time. */
  readonly events: readonly ReceivedEvent[];
}

/** Groups a batch by what has to be read, in the order of first mention. */
export const groupBySubject = (events: readonly ReceivedEvent[]): SubjectGroup[] => {
  const groups = new Map<string, SubjectGroup & { events: ReceivedEvent[] }>();
  for (const event of events) {
    for (const subject of subjectsOf(event.record)) {
      const kind = subject.kind === "accessKey" ? "user" : subject.kind;
      const key = JSON.stringify([event.accountId, kind, subject.name]);
      const group = groups.get(key) ?? { accountId: event.accountId, kind, name: subject.name, events: [] };
      if (!group.events.includes(event)) group.events.push(event);
      groups.set(key, group);
    }
  }
  for (const group of groups.values()) {
    group.events.sort((a, b) => a.record.eventTime.getTime() - b.record.eventTime.getTime());
  }
  return [...groups.values()];
};

/** What accounts say of each other counts within the organization alone. */
const isOfStranger = ({ accountId, events }: SubjectGroup, organization: Fact<OrganizationView>): boolean =>
  organization.known &&
  !organization.value.accountIds.has(accountId) &&
  events.some(({ sender }) => sender !== accountId);

/** How long IAM may take to show a change to a reader; an absent subject that is younger is looked for again. */
const visibleAfterSeconds = 60;

/**
 * Reads a subject's live state, judges it by every state control, and brings its findings up to date. What the
 * events say happened is not believed: they only add who did it.
 * @throws NotYetVisibleError if a subject that was just made or changed cannot be seen yet
 * @throws DeliveryError once all is judged, if a notice could not be published
 */
export const judgeSubject = async (dependencies: SubjectDependencies, group: SubjectGroup): Promise<void> => {
  const { aws, store, settings, accounts, organization, telemetry, clock } = dependencies;
  const account = await accounts.find(group.accountId);
  const view = await organization.of(group.accountId);
  if (isOfStranger(group, view)) {
    telemetry.count("EventsRefused");
    telemetry.error("Refused findings of an analyzer: they are about an account that is not of the organization", {
      ...{ account: group.accountId, resource: group.name, senders: group.events.map(({ sender }) => sender) },
    });
    return;
  }
  const asOf = clock();
  const reader = createLiveReader(aws, account, clock, { readHasConsoleUsers, organization: view });
  const facts = await readLive(reader, group);
  const latest = group.events.at(-1)?.record;
  const actor = latest && actorOf(latest);
  const told: Finding[] = [];

  const resolveAbsent = async (subject: SubjectRef): Promise<void> => {
    const now = clock();
    const reason = `${nameOf(subject)} does not exist any more.`;
    const telling = { now, asOf, delivery: "single", actor } as const;
    for (const finding of await resolveSubject(store, account.id, subject, reason, telling)) {
      told.push(await tell(dependencies, finding, now));
    }
  };

  if (facts === undefined) {
    if (latest !== undefined) assertVisibleByNow({ kind: group.kind, name: group.name }, latest, asOf);
    await resolveAbsent({ kind: group.kind, name: group.name });
    requireTold(told);
    return;
  }

  for (const judgement of await judgeAmongNeighbours(reader, facts, settings, {
    asOf,
    now: asOf,
    organization: view,
  })) {
    // Of an account more is judged than is read here: what no event speaks of is left to the sweep.
    if (group.kind === "account" && !group.events.some(hints(judgement.control, group.name))) continue;
    const finding = await apply(dependencies, group, judgement);
    if (finding !== undefined) told.push(finding);
  }

  for (const [key, event] of absentKeys(group, facts)) {
    assertVisibleByNow(key, event, asOf);
    await resolveAbsent(key);
  }
  requireTold(told);
};

/** @throws NotYetVisibleError if the subject was just made or changed: it has to be there, though IAM may not show it yet */
const assertVisibleByNow = (subject: SubjectRef, { eventName, eventTime }: CloudTrailRecord, now: Date): void => {
  const isDeletion = /^Delete(User|Role|AccessKey)$/.test(eventName);
  const ageSeconds = (now.getTime() - eventTime.getTime()) / 1000;
  if (isDeletion || ageSeconds >= visibleAfterSeconds) return;
  const after = `${Math.round(ageSeconds)} s after ${eventName}; that may take ${visibleAfterSeconds} s`;
  throw new NotYetVisibleError(`${nameOf(subject)} is not visible yet, ${after}`);
};

/**
 * @throws NotYetVisibleError if iam-warden repaired it a moment ago: the violation may be what IAM showed before that, and if
 *   somebody brought it back it is still there when it is looked at again
 */
const assertRepairVisibleByNow = (before: Finding | undefined, now: Date): void => {
  const { repair } = before ?? {};
  if (before?.status !== "resolved" || repair?.state !== "repaired") return;
  const ageSeconds = (now.getTime() - Date.parse(repair.at)) / 1000;
  if (ageSeconds >= visibleAfterSeconds) return;
  throw new NotYetVisibleError(
    `${nameOf(before.subject)} violates, ${Math.round(ageSeconds)} s after its repair; that may take ${visibleAfterSeconds} s to be seen`,
  );
};

const nameOf = ({ kind, name, accessKeyId }: SubjectRef): string =>
  kind === "accessKey" ? `Access key ${accessKeyId} of ${name}` : `${kindAtStart(kind)} ${name}`;

const readLive = async (reader: LiveReader, { kind, name }: SubjectGroup): Promise<AnyFacts | undefined> => {
  switch (kind) {
    case "user":
    case "role":
      return reader[kind](name, { policies: stateControlsOf(kind).some(({ policies }) => policies) });
    case "root":
      return reader.root();
    case "account":
      return reader.account();
    default:
      return reader.other(kind, name);
  }
};

/** Whom a verdict rests on besides its subject is read once that is known, and only then. */
const judgeAmongNeighbours = async (
  reader: LiveReader,
  facts: AnyFacts,
  settings: Settings,
  by: Omit<Parameters<typeof judge>[2], "neighbours">,
): Promise<readonly Judgement[]> => {
  const { neighbours, asked } = createAskedNeighbours();
  const judged = judge(facts, settings, { ...by, neighbours });
  if (asked.size === 0) return judged;
  return judge(facts, settings, { ...by, neighbours: await readNeighbours(reader, asked) });
};

const apply = async (
  dependencies: SubjectDependencies,
  group: SubjectGroup,
  judgement: Judgement,
): Promise<Finding | undefined> => {
  const { store, telemetry, clock, excused } = dependencies;
  const { control, subject, verdict } = judgement;
  if (verdict.outcome === "unknown") {
    telemetry.count("UnknownVerdicts");
    telemetry.warn("A verdict is unknown", { control, account: group.accountId, subject, reason: verdict.reason });
  }
  const now = clock();
  const id = findingId(judgement.account.id, control, subject);
  const before = await store.get(judgement.account.id, id);
  if (verdict.outcome === "violation") assertRepairVisibleByNow(before, now);
  const finding = await reconcile(store, judgement, {
    open: new Map(before && [[id, before]]),
    now,
    delivery: "single",
    actor: actorFor(group, control),
    excused,
    repairAfterHours: announcedHours(dependencies.settings, control, judgement.account),
  });
  if (finding === undefined) return undefined;
  const told = await tell(dependencies, finding, now);
  // What a repair contains is open still, and only whoever made it can say whether it stands.
  const isContained = told.status === "open" && told.repair?.state === "repaired";
  const isRepaired = repairingLadder(dependencies.settings, control, judgement.account) !== undefined;
  if (isContained && isRepaired && group.events.some(hints(control, group.name)))
    await dependencies.repairs?.send({
      kind: "repair",
      accountId: group.accountId,
      findingId: told.id,
      stage: "repair",
    });
  return told;
};

/** Whether an event hints at a control of the group's subject. */
const hints =
  (control: string, name: string) =>
  ({ record }: ReceivedEvent): boolean =>
    hintsOf(record).some((hint) => hint.control === control && hint.subject.name === name);

/** Keys that the events speak of and the user does not have (any more), each with the latest event about it. */
const absentKeys = (
  { events }: SubjectGroup,
  facts: AnyFacts,
): readonly (readonly [SubjectRef, CloudTrailRecord])[] => {
  if (facts.kind !== "user" || !facts.accessKeys.known) return [];
  const present = new Set(facts.accessKeys.value.map(({ id }) => (id.known ? id.value : undefined)));
  const absent = new Map<string, readonly [SubjectRef, CloudTrailRecord]>();
  for (const { record } of events) {
    for (const subject of subjectsOf(record)) {
      const { kind, name, accessKeyId } = subject;
      if (kind !== "accessKey" || name !== facts.name || accessKeyId === undefined || present.has(accessKeyId))
        continue;
      absent.set(accessKeyId, [subject, record]);
    }
  }
  return [...absent.values()];
};

/** Who most likely caused what a control says: the latest event of the group that hints at it, else the latest of all. */
const actorFor = ({ events, kind, name }: SubjectGroup, control: string): Actor | undefined => {
  if (kind === "resource") return undefined; // Access Analyzer does not tell who gave the access.
  const event = events.findLast(hints(control, name)) ?? events.at(-1);
  return event && actorOf(event.record);
};
