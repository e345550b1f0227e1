/** A day, and the hours that a sweep may take: after that the next one is overdue. */
export const overdueMs = 44 * 3_600_000;
