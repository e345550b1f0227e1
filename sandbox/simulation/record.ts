import type { Exemption } from "../../shared/exemptions/exemption.ts";
import type { Remediation, Stage } from "../../shared/remediation/remediation.ts";
import type { EventBridgeEvent } from "../sandbox.ts";
import type { SlotImage } from "./slot-image.ts";

export interface Trace {
  readonly lines: readonly string[];
  say(line: string): void;
}

/** @param clock the time that each line begins with */
export const createTrace = (clock: () => Date): Trace => {
  const lines: string[] = [];
  return { lines, say: (line) => void lines.push(`${clock().toISOString()} ${line}`) };
};

/** All times are milliseconds of the one true clock, whatever the clocks of the functions say. */
interface Timed {
  readonly at: number;
}

/** News of a finding, by what was written to the table. */
export interface News extends Timed {
  readonly findingId: string;
  readonly what: string;
}

/** A call that changes something in IAM, made with one of iam-warden's own roles, or with a root session of one. */
export interface OwnWrite extends Timed {
  readonly accountId: string;
  readonly role: string;
  readonly operation: string;
  /** It is the one tag that the audit role writes, on itself. */
  readonly isMark: boolean;
  readonly slot: string;
  /** What stood there, and of whom. */
  readonly before: SlotImage;
  /** The remediation that the table held for it then: the latest of this slot. */
  readonly remediation?: Remediation;
  /** Whether the remediation's control found a violation there then, by the true state. */
  readonly violates: boolean;
  /** Where the account was then. */
  readonly ouPath: string;
}

/** What an observer outside of the program saw, for the invariants to judge. */
export interface Observed {
  readonly news: News[];
  /** Events that the queue handed to the intake and that it took as done. */
  readonly done: EventBridgeEvent[];
  readonly writes: OwnWrite[];
  /** Each version of each remediation, as it was stored. */
  readonly remediations: (Timed & { readonly remediation: Remediation })[];
  readonly exemptions: (Timed & { readonly exemption: Exemption })[];
  /** What people asked for. */
  readonly approvals: (Timed & { readonly findingId: string; readonly digest: string; readonly stage: Stage })[];
  readonly undos: (Timed & { /** Of a finding or of a remediation. */ readonly id: string })[];
  readonly resumes: Timed[];
  /** Calls of workloads and people that AWS refused. */
  readonly denials: (Timed & { readonly accountId: string })[];
  /** When somebody else did something to a user, a role or root. */
  readonly touches: (Timed & { readonly accountId: string; readonly principal: string })[];
  /** When accounts came to be where they are. */
  readonly moves: (Timed & { readonly accountId: string; readonly ouPath: string })[];
  /** What stood at a slot once its remediation was undone. */
  readonly restored: (Timed & { readonly remediationId: string; readonly slot: string; readonly found: SlotImage })[];
  /** What a function ended with that neither a fault nor an error of the program's own hierarchy explains. */
  readonly crashes: string[];
  /** What did not come about though the world was quiet. */
  readonly unsettled: string[];
}

export const nothingObserved = (): Observed => ({
  news: [],
  done: [],
  writes: [],
  remediations: [],
  exemptions: [],
  approvals: [],
  undos: [],
  resumes: [],
  denials: [],
  touches: [],
  moves: [],
  restored: [],
  crashes: [],
  unsettled: [],
});
