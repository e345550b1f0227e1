import { isVisible } from "../visible-text.ts";

// What a request and a stored exemption have to agree on.

/** How long an exemption may last. */
export const longestDays = 366;

/** In UTF-16 units. */
export const longestReason = 500;

export const accountId = /^\d{12}$/;

/** In milliseconds. */
export const longestMilliseconds = longestDays * 24 * 3_600_000;

/** Whether a text is names from the root down, each with nothing in it that does not show; a slash within a name is `%2F`. */
export const isOuPath = (text: string): boolean =>
  /^[^/\s][^/]{0,127}(?:\/[^/\s][^/]{0,127}){0,6}$/.test(text) && isVisible(text);
