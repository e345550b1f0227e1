import type { EventBridgeEvent } from "../sandbox.ts";

/** A line of a trace, as deep as it is within what it belongs to. */
export interface Trace {
  readonly lines: readonly string[];
  say(line: string): void;
}

/** @param clock the time that each line begins with */
export const createTrace = (clock: () => Date): Trace => {
  const lines: string[] = [];
  return { lines, say: (line) => void lines.push(`${clock().toISOString()} ${line}`) };
};

/** What an observer outside of the program saw, for the invariants to judge: nothing in it is the program's own word. */
export interface Observed {
  /** When a finding was opened, opened again, recurred or got worse, by what was written to the table. */
  readonly openings: Opening[];
  /** Events that the queue handed to the intake and that it took as done. */
  readonly done: EventBridgeEvent[];
  /** What a function ended with that neither a fault nor an error of the program's own hierarchy explains. */
  readonly crashes: string[];
  /** Calls that change something in IAM, made with one of iam-warden's own roles. */
  readonly writes: Write[];
  /** What did not come about though the world was quiet: a sweep that failed without a fault. */
  readonly unsettled: string[];
}

export interface Opening {
  readonly at: string;
  readonly accountId: string;
  readonly findingId: string;
  readonly control: string;
  readonly what: string;
}

export interface Write {
  readonly at: string;
  readonly accountId: string;
  readonly role: string;
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
}

export const nothingObserved = (): Observed => ({ openings: [], done: [], crashes: [], writes: [], unsettled: [] });
