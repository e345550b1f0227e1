import type { Severity } from "../../shared/control.ts";

/** Where something was seen, as the demo shows it. */
export interface ShownSubject {
  readonly account: string;
  readonly accountName: string;
  /** E.g. `user/alice`. */
  readonly subject: string;
}

/**
 * Everything the demo says, one object a line with `--json`. `at` is virtual time, ISO 8601. New types and fields may
 * be added; readers skip what they do not know.
 */
export type DemoLine = { readonly at: string } & (
  | {
      readonly type: "start";
      readonly accounts: number;
      /** Those that a sweep reads: of a suspended account nothing can be read. */
      readonly active: number;
      readonly users: number;
      readonly roles: number;
    }
  | { readonly type: "sweep-started"; readonly runId: string; readonly accounts: number }
  | {
      readonly type: "account-swept";
      readonly account: string;
      readonly accountName: string;
      readonly status: "swept" | "failed";
      readonly violations: number;
      readonly unknown: number;
    }
  | {
      readonly type: "sweep-finished";
      readonly runId: string;
      readonly swept: number;
      readonly failed: number;
      readonly apiCalls: number;
      readonly bySeverity: Readonly<Record<Severity, number>>;
    }
  | ({
      /** A finding opened, reopened, recurred, escalated or resolved. */
      readonly type: "finding";
      readonly change: string;
      readonly id: string;
      readonly control: string;
      readonly severity: Severity;
      readonly reason: string;
      readonly by?: string;
      /** True while the first sweep runs: the text output sums these up instead of listing them. */
      readonly inSweep: boolean;
    } & ShownSubject)
  | { readonly type: "step"; readonly title: string }
  | {
      /** A CloudTrail record, or a finding of Access Analyzer, that a rule passed on to the queue. */
      readonly type: "event";
      readonly eventName: string;
      readonly eventId: string;
      readonly account: string;
      readonly accountName: string;
      readonly by: string;
    }
  | {
      /** What SNS delivered to one subscriber. */
      readonly type: "message";
      readonly protocol: string;
      readonly endpoint: string;
      readonly subject?: string;
      readonly body: string;
      /** Message attributes, which filter policies route by. */
      readonly attributes: Readonly<Record<string, string>>;
      readonly inSweep: boolean;
    }
  | { readonly type: "log"; readonly level: "warn" | "error"; readonly message: string; readonly errorName?: string }
  | { readonly type: "dead-letter"; readonly messageId: string; readonly receiveCount: number; readonly body: string }
  | { readonly type: "endpoint"; readonly url: string; readonly commands: readonly string[] }
  | {
      /** The demo held against what the organization was seeded with and what each step did. */
      readonly type: "check";
      readonly ok: boolean;
      readonly expected: number;
      readonly found: number;
      readonly problems: readonly string[];
    }
  | { readonly type: "end"; readonly exitCode: number }
);

export interface Printer {
  print(line: DemoLine): void;
  /** Ends what is being drawn, e.g. a progress bar. */
  close(): void;
}

/** Where a printer writes. */
export interface Terminal {
  write(text: string): void;
  readonly isTerminal: boolean;
  readonly columns: number;
}

export const jsonPrinter = (terminal: Terminal): Printer => ({
  print: (line) => terminal.write(`${JSON.stringify(line)}\n`),
  close: () => {},
});
