import { styleText } from "node:util";
import { type Severity, severities } from "../../shared/control.ts";
import { visibleText } from "../../shared/visible-text.ts";
import type { DemoLine, Printer, Terminal } from "./lines.ts";

type Style = Parameters<typeof styleText>[0];
type Line<T extends DemoLine["type"]> = Extract<DemoLine, { type: T }>;

const severityStyles: Readonly<Record<Severity, Style>> = {
  critical: ["bold", "red"],
  high: "red",
  medium: "yellow",
  low: "blue",
};

const changeMarks: Readonly<Record<string, string>> = { resolved: "✔", reopened: "↻", recurred: "↻", escalated: "▲" };

/** Breaks text at spaces so that no line is longer than `width`; a longer word is cut. Keeps the text's own lines. */
export const wrap = (text: string, width: number): string[] =>
  text.split("\n").flatMap((paragraph) => {
    const indent = /^ */.exec(paragraph)?.[0] ?? "";
    const lines: string[] = [];
    let line = "";
    for (const word of paragraph.slice(indent.length).split(" ")) {
      let rest = word;
      const room = Math.max(8, width - indent.length);
      if (line !== "" && line.length + 1 + rest.length > room) {
        lines.push(indent + line);
        line = "";
      }
      while (rest.length > room) {
        lines.push(indent + rest.slice(0, room));
        rest = rest.slice(room);
      }
      line = line === "" ? rest : `${line} ${rest}`;
    }
    lines.push(indent + line);
    return lines.map((each) => each.trimEnd());
  });

/** A ruled line that does not fit is drawn shorter, not broken. */
const withRulesOf = (text: string, width: number): string =>
  text.replaceAll(/^(.*?)-{8,}$/gm, (line, title: string) =>
    line.length > width ? `${title}${"-".repeat(Math.max(3, width - title.length))}` : line,
  );

/** Lines of a message that are shown: of the first of its kind, and of a later one in chat; of a later email the subject. */
const firstLines = 24;
const laterLines = 8;

export interface TextOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Shows every message whole. */
  readonly full: boolean;
}

/** Prints the demo for a person: a timeline, with a progress bar and colours where the output is a terminal. */
export const textPrinter = (terminal: Terminal, { environment, full }: TextOptions): Printer => {
  const coloured = terminal.isTerminal && !environment.NO_COLOR;
  const style = (how: Style, text: string): string =>
    coloured ? styleText(how, text, { validateStream: false }) : text;
  const width = (): number => Math.min(Math.max(terminal.columns, 40), 120);
  const write = (text = ""): void => terminal.write(`${text}\n`);
  const say = (text: string, indent = 0, how?: Style): void => {
    for (const line of wrap(text, width() - indent)) write(" ".repeat(indent) + (how ? style(how, line) : line));
  };
  /** A line of the timeline; what does not fit goes on under its text. */
  const note = (at: string, text: string, how?: Style): void => {
    const [first = "", ...rest] = wrap(text, width() - 10);
    write(`${time(at)}  ${how ? style(how, first) : first}`);
    for (const line of rest) write(" ".repeat(10) + (how ? style(how, line) : line));
  };
  const time = (at: string): string => style("dim", at.slice(11, 19));
  const heading = (text: string): void => {
    write();
    write(style("bold", text));
  };

  let sweep = { accounts: 0, done: 0, byControl: new Map<string, { severity: Severity; shown: string[] }>() };
  let drawing = false;
  let checked = false;

  const drawProgress = (name: string): void => {
    const size = 24;
    const filled = sweep.accounts === 0 ? size : Math.round((sweep.done / sweep.accounts) * size);
    const bar = style("green", "█".repeat(filled)) + style("dim", "░".repeat(size - filled));
    const room = Math.max(0, width() - size - 22);
    terminal.write(`\r\u001b[2K  ${bar} ${sweep.done}/${sweep.accounts} accounts  ${visibleText(name).slice(0, room)}`);
    drawing = true;
  };
  const endDrawing = (): void => {
    if (drawing) terminal.write("\r\u001b[2K");
    drawing = false;
  };

  const box = (title: string, text: string, limit: number): void => {
    write(`  ${style("dim", "┌")} ${style("cyan", visibleText(title))}`);
    const lines = wrap(withRulesOf(text.trimEnd(), width() - 4), width() - 4);
    // One line more takes no more room than saying that there is one.
    const shown = lines.length > limit + 1 ? lines.slice(0, limit) : lines;
    for (const line of shown) write(`  ${style("dim", "│")} ${visibleText(line)}`);
    const rest = lines.length - shown.length;
    write(`  ${style("dim", rest > 0 ? `└ … ${rest} more lines (--full shows them)` : "└")}`);
  };
  const kindsSeen = new Set<string>();

  const printers: { readonly [T in DemoLine["type"]]: (line: Line<T>) => void } = {
    start: ({ accounts, active, users, roles }) => {
      write(style("bold", "iam-warden, on an AWS organization that lives in this process"));
      say(
        `${accounts} accounts, ${active} of them active, with ${users} IAM users and ${roles} roles. The functions that judge are the real ones; the accounts, ` +
          "the queue and the clock are simulated. Nothing leaves this machine.",
      );
    },
    "sweep-started": ({ accounts, at }) => {
      sweep = { accounts, done: 0, byControl: new Map() };
      heading("The daily sweep reads every account");
      write(`${time(at)}  ${accounts} accounts`);
      if (terminal.isTerminal) drawProgress("");
    },
    "account-swept": (line) => {
      sweep.done += 1;
      if (terminal.isTerminal) drawProgress(line.accountName);
      else if (line.status === "failed") write(`${time(line.at)}  ${visibleText(line.accountName)}: could not be read`);
      else {
        const unknown = line.unknown > 0 ? `, ${line.unknown} unknown` : "";
        write(`${time(line.at)}  ${visibleText(line.accountName)}: ${counted(line.violations, "violation")}${unknown}`);
      }
    },
    "sweep-finished": (line) => {
      endDrawing();
      const failed = line.failed > 0 ? `, ${line.failed} could not be read` : "";
      write(`${time(line.at)}  ${line.swept} accounts swept${failed}, ${line.apiCalls} AWS calls in all`);
      heading("Findings by severity");
      const controls = [...sweep.byControl].sort(([a], [b]) => (a < b ? -1 : 1));
      const widest = Math.max(...controls.map(([control]) => control.length));
      for (const severity of severities) {
        const count = line.bySeverity[severity];
        if (count === 0) continue;
        write(`  ${style(severityStyles[severity], `${severity.padEnd(9)}${count}`)}`);
        for (const [control, { shown }] of controls.filter(([, found]) => found.severity === severity)) {
          const before = `    ${control.padEnd(widest)} ${String(shown.length).padStart(4)}  `;
          write(`${before}${style("dim", some(shown, width() - before.length))}`);
        }
      }
    },
    finding: (line) => {
      if (line.inSweep) {
        const found = sweep.byControl.get(line.control) ?? { severity: line.severity, shown: [] };
        // A key is best known by its user.
        found.shown.push(`${line.subject.split("/")[1]} (${line.accountName})`);
        sweep.byControl.set(line.control, found);
        return;
      }
      const resolved = line.change === "resolved";
      const badge = style(
        resolved ? "green" : severityStyles[line.severity],
        `${changeMarks[line.change] ?? "●"} ${line.change}`,
      );
      write(`${time(line.at)}  ${badge}  ${line.severity}  ${style("bold", line.control)}`);
      const where = `${subjectText(line.subject)} in ${line.accountName} (${line.account})`;
      say(visibleText(`${where}: ${line.reason}${line.by === undefined ? "" : ` (${line.by})`}`), 10);
    },
    step: ({ title }) => heading(visibleText(title)),
    event: ({ at, eventName, accountName, by }) =>
      note(at, `event  ${visibleText(`${eventName} in ${accountName} by ${by}`)}`, "dim"),
    message: (line) => {
      const isEmail = line.protocol === "email" || line.protocol === "email-json";
      const subject = line.subject ?? "(no subject)";
      const kind = `${line.protocol} ${line.attributes.kind}`;
      const isFirst = !kindsSeen.has(kind);
      kindsSeen.add(kind);
      if (isEmail && !isFirst && !full) {
        note(line.at, `email  ${visibleText(subject)}`);
        return;
      }
      const limit = full ? Number.POSITIVE_INFINITY : isFirst ? firstLines : laterLines;
      if (isEmail) box(`email to ${line.endpoint}`, `Subject: ${subject}\n\n${line.body}`, limit);
      else box(`${line.protocol === "https" ? "chat" : line.protocol} to ${line.endpoint}`, chatText(line.body), limit);
    },
    log: ({ at, level, message }) =>
      note(at, `${level}  ${visibleText(message)}`, level === "error" ? "magenta" : "dim"),
    "dead-letter": ({ at, messageId, receiveCount, body }) => {
      write(`${time(at)}  ${style("magenta", "✖ dead-letter queue")}  ${messageId} after ${receiveCount} tries`);
      say(visibleText(body.length > 100 ? `${body.slice(0, 100)}…` : body), 10, "dim");
    },
    endpoint: ({ url, commands }) => {
      heading("Your turn: the organization answers your own AWS CLI and SDKs");
      say(`It listens on ${url}. In another terminal:`);
      write();
      for (const command of commands) write(command === "" ? "" : `  ${command}`);
      write();
      say(
        "What you change there comes up here, a few seconds later; service control policies, and what is centralized of root, with the next daily sweep. " +
          "Ctrl-C ends it.",
      );
    },
    check: ({ ok, expected, found, problems }) => {
      checked = true;
      heading(
        ok
          ? style("green", `✔ As seeded: ${found} of ${expected} expected findings, none besides`)
          : style("red", "✖ Not as expected"),
      );
      for (const problem of problems) say(visibleText(problem), 2);
    },
    end: ({ exitCode }) => {
      if (exitCode === 0 && !checked) say("The organization is gone, and nothing of it is left on this machine.");
    },
  };

  return {
    print: (line) => {
      if (drawing && line.type !== "account-swept" && !("inSweep" in line && line.inSweep)) endDrawing();
      (printers[line.type] as (line: DemoLine) => void)(line);
    },
    close: endDrawing,
  };
};

/** As many of `items` as fit into `width` characters. */
const some = (items: readonly string[], width: number): string => {
  let text = "";
  for (const [index, item] of items.entries()) {
    const rest = items.length - index - 1;
    const next = `${text === "" ? "" : `${text}, `}${visibleText(item)}`;
    const room = width - (rest > 0 ? `, and ${rest} more`.length : 0);
    if (next.length > room && text !== "") return `${text}, and ${rest + 1} more`;
    text = next.length > room ? `${next.slice(0, Math.max(1, room - 1))}…` : next;
  }
  return text;
};

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;

/** `accessKey/bob/AKIA…` as people say it. */
const subjectText = (subject: string): string => {
  const [kind = "", name = "", accessKeyId = ""] = subject.split("/");
  if (kind === "accessKey") return `access key ${accessKeyId} of ${name}`;
  if (kind === "root") return name === "root" ? "root user" : "a central root session";
  return `${kind} ${name}`;
};

/** A chat custom notification as a chat client would lay it out. */
const chatText = (body: string): string => {
  const content = field(parseJson(body), "content");
  if (content === undefined) return body;
  const title = field(content, "title");
  const description = field(content, "description");
  const steps = field(content, "nextSteps");
  const list = Array.isArray(steps) ? steps.map((step) => `→ ${step}`).join("\n") : "";
  return [title, description, list].filter((part) => typeof part === "string" && part !== "").join("\n\n");
};

/** Anybody may publish to the topic, so not all that arrives is a notification. */
const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const field = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
