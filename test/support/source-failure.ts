import { SourceError } from "../../shared/text/source-error.ts";

/** How a text is refused. */
export const failure = (read: () => unknown): SourceError => {
  try {
    read();
  } catch (error) {
    if (error instanceof SourceError) return error;
    throw error;
  }
  throw new Error("it was read");
};
