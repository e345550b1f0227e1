import { isObject, textField } from "../events/record.ts";
import type { AccountSnapshot, OtherFacts, UserFacts } from "../facts/facts.ts";
import { kindAtStart, type SubjectKind, type SubjectRef, subjectKey } from "../subject.ts";
import { changeFinding } from "./change.ts";
import type { Finding } from "./finding.ts";
import type { FindingStore } from "./store.ts";
import { resolved, type Telling } from "./transition.ts";

/** IAM may take a while to list what was just made: a finding this young is not gone because a list lacks its subject. */
const settlingMs = 5 * 60_000;

/**
 * Resolves the open findings of a subject that does not exist, for an event about it; with a user go the user's keys. Gives
 * back what it resolved, and what had been resolved but is still to be told.
 */
export const resolveSubject = (
  store: FindingStore,
  accountId: string,
  subject: SubjectRef,
  reason: string,
  options: Telling & { readonly asOf: Date },
): Promise<readonly Finding[]> =>
  resolveWhere(store, accountId, options, (finding) => {
    const isKeyOfUser =
      subject.kind === "user" && finding.subject.kind === "accessKey" && finding.subject.name === subject.name;
    const isMeant =
      finding.activity === undefined && (isKeyOfUser || subjectKey(finding.subject) === subjectKey(subject));
    return isMeant ? { reason, asOf: options.asOf } : undefined;
  });

/**
 * Resolves the open findings of subjects that a complete bulk read of their account did not see: users, roles and the like
 * that were deleted, keys that were rotated away. What the read could not see stays as it is. Gives back what it resolved.
 *
 * A report lists keys without their ids, so a key is told by its time of creation (`createdAt` in the finding's evidence).
 * @param options.judged ids of the findings whose subject this sweep judged: those exist
 */
export const resolveGone = (
  store: FindingStore,
  snapshot: AccountSnapshot,
  options: Telling & { readonly judged?: ReadonlySet<string> },
): Promise<readonly Finding[]> => {
  const users = new Map(snapshot.users.map((user) => [user.name, user]));
  const roles = new Set(snapshot.roles.map((role) => role.name));
  const others = new Set(snapshot.others.map(subjectKey));
  return resolveWhere(store, snapshot.account.id, options, (finding) => {
    const { kind, name } = finding.subject;
    const isYoung = (asOf: Date): boolean => asOf.getTime() - Date.parse(finding.observedAt) < settlingMs;
    const gone = (what: string, asOf: Date) =>
      isYoung(asOf) ? undefined : { reason: `${what} does not exist any more.`, asOf };
    if (options.judged?.has(finding.id)) return undefined;
    if (kind === "role") return roles.has(name) ? undefined : gone(`Role ${name}`, snapshot.readAt);
    if (kind === "resource") {
      const isThere = others.has(subjectKey(finding.subject)) || mayBeUnread(finding, snapshot);
      const reason = `No analyzer has an active finding of access from outside to ${name} any more.`;
      return isThere || isYoung(snapshot.readAt) ? undefined : { reason, asOf: snapshot.readAt };
    }
    if (isOther(kind)) {
      const isThere = snapshot.unlisted.has(kind) || others.has(subjectKey(finding.subject));
      return isThere ? undefined : gone(`${kindAtStart(kind)} ${name}`, snapshot.readAt);
    }
    if (kind !== "user" && kind !== "accessKey") return undefined;
    const user = users.get(name);
    if (user === undefined) return gone(`User ${name}`, snapshot.readAt);
    if (kind === "user" || !lacksKey(user, finding)) return undefined;
    return gone(`Access key ${finding.subject.accessKeyId ?? ""} of ${name}`, user.credentialsAsOf);
  });
};

/** Whether analyzers that told of a resource were not read now. Which did, the finding's evidence says. */
const mayBeUnread = ({ evidence: { foundBy } }: Finding, { unreadAccess }: AccountSnapshot): boolean => {
  if (unreadAccess.length === 0) return false;
  const told = Array.isArray(foundBy)
    ? foundBy.map((one) => (isObject(one) ? textField(one, "region") : undefined))
    : [];
  return (
    told.length === 0 ||
    told.some((region) => region === undefined || unreadAccess.some((one) => one.region === region))
  );
};

const otherKinds: Readonly<Record<OtherFacts["kind"], true>> = {
  group: true,
  policy: true,
  oidcProvider: true,
  samlProvider: true,
  serverCertificate: true,
  resource: true,
};
const isOther = (kind: SubjectKind): kind is OtherFacts["kind"] => Object.hasOwn(otherKinds, kind);

const lacksKey = (user: UserFacts, { subject, evidence }: Finding): boolean => {
  const createdAt = typeof evidence.createdAt === "string" ? Date.parse(evidence.createdAt) : undefined;
  return (
    user.accessKeys.known &&
    user.accessKeys.value.every((key) =>
      key.id.known
        ? key.id.value !== subject.accessKeyId
        : createdAt !== undefined && key.createdAt.getTime() !== createdAt,
    )
  );
};

/**
 * Resolves an account's open findings of controls that the settings turned off, so that nothing stays open that nobody
 * judges. It is told in the digest alone, even of what is critical: somebody decided it, and it may be hundreds at once;
 * that it happened should still be read by more people than the one who did it.
 */
export const resolveOff = (
  store: FindingStore,
  accountId: string,
  isOn: (control: string) => boolean,
  options: { readonly now: Date; readonly runId?: string },
): Promise<readonly Finding[]> =>
  resolveWhere(store, accountId, { ...options, delivery: "digest", calm: true }, (finding) =>
    isOn(finding.control)
      ? undefined
      : {
          reason: `The settings no longer turn on the control ${finding.control}; the subject was not repaired.`,
          asOf: new Date(finding.observedAt),
        },
  );

/**
 * Resolves all open findings of an account that the organization's list of `asOf` does not name: no sweep gets there any
 * more. What was seen there later stays. Told in the digest alone: nothing was repaired, and nobody can do anything there.
 */
export const resolveAccount = (
  store: FindingStore,
  accountId: string,
  options: { readonly now: Date; readonly asOf: Date; readonly runId: string },
): Promise<readonly Finding[]> =>
  resolveWhere(store, accountId, { ...options, delivery: "digest", calm: true }, () => ({
    reason: `Account ${accountId} is no active member of the organization any more.`,
    asOf: options.asOf,
  }));

const resolveWhere = async (
  store: FindingStore,
  accountId: string,
  telling: Telling,
  why: (finding: Finding) => { readonly reason: string; readonly asOf: Date } | undefined,
): Promise<readonly Finding[]> => {
  const done: Finding[] = [];
  for (const { id } of (await store.listActive(accountId)).filter((finding) => why(finding) !== undefined)) {
    const after = await changeFinding(store, accountId, id, (finding) => {
      const found = finding?.status === "open" ? why(finding) : undefined;
      if (finding === undefined || found === undefined || found.asOf.getTime() < Date.parse(finding.observedAt))
        return finding;
      return resolved(finding, found.reason, found.asOf, telling);
    });
    if (after?.status === "resolved") done.push(after);
  }
  return done;
};
