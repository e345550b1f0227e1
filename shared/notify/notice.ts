import { type AnyActivityControl, type AnyControl, type Severity, severities } from "../control.ts";
import type { Exemption } from "../exemptions/exemption.ts";
import type { Finding, NoticeKind, OutboxEntry, RepairNews } from "../findings/finding.ts";
import type { BreakerLimits, Trip } from "../remediation/breaker.ts";
import type { AccountRef, Subject } from "../subject.ts";

/** What a notice says of a control; the catalogue's controls are such. */
export type ControlText = Pick<AnyControl, "id" | "title" | "severity" | "guidance" | "subjects"> &
  Partial<Pick<AnyActivityControl, "attemptTitle">>;
/** A finding may outlive its control: then there is no text, and the notice does without. */
export type ControlLookup = (id: string) => ControlText | undefined;

/** One finding's news. */
export interface FindingNotice {
  readonly kind: NoticeKind;
  readonly finding: Finding;
  readonly entry: OutboxEntry;
  readonly control: ControlText | undefined;
}

export type SeverityCounts = Readonly<Record<Severity, number>>;

export interface DigestItem {
  readonly kind: NoticeKind;
  readonly severity: Severity;
  readonly control: string;
  readonly account: AccountRef;
  readonly subject: Subject;
  readonly reason: string;
  /** By what the operator's commands name it. */
  readonly finding: string;
  /** Told in a notice of its own already. */
  readonly toldAlone: boolean;
}

/** What a sweep of the organization found, or what earlier digests failed to tell. Lists are ordered, worst first. */
export interface Digest {
  /** Absent if it is not about one run but about what earlier ones left untold. */
  readonly runId?: string;
  readonly at: string;
  /** Where the run's whole report is, a little after the digest: `s3://…`. */
  readonly report?: string | undefined;
  /** Opened, reopened, recurred or escalated, those told alone included. */
  readonly news: SeverityCounts;
  readonly toldAlone: number;
  readonly resolved: number;
  /** Open now in the accounts that the digest is about, news included; what is exempt is not. */
  readonly open: SeverityCounts;
  /** Excused now, and still there. */
  readonly exempt: SeverityCounts;
  /** Findings whose repair, or its last step, is held now: most of them are open, too. */
  readonly held: number;
  /** What was done about findings, by kind; a kind without news is left out. */
  readonly repairNews: readonly { readonly kind: RepairNews; readonly counts: SeverityCounts }[];
  /** News that will be repaired so many hours after the digest unless somebody acts: the soonest first. */
  readonly toBeRepaired: readonly { readonly control: string; readonly afterHours: number; readonly count: number }[];
  readonly controls: readonly {
    readonly id: string;
    readonly title: string;
    /** Of its worst finding here. */
    readonly severity: Severity;
    readonly news: number;
    readonly resolved: number;
    readonly open: number;
    readonly exempt: number;
    readonly held: number;
  }[];
  readonly accounts: readonly {
    readonly account: AccountRef;
    readonly news: SeverityCounts;
    readonly resolved: number;
    readonly open: SeverityCounts;
    readonly exempt: number;
    readonly held: number;
  }[];
  /** The worst news, not all of it. */
  readonly items: readonly DigestItem[];
  /** The worst of what was done about findings. */
  readonly repairItems: readonly DigestItem[];
  /** Some of what was resolved. */
  readonly resolvedItems: readonly DigestItem[];
  readonly coverage: Coverage;
}

/** What the run could not see: neither findings nor passes. */
export interface Coverage {
  readonly swept: number;
  readonly failed: readonly {
    readonly account: AccountRef;
    readonly error: string;
    /** There is a result, but it cannot be read. */
    readonly isUnreadable?: boolean;
  }[];
  /** Accounts of the run without any result. */
  readonly missing: readonly AccountRef[];
  /** Accounts with a stored finding that cannot be read: the digest's numbers lack all of theirs. */
  readonly unreadable: readonly { readonly account: AccountRef; readonly error: string }[];
  readonly unknownVerdicts: number;
  readonly unknownCauses: readonly { readonly cause: string; readonly count: number; readonly accounts: number }[];
  readonly gaps: readonly { readonly gap: string; readonly accounts: number }[];
}

export interface DigestNotice {
  readonly kind: "digest";
  readonly digest: Digest;
}

export interface ReminderItem {
  readonly finding: Finding;
  /** ISO 8601 in UTC: the repair is not made earlier. */
  readonly dueAt: string;
  /** People hear for the first time that it will be repaired: what they were told before said nothing of it. */
  readonly isFirst: boolean;
}

/** What will be repaired in an account, and when: one notice for everything that the same people own. */
export interface ReminderNotice {
  readonly kind: "reminder";
  readonly at: string;
  readonly account: AccountRef;
  readonly owners: readonly string[];
  readonly items: readonly ReminderItem[];
}

/** A circuit breaker has tripped. */
export interface TripNotice {
  readonly kind: "breakerTripped";
  readonly trip: Trip;
  readonly limits: BreakerLimits;
}

/** An exemption ends within seven days. */
export interface ExemptionNotice {
  readonly kind: "exemptionExpiring";
  readonly exemption: Exemption;
}

/** Accounts whose events do not arrive any more, and accounts whose events do again: one notice for all of an hour. */
export interface BlindNotice {
  readonly kind: "blindAccounts";
  readonly at: string;
  readonly blind: readonly {
    readonly account: AccountRef;
    /** ISO 8601 in UTC: when the mark was left that did not arrive. */
    readonly since: string;
    /** When the last mark arrived; absent if none ever did. */
    readonly lastArrivedAt?: string;
  }[];
  readonly seeing: readonly AccountRef[];
  /** Others that are blind, and were told earlier. */
  readonly stillBlind: number;
}

export type Notice = FindingNotice | DigestNotice | ReminderNotice | TripNotice | ExemptionNotice | BlindNotice;

/** A channel that notices go out by. */
export interface Notifier {
  /** @throws DeliveryError if it was not, or perhaps not, published */
  publish(notice: Notice): Promise<void>;
}

/** How much a digest has to tell: violations, what is resolved, and what was done about findings. */
export const toldIn = ({ news, resolved, repairNews }: Digest): number =>
  total(news) + resolved + repairNews.reduce((sum, { counts }) => sum + total(counts), 0);

export const total = (counts: SeverityCounts): number =>
  Object.values(counts).reduce((sum: number, count: number) => sum + count, 0);

export const noCounts = (): Record<Severity, number> => ({ critical: 0, high: 0, medium: 0, low: 0 });

/** Orders counts by severity: the worse first. */
export const byCounts = (a: SeverityCounts, b: SeverityCounts): number =>
  severities.map((severity) => b[severity] - a[severity]).find((difference) => difference !== 0) ?? 0;
