import { SettingsError } from "../errors.ts";
import { createLineFinder } from "../text/positions.ts";
import { type Problem, problemsIn, type Written } from "./problems.ts";
import { settingsSchema } from "./schema.ts";
import { type Settings, toSettings } from "./settings.ts";

/** In characters. AppConfig delivers at most 4 MB; a file that a person edits is far smaller. */
const maxLength = 1_000_000;

/**
 * What a decoder puts in the place of bytes that are not UTF-8, and what UTF-16 leaves between letters. An OU's name that is
 * read wrongly is no OU's: what the file turns off there would stay on.
 */
const undecodable = /[\0\uFFFD]/;

/** Each one has to be found in the file and explained: a file that is wrong all through is told by its first ones. */
const mostProblems = 100;

/** Why a text is not of its format. */
export interface Unreadable {
  readonly unreadable: readonly Problem[];
  readonly cause?: unknown;
}

/**
 * Reads settings from a text of some format.
 * @param readFormat what the text says; of a text that was checked to be of some size and decoded rightly
 * @throws SettingsError with a line for each problem, in the text's order: `file:line:column path: what is wrong; what would
 *   be right`
 */
export const readSettingsText = (
  text: string,
  fileName: string,
  readFormat: (text: string) => Written | Unreadable,
): Settings => {
  const fail = (problems: readonly Problem[], { cause, more = 0 }: { cause?: unknown; more?: number } = {}): never => {
    const inOrder = problems.toSorted((a, b) => a.offset - b.offset || (a.text < b.text ? -1 : 1));
    const lineOf = createLineFinder(text);
    const shown = inOrder.map((problem) => {
      const { line, column } = lineOf(problem.offset);
      return `${fileName}:${line}:${column} ${problem.text}`;
    });
    const rest = more > 0 ? [`${fileName}: and ${more} more problems; mend these first`] : [];
    throw new SettingsError([...new Set(shown), ...rest], { cause });
  };

  if (text.length > maxLength) {
    return fail([{ offset: 0, text: `the file: has ${text.length} characters; write at most ${maxLength}` }]);
  }
  const undecoded = text.search(undecodable);
  if (undecoded >= 0) {
    return fail([{ offset: 0, text: `the file: is not UTF-8 at character ${undecoded + 1}; save it in UTF-8` }]);
  }
  const written = readFormat(text);
  if ("unreadable" in written) {
    const { unreadable, cause } = written;
    return fail(unreadable.slice(0, mostProblems), { cause, more: unreadable.length - mostProblems });
  }

  let parsed: ReturnType<typeof settingsSchema.safeParse>;
  try {
    parsed = settingsSchema.safeParse(written.value);
  } catch (error) {
    // zod compares the length of whatever has one, before it says that it is no text.
    const text = "the file: has a mapping with a key length where text belongs; write text";
    return fail([{ offset: 0, text }], { cause: error });
  }
  if (parsed.success) return toSettings(parsed.data, written.value);
  const { problems, more } = problemsIn(parsed.error.issues, written, mostProblems);
  return fail(problems, { more });
};
