import type { AwsAccess } from "../aws/access.ts";
import { unknown } from "../control.ts";
import { MalformedInputError } from "../errors.ts";
import {
  type AccountSnapshot,
  type AnyFacts,
  type CredentialPart,
  type Fact,
  known,
  type UserFacts,
} from "../facts/facts.ts";
import { freshForMs, type Sleep } from "../facts/fetch-report.ts";
import { createLiveReader } from "../facts/live.ts";
import { refreshed } from "../facts/live-credentials.ts";
import { neighboursIn } from "../facts/neighbours.ts";
import { readSnapshot } from "../facts/snapshot.ts";
import { type Finding, findingId } from "../findings/finding.ts";
import type { OrganizationView } from "../organization/view.ts";
import type { Settings } from "../settings/settings.ts";
import { type AccountRef, subjectKey, subjectKinds } from "../subject.ts";
import { inOrder } from "./in-order.ts";
import { type AsOf, createJudge, type Judged, judgeUnlisted, subjectOf } from "./judge.ts";
import type { Judgement } from "./judgement.ts";
import { keyTime, toldKeys, withToldIds } from "./key-ids.ts";
import { planReads, type ReadPlan, readsLastUse } from "./verification.ts";
import { type LiveReads, suspicionOf, type VerificationMemory } from "./verifications.ts";

export interface JudgeAccountOptions {
  readonly aws: AwsAccess;
  readonly account: AccountRef;
  readonly settings: Settings;
  readonly clock: () => Date;
  readonly sleep: Sleep;
  /** The account's open findings: what they already say costs nothing to find again. */
  readonly open: readonly Finding[];
  /** The organization as the account sees it. Absent: it was not read. */
  readonly organization?: Fact<OrganizationView>;
  /** The subject that an earlier run got to; this one begins with the next. */
  readonly after?: string;
  /**
   * Live reads for one user whom a stale report accuses, besides the list of keys where a key violates. What cannot be
   * verified within them is unknown. Absent: three.
   */
  readonly verificationCallsPerUser?: number;
  /** Whom an earlier run read live on the same report, and where this one says whom it read. Absent: nothing is remembered. */
  readonly verified?: VerificationMemory;
  /** Given what was read before anything of it is judged: whoever stops midway never comes to the return value. */
  readonly onRead?: (snapshot: AccountSnapshot) => void;
}

export interface SubjectJudgements {
  /** See `subjectKey`; a user's keys are judged with the user. */
  readonly subject: string;
  /** None for a user who vanished while the account was read. */
  readonly judgements: readonly Judgement[];
}

/** Users read live at the same time. */
const concurrency = 4;

const sweptKinds: readonly string[] = subjectKinds.filter((kind) => kind !== "accessKey");

/** Where a subject comes in a run: by kind, and within a kind by name. */
const placeOf = (subject: string): { readonly kind: number; readonly name: string } => {
  const slash = subject.indexOf("/");
  const kind = sweptKinds.indexOf(subject.slice(0, slash));
  if (kind < 0) throw new MalformedInputError(`no subject to go on after: ${JSON.stringify(subject)}`);
  return { kind, name: subject.slice(slash + 1) };
};

const isAfter = (subject: string, cursor: string): boolean => {
  const [a, b] = [placeOf(subject), placeOf(cursor)];
  return a.kind === b.kind ? a.name > b.name : a.kind > b.kind;
};

/** Where the list of a user's keys was denied, what a fresh report says of the keys is still fact, all but the ids. */
const withReportedKeys = (live: UserFacts, reported: UserFacts): UserFacts => {
  const { accessKeys } = live;
  if (accessKeys.known || !reported.accessKeys.known) return live;
  const keys = reported.accessKeys.value.map((key) => (key.id.known ? key : { ...key, id: accessKeys }));
  return { ...live, accessKeys: known(keys) };
};

/** When each user's open findings, those of the user's keys included, were last changed by newer facts. */
const lastChanges = (open: Iterable<Finding>): ReadonlyMap<string, number> => {
  const changes = new Map<string, number>();
  for (const { subject, observedAt } of open)
    if (subject.kind === "user" || subject.kind === "accessKey")
      changes.set(subject.name, Math.max(Date.parse(observedAt), changes.get(subject.name) ?? 0));
  return changes;
};

const earliest = (dates: readonly Date[]): Date => new Date(Math.min(...dates.map((date) => date.getTime())));

/**
 * Judges an account: the sweep nominates, fresh facts convict. Facts come from one bulk read; what a credential report
 * older than five minutes says against a user for whom no such finding is open yet is read again live first, only the
 * parts that the violated controls rest on; so is a user made after the report. Whom `verified` remembers is judged by what
 * was read then, and read again only where that would accuse anew. Key ids, which no bulk read has, are listed only for users with a violating
 * key that no open finding names.
 *
 * Yields subject by subject, always in the same order; returns what was read.
 * @throws AccessDeniedError if the account cannot be read at all
 * @throws ThrottledError when AWS keeps throttling; `after` the last subject another run goes on
 */
export async function* judgeAccount(options: JudgeAccountOptions): AsyncGenerator<SubjectJudgements, AccountSnapshot> {
  const { aws, account, settings, clock, sleep, after, verificationCallsPerUser = 3, verified } = options;
  const now = clock();
  const open = new Map(options.open.filter(({ status }) => status === "open").map((finding) => [finding.id, finding]));
  const told = toldKeys([...open.values()]);
  const changes = lastChanges(open.values());
  const snapshot = await readSnapshot(aws, account, { clock, sleep, organization: options.organization });
  options.onRead?.(snapshot);
  const neighbours = neighboursIn([...snapshot.users, ...snapshot.roles, ...snapshot.others]);
  const judge = createJudge(settings, account, now, options.organization, neighbours);
  const { readAt, reportAt } = snapshot;
  const reader = createLiveReader(aws, account, clock);
  const liveParts = new Set<CredentialPart>(snapshot.liveParts);

  const isFresh = (asOf: Date): boolean => readAt.getTime() - asOf.getTime() < freshForMs;
  /** A violation that is open already, and would not be told anew. */
  const isOpen = ({ judgement }: Judged): boolean =>
    open.get(findingId(account.id, judgement.control, judgement.subject))?.severity === judgement.severity;
  const isViolation = ({ judgement }: Judged): boolean => judgement.verdict.outcome === "violation";
  const isSuspect = (one: Judged): boolean => isViolation(one) && !isFresh(one.judgement.asOf) && !isOpen(one);
  const isNameless = ({ facts }: Judged): boolean => facts.kind === "accessKey" && !facts.id.known;

  /** A user's verdict is as old as the oldest part it rests on; all else is live. */
  const asOfReads =
    (user: UserFacts, reads?: LiveReads): AsOf =>
    (control, facts) => {
      const partAsOf = (part: CredentialPart): Date => {
        if (reads?.plan.parts.has(part) && (part !== "accessKeyLastUsed" || readsLastUse(reads.plan, facts)))
          return reads.at;
        return liveParts.has(part) ? readAt : user.credentialsAsOf;
      };
      return control.credentials.length === 0 ? readAt : earliest(control.credentials.map(partAsOf));
    };

  const convicted = (user: UserFacts, one: Judged): Judgement => {
    const { judgement } = one;
    if (judgement.verdict.outcome !== "violation") return judgement;
    const { reason } = judgement.verdict;
    if (one.facts.kind === "accessKey" && !one.facts.id.known)
      return { ...judgement, verdict: unknown(`${reason} Its id is not known`, one.facts.id.why) };
    if (!isSuspect(one)) return judgement;
    const reported = user.credentialsAsOf.toISOString();
    return {
      ...judgement,
      verdict: unknown(`${reason} Not verified yet`, `the credential report of ${reported} is stale`),
    };
  };

  /** What no report can say yet of a user who is younger than it, in as many calls as a stale report's suspect may cost. */
  const newcomerParts: readonly CredentialPart[] = ["loginProfile", "mfaDevices", "accessKeys"];
  const isUnreadNewcomer = ({ name }: UserFacts): boolean =>
    snapshot.newUsers.has(name) && newcomerParts.length <= verificationCallsPerUser;

  /**
   * Judges by what an earlier run read since the same report. Nothing if that would accuse the user of something new, or
   * an event has accused the user since: then there is reason to read anew.
   */
  const judgeRemembered = (user: UserFacts): readonly Judgement[] | undefined => {
    const verification = reportAt && verified?.recall(reportAt, user.id);
    if (!verification || (changes.get(user.name) ?? 0) > verification.at.getTime()) return undefined;
    const facts = refreshed(user, verification.live);
    const judged = judge(facts, asOfReads(facts, verification));
    const isNew = (one: Judged): boolean =>
      isViolation(one) &&
      !isOpen(one) &&
      one.judgement.asOf < readAt &&
      !verification.unverified.includes(suspicionOf(one));
    return judged.some(isNew) ? undefined : judged.map((one) => convicted(facts, one));
  };

  const judgeUser = (bulk: UserFacts): readonly Judgement[] | Promise<readonly Judgement[]> => {
    const user = withToldIds(bulk, told.get(bulk.name));
    const remembered = judgeRemembered(user);
    if (remembered) return remembered;
    if (isUnreadNewcomer(bulk)) return verify(bulk, { parts: new Set(newcomerParts), lastUsedOf: new Set() });
    const judged = judge(user, asOfReads(user));
    const suspects = judged.filter(isSuspect);
    const nameless = judged.filter((one) => isViolation(one) && isNameless(one));
    if (suspects.length === 0 && nameless.length === 0) return judged.map(({ judgement }) => judgement);
    const plan = planReads(user, { suspects, nameless }, liveParts, verificationCallsPerUser);
    return plan.parts.size === 0 ? judged.map((one) => convicted(user, one)) : verify(user, plan);
  };

  const verify = async (user: UserFacts, plan: ReadPlan): Promise<readonly Judgement[]> => {
    const at = clock();
    const live = await reader.credentials(user.name, [...plan.parts], {
      lastUsedOf: (key) => key.active && plan.lastUsedOf.has(keyTime(key)),
    });
    if (!live) return [];
    const reads = { plan, live, at };
    const found = refreshed(user, live);
    const facts = isFresh(user.credentialsAsOf) ? withReportedKeys(found, user) : found;
    const judged = judge(facts, asOfReads(facts, reads));
    if (reportAt && (!isFresh(reportAt) || snapshot.newUsers.has(user.name))) {
      const unverified = judged.filter(isSuspect).map(suspicionOf);
      verified?.keep(reportAt, { ...reads, userId: user.id, unverified });
    }
    return judged.map((one) => convicted(facts, one));
  };

  const judgeOther = (facts: AnyFacts): readonly Judgement[] => judge(facts, () => readAt).map((one) => one.judgement);

  const subjects = [
    snapshot.accountFacts,
    snapshot.root,
    ...snapshot.users,
    ...snapshot.roles,
    ...snapshot.others,
  ].filter((facts) => after === undefined || isAfter(subjectKey(subjectOf(facts)), after));
  yield* inOrder(subjects, concurrency, (facts): SubjectJudgements | Promise<SubjectJudgements> => {
    const subject = subjectKey(subjectOf(facts));
    const judgements = facts.kind === "user" ? judgeUser(facts) : judgeOther(facts);
    return judgements instanceof Promise
      ? judgements.then((done) => ({ subject, judgements: done }))
      : { subject, judgements };
  });
  for (const [kind, why] of snapshot.unlisted)
    yield {
      subject: `${kind}/`,
      judgements: judgeUnlisted(settings, snapshot.accountFacts, { kind, why, now: readAt }),
    };
  return snapshot;
}
