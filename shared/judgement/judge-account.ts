import type { AwsAccess } from "../aws/access.ts";
import { unknown } from "../control.ts";
import { MalformedInputError } from "../errors.ts";
import { type AccountSnapshot, type AnyFacts, type CredentialPart, known, type UserFacts } from "../facts/facts.ts";
import type { Sleep } from "../facts/fetch-report.ts";
import { createLiveReader } from "../facts/live.ts";
import { freshForMs, readSnapshot } from "../facts/snapshot.ts";
import { type Finding, findingId } from "../findings/finding.ts";
import type { Settings } from "../settings/settings.ts";
import { type AccountRef, subjectKey } from "../subject.ts";
import { inOrder } from "./in-order.ts";
import { type AsOf, createJudge, type Judged, subjectOf } from "./judge.ts";
import type { Judgement } from "./judgement.ts";
import { keyTime, toldKeys, withToldIds } from "./key-ids.ts";
import { planReads, type ReadPlan, readsLastUse } from "./verification.ts";

export interface JudgeAccountOptions {
  readonly aws: AwsAccess;
  readonly account: AccountRef;
  readonly settings: Settings;
  readonly clock: () => Date;
  readonly sleep: Sleep;
  /** The account's open findings: what they already say costs nothing to find again. */
  readonly open: readonly Finding[];
  /** The subject that an earlier run got to; this one begins with the next. */
  readonly after?: string;
  /**
   * Live reads for one user whom a stale report accuses, besides the list of keys where a key violates. What cannot be
   * verified within them is unknown. Absent: three.
   */
  readonly verificationCallsPerUser?: number;
}

export interface SubjectJudgements {
  /** See `subjectKey`; a user's keys are judged with the user. */
  readonly subject: string;
  /** None for a user who vanished while the account was read. */
  readonly judgements: readonly Judgement[];
}

/** Users read live at the same time. */
const concurrency = 4;

const kindOrder = ["account", "root", "user", "role"];

/** Where a subject comes in a run: account, root, users, roles; within a kind by name. */
const placeOf = (subject: string): { readonly kind: number; readonly name: string } => {
  const slash = subject.indexOf("/");
  const kind = kindOrder.indexOf(subject.slice(0, slash));
  if (kind < 0) throw new MalformedInputError(`no subject to go on after: ${JSON.stringify(subject)}`);
  return { kind, name: subject.slice(slash + 1) };
};

const isAfter = (subject: string, cursor: string): boolean => {
  const [a, b] = [placeOf(subject), placeOf(cursor)];
  return a.kind === b.kind ? a.name > b.name : a.kind > b.kind;
};

/** Where the list of a user's keys was denied, what a fresh report says of the keys is still fact, all but the ids. */
const withReportedKeys = (refreshed: UserFacts, reported: UserFacts): UserFacts => {
  const { accessKeys } = refreshed;
  if (accessKeys.known || !reported.accessKeys.known) return refreshed;
  const keys = reported.accessKeys.value.map((key) => (key.id.known ? key : { ...key, id: accessKeys }));
  return { ...refreshed, accessKeys: known(keys) };
};

const earliest = (dates: readonly Date[]): Date => new Date(Math.min(...dates.map((date) => date.getTime())));

/** Facts of a user of which some were read live, at `at`. */
interface LiveReads extends ReadPlan {
  readonly at: Date;
}

/**
 * Judges an account: the sweep nominates, fresh facts convict. Facts come from one bulk read; what a credential report
 * older than five minutes says against a user for whom no such finding is open yet is read again live first, only the
 * parts that the violated controls rest on; so is a user made after the report. Key ids, which no bulk read has, are listed only for users with a violating
 * key that no open finding names.
 *
 * Yields subject by subject, always in the same order; returns what was read.
 * @throws AccessDeniedError if the account cannot be read at all
 * @throws ThrottledError when AWS keeps throttling; `after` the last subject another run goes on
 */
export async function* judgeAccount(options: JudgeAccountOptions): AsyncGenerator<SubjectJudgements, AccountSnapshot> {
  const { aws, account, settings, clock, sleep, after, verificationCallsPerUser = 3 } = options;
  const judge = createJudge(settings, account, clock());
  const open = new Map(options.open.filter(({ status }) => status === "open").map((finding) => [finding.id, finding]));
  const told = toldKeys([...open.values()]);
  const snapshot = await readSnapshot(aws, account, { clock, sleep });
  const { readAt } = snapshot;
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
    (user: UserFacts, live?: LiveReads): AsOf =>
    (control, facts) => {
      const partAsOf = (part: CredentialPart): Date => {
        if (live?.parts.has(part) && (part !== "accessKeyLastUsed" || readsLastUse(live, facts))) return live.at;
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

  const judgeUser = (bulk: UserFacts): readonly Judgement[] | Promise<readonly Judgement[]> => {
    if (isUnreadNewcomer(bulk)) return verify(bulk, { parts: new Set(newcomerParts), lastUsedOf: new Set() });
    const user = withToldIds(bulk, told.get(bulk.name));
    const judged = judge(user, asOfReads(user));
    const suspects = judged.filter(isSuspect);
    const nameless = judged.filter((one) => isViolation(one) && isNameless(one));
    if (suspects.length === 0 && nameless.length === 0) return judged.map(({ judgement }) => judgement);
    const plan = planReads(user, { suspects, nameless }, liveParts, verificationCallsPerUser);
    return plan.parts.size === 0 ? judged.map((one) => convicted(user, one)) : verify(user, plan);
  };

  const verify = async (user: UserFacts, plan: ReadPlan): Promise<readonly Judgement[]> => {
    const at = clock();
    const refreshed = await reader.refresh(user, [...plan.parts], {
      lastUsedOf: (key) => key.active && plan.lastUsedOf.has(keyTime(key)),
    });
    if (!refreshed) return [];
    const facts = isFresh(user.credentialsAsOf) ? withReportedKeys(refreshed, user) : refreshed;
    return judge(facts, asOfReads(facts, { ...plan, at })).map((one) => convicted(facts, one));
  };

  const judgeOther = (facts: AnyFacts): readonly Judgement[] => judge(facts, () => readAt).map((one) => one.judgement);

  const subjects = [snapshot.accountFacts, snapshot.root, ...snapshot.users, ...snapshot.roles].filter(
    (facts) => after === undefined || isAfter(subjectKey(subjectOf(facts)), after),
  );
  yield* inOrder(subjects, concurrency, (facts): SubjectJudgements | Promise<SubjectJudgements> => {
    const subject = subjectKey(subjectOf(facts));
    const judgements = facts.kind === "user" ? judgeUser(facts) : judgeOther(facts);
    return judgements instanceof Promise
      ? judgements.then((done) => ({ subject, judgements: done }))
      : { subject, judgements };
  });
  return snapshot;
}
