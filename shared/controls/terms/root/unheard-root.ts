import type { Activity } from "../../../control.ts";
import type { RootFacts } from "../../../facts/facts.ts";
import { hourOf } from "./root-record.ts";

/** How long a record may take to be heard of, and how far the credential report's times may be off: it rounds them. */
const toleranceMs = 3_600_000;

/** Root's last use as the credential report says it. */
export interface UnheardUse extends Activity {
  readonly usedAt: Date;
}

/**
 * The last use of root that left a trace in the credential report, and no record: `undefined` if there is none, or if its
 * record was heard of or may still come. Which rules and trails carry records an administrator of the account may change;
 * IAM's own note of root's last use nobody can.
 * @param heard.lastUseAt of the last record of root at work
 * @param heard.since before which nobody listened
 */
export const unheardUse = (
  { arn, passwordLastUsedAt, accessKeys }: RootFacts,
  { lastUseAt, since, now }: { readonly lastUseAt: Date | undefined; readonly since: Date; readonly now: Date },
): UnheardUse | undefined => {
  const keys = accessKeys.known ? accessKeys.value : [];
  const uses = [
    { credential: "password", fact: passwordLastUsedAt },
    ...keys.map(({ lastUsedAt }) => ({ credential: "access key", fact: lastUsedAt })),
  ].flatMap(({ credential, fact }) => (fact.known && fact.value ? [{ credential, at: fact.value }] : []));
  const last = uses.toSorted((a, b) => b.at.getTime() - a.at.getTime())[0];
  if (last === undefined) return undefined;
  const at = last.at.getTime();
  const isHeard = lastUseAt !== undefined && at - lastUseAt.getTime() <= toleranceMs;
  if (isHeard || at <= since.getTime() || now.getTime() - at <= toleranceMs) return undefined;
  const usedAt = last.at.toISOString();
  return {
    severity: "critical",
    reason: `Root was used: the credential report says that its ${last.credential} was last used at ${usedAt}, and no event of that came. Either events of this account are kept from iam-warden, or root called where no rule listens, or only for data, which makes no such events.`,
    evidence: { usedAt, credential: last.credential, lastHeardAt: lastUseAt?.toISOString() ?? null },
    subject: { kind: "root", name: "root", arn },
    episode: `unheard ${hourOf(last.at)}`,
    startedAt: last.at,
    usedAt: last.at,
  };
};
