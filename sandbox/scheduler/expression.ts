/** A schedule's times. */
export interface Expression {
  /** The first time after `after`, in whole minutes; undefined if there is none. `since`: from when a rate counts. */
  next(after: Date, since: Date): Date | undefined;
}

const minute = 60_000;
const units: Readonly<Record<string, number>> = { minute, hour: 60 * minute, day: 1440 * minute };

/** @throws Error for what is no `rate(…)` or `cron(…)`, or a part of one that the sandbox does not know */
export const parseExpression = (text: string): Expression => {
  const [, kind, inner = ""] = /^(rate|cron)\((.*)\)$/.exec(text) ?? [];
  if (kind === "rate") return rate(inner);
  if (kind === "cron") return cron(inner);
  throw new Error(`not a schedule: ${text}`);
};

const rate = (text: string): Expression => {
  const [, count, unit = ""] = /^(\d+) (minute|hour|day)s?$/.exec(text) ?? [];
  const ms = Number(count) * (units[unit] ?? Number.NaN);
  if (!(ms > 0)) throw new Error(`not a rate: ${text}`);
  return {
    next: (after, since) => {
      const passed = Math.max(0, Math.floor((after.getTime() - since.getTime()) / ms));
      return new Date(since.getTime() + (passed + 1) * ms);
    },
  };
};

/** The values that a field of a cron expression allows; undefined: all. */
const field = (text: string, least: number, most: number): ReadonlySet<number> | undefined => {
  if (text === "*" || text === "?") return undefined;
  const values = text.split(",").flatMap((part) => {
    const [, from, to, step] = /^(\d+|\*)(?:-(\d+))?(?:\/(\d+))?$/.exec(part) ?? [];
    const first = from === "*" ? least : Number(from);
    const last = to !== undefined ? Number(to) : step !== undefined ? most : first;
    if (!(first >= least && last <= most && first <= last))
      throw new Error(`the sandbox does not know ${part} in a cron`);
    const by = Number(step ?? 1);
    return Array.from({ length: Math.floor((last - first) / by) + 1 }, (_, index) => first + index * by);
  });
  return new Set(values);
};

const has = (allowed: ReadonlySet<number> | undefined, value: number): boolean => allowed?.has(value) ?? true;
const dayMs = 1440 * minute;
/** A date that exists comes again within that: 29 February. */
const mostDays = 366 * 9;

const cron = (text: string): Expression => {
  const fields = text.split(/\s+/);
  if (fields.length !== 6) throw new Error(`a cron has six fields: ${text}`);
  const [minutes = "", hours = "", days = "", months = "", weekdays = "", years = ""] = fields;
  if (days !== "?" && weekdays !== "?") throw new Error(`a cron says days of the month or of the week: ${text}`);
  const allowed = {
    ...{ minutes: field(minutes, 0, 59), hours: field(hours, 0, 23), days: field(days, 1, 31) },
    ...{ months: field(months, 1, 12), weekdays: field(weekdays, 1, 7), years: field(years, 1970, 2199) },
  };
  const isDay = (day: Date): boolean =>
    has(allowed.days, day.getUTCDate()) &&
    has(allowed.months, day.getUTCMonth() + 1) &&
    has(allowed.weekdays, day.getUTCDay() + 1) &&
    has(allowed.years, day.getUTCFullYear());
  return {
    next: (after) => {
      const start = Math.floor(after.getTime() / minute + 1) * minute;
      for (let day = 0; day < mostDays; day++) {
        const midnight = Math.floor(start / dayMs) * dayMs + day * dayMs;
        if (!isDay(new Date(midnight))) continue;
        for (let at = 0; at < 1440; at++) {
          if (!has(allowed.hours, Math.floor(at / 60)) || !has(allowed.minutes, at % 60)) continue;
          const time = midnight + at * minute;
          if (time >= start) return new Date(time);
        }
      }
      return undefined;
    },
  };
};
