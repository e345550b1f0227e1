import * as z from "zod";

/**
 * The least: queues keep a message for 14 days, and a failed sweep can be taken up again for as long. Whatever still comes of
 * that meets the finding that it is about.
 */
const leastDays = 30;
/** Ten years. */
const mostDays = 3650;

/** What is kept of what is over. */
export const historySchema = z
  .strictObject({
    keepResolvedDays: z
      .int()
      .min(leastDays)
      .max(mostDays)
      .exactOptional()
      .describe(
        "How many days a resolved finding is kept after the last that happened to it; left out: for ever. What a repair was tried on is kept for ever, unless it was finished for good.",
      ),
  })
  .prefault({});
