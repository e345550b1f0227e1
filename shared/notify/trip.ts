import { type BreakerLimit, endOf, scopeName } from "../remediation/breaker.ts";
import { findingIdOf } from "../remediation/remediation.ts";
import type { Announcement } from "./announcement.ts";
import { shellQuote } from "./escape.ts";
import type { TripNotice } from "./notice.ts";
import { counted, time } from "./words.ts";

/** That a circuit breaker has tripped: what it stops, until when, and how to go on before. */
export const tripAnnouncement = ({ trip, limits }: TripNotice): Announcement => {
  const { window, at, remediationId } = trip;
  const { scope, hour } = window;
  const where = scopeName(scope);
  const account = scope === "organization" ? undefined : scope.account;
  const finding = findingIdOf(remediationId);
  const end = endOf(hour);
  const id = `breaker-${account ?? "organization"}-${hour}`;
  return {
    kind: "breakerTripped",
    id: `${id}-${at}`,
    thread: id,
    label: "BREAKER TRIPPED",
    title: ["no more repairs in ", { prose: where }, ` until ${time(end)}`],
    lead: [
      [
        "So much was repaired in this hour that the circuit breaker of ",
        { prose: where },
        " tripped. It holds every further repair there; nothing that was repaired is undone.",
      ],
      "Either repairs were switched on over a backlog, or somebody makes violations by the dozen, perhaps to use the breaker up. Look before you resume.",
      "What it holds goes on by itself in the next hour, again as far as the limit.",
    ],
    facts: [
      ["Since", [time(at)]],
      ["Until", [`${time(end)}, or until an operator resumes`]],
      ["Limit", [limitText(account === undefined ? limits.organization : limits.perAccount)]],
      ["Stopped", [["the repair of finding ", { name: finding }]]],
    ],
    actions: [
      { to: "To see what it stopped first", command: `warden show ${shellQuote(finding)}` },
      { to: "To see every finding that is held", command: "warden findings --status held" },
      {
        to: "To let repairs go on now",
        command: `warden resume ${account === undefined ? "organization" : shellQuote(account)}`,
      },
    ],
    foot: "The limits are `breaker` in the settings file warden.config.yaml.",
    context: { account, hour, until: end, remediation: remediationId, finding },
  };
};

const limitText = ({ count, percent }: BreakerLimit): string =>
  `${counted(count, "repair")} in an hour, and no more than ${percent} % of the users, keys, roles or root users there`;
