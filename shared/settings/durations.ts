import * as z from "zod";

/** What a duration may be, as a noun phrase. */
const expected = "a whole number of hours or days, such as 36h or 7d, from 0d to 365d";

/** Leading zeros are none of it, and the bounds are in the pattern: so the JSON Schema says all of them too. */
const pattern =
  /^(?:(?:0|[1-9]\d?|[12]\d{2}|3[0-5]\d|36[0-5])d|(?:0|[1-9]\d{0,2}|[1-7]\d{3}|8[0-6]\d{2}|87[0-5]\d|8760)h)$/;

const hoursOf = (written: string): number => Number.parseInt(written, 10) * (written.endsWith("d") ? 24 : 1);

/** A time span as people write it, `36h` or `7d`, read as hours. */
export const duration = z.string({ error: expected }).regex(pattern, { error: expected }).transform(hoursOf);

/** Hours as people write them: whole days as days. */
export const showDuration = (hours: number): string => (hours % 24 === 0 ? `${hours / 24}d` : `${hours}h`);
