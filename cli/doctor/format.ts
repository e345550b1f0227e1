import { visibleText } from "../../shared/visible-text.ts";
import { accountWords } from "../operator/words.ts";
import { paintSeverity, stdoutPaint } from "../output.ts";
import { renderTable } from "../table.ts";
import type { DoctorReport, TroubleGroup } from "./report.ts";

/** Accounts of one trouble that are named; JSON has all. */
const mostNamed = 10;
const mostDetails = 3;

/** For people: the sum first, then what is wrong, worst first, then whether the hub is well. */
export const formatReport = (report: DoctorReport, width: number): string => {
  const { troubles } = report;
  const parts = [summary(report)];
  if (troubles.length > 0)
    parts.push(
      renderTable(
        ["", "check", "what is wrong, and what to do"],
        troubles.map((group) => [
          stateOf(group),
          `${group.check}${group.accounts.length === 0 ? " (hub)" : ""}`,
          textOf(group),
        ]),
        width,
      ),
    );
  return parts.join("\n");
};

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

const summary = ({ total, watched, unwatched, unknown, slowestMarkSeconds, troubles, hub }: DoctorReport): string => {
  const rest = [
    ...(unwatched > 0 ? [`${unwatched} ${unwatched === 1 ? "is" : "are"} not`] : []),
    ...(unknown > 0 ? [`of ${unknown} it is not known`] : []),
  ];
  const sentence = `${watched} of ${plural(total, "account")} ${total === 1 ? "is" : "are"} watched${rest.map((one) => `; ${one}`).join("")}.`;
  const format = unwatched > 0 ? "red" : unknown > 0 || watched < total ? "yellow" : "green";
  const isWell = hub.every(({ status }) => status === "ok");
  return [
    stdoutPaint(format, sentence),
    ...(slowestMarkSeconds === undefined
      ? []
      : [`The slowest mark took ${plural(slowestMarkSeconds, "second")} to arrive.`]),
    ...(hub.length > 0 && isWell ? [`The hub is well: ${plural(hub.length, "check")}.`] : []),
    ...(troubles.length === 0 ? ["Nothing is wrong."] : []),
    "",
  ].join("\n");
};

const stateOf = ({ status, severity }: TroubleGroup): string =>
  status === "unknown" ? stdoutPaint("yellow", "unknown") : paintSeverity(stdoutPaint, severity);

const textOf = ({ what, todo, accounts, details }: TroubleGroup): string => {
  const named = accounts.slice(0, mostNamed).map(accountWords).join(", ");
  const more = accounts.length > mostNamed ? ` and ${accounts.length - mostNamed} more` : "";
  const where = accounts.length === 0 ? "" : `\n${plural(accounts.length, "account")}: ${named}${more}`;
  const shown = details.slice(0, mostDetails).map((detail) => `\n(${firstLine(detail)})`);
  const sentence = /^\w+:/.test(what) ? what : `${what[0]?.toUpperCase() ?? ""}${what.slice(1)}`;
  return visibleLines(`${sentence}.${where}\n${todo}${shown.join("")}`);
};

/** What AWS answered may be long; JSON has all of it. */
const firstLine = (detail: string): string => {
  const [line = ""] = detail.split("\n");
  return line.length > 240 ? `${line.slice(0, 240)}…` : line;
};

const visibleLines = (text: string): string => text.split("\n").map(visibleText).join("\n");
