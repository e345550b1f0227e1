import * as z from "zod";
import { MalformedInputError } from "../../shared/errors.ts";

/** What a peer says: `FAIL` is a finding; `PASS` and `SKIP` (nothing to say) are none. */
export const peerVerdicts = ["PASS", "FAIL", "SKIP"] as const;
export type PeerVerdict = (typeof peerVerdicts)[number];

const caseSchema = z.object({
  id: z.string().regex(/^[a-z0-9-]+$/, { error: "letters, digits and hyphens, such as pw-0001" }),
  family: z.string().min(1),
  check: z.string().min(1),
  input: z.record(z.string(), z.unknown()),
  expected: z.enum(peerVerdicts),
  evaluated_at: z.iso.datetime({ offset: true }).optional(),
});

/** One decision of a peer tool. */
export interface PolicyCase {
  readonly id: string;
  /** What the check is about, e.g. `trust`. */
  readonly family: string;
  /** The peer's own name of the check. */
  readonly check: string;
  /** What was judged; its fields are the check's. */
  readonly input: Readonly<Record<string, unknown>>;
  readonly expected: PeerVerdict;
  /** The peer's clock; absent where no time counts. */
  readonly evaluatedAt?: Date;
}

/**
 * Reads the decisions of a peer tool, in JSON Lines: `id`, `family`, `check`, `expected` (`PASS`, `FAIL` or `SKIP`), `input` (an object:
 * a `policy_document`, a `role` with its `assume_role_policy`, a `credential_report_row`, a `password_policy` …), and
 * `evaluated_at` (ISO 8601) where the time counts. Other fields are left alone.
 * @throws MalformedInputError naming the line, and what is wrong with it
 */
export const readCases = (text: string): readonly PolicyCase[] => {
  const seen = new Map<string, number>();
  return text.split("\n").flatMap((line, index): readonly PolicyCase[] => {
    if (line.trim() === "") return [];
    const at = `line ${index + 1}`;
    const found = parseLine(line, at);
    const before = seen.get(found.id);
    if (before !== undefined) throw new MalformedInputError(`${at}: case ${found.id} stands in line ${before} already`);
    seen.set(found.id, index + 1);
    return [found];
  });
};

const parseLine = (line: string, at: string): PolicyCase => {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw new MalformedInputError(`${at} is not JSON`, { cause: error });
  }
  const parsed = caseSchema.safeParse(value);
  if (!parsed.success) throw new MalformedInputError(`${at} is no case: ${z.prettifyError(parsed.error)}`);
  const { evaluated_at: time, ...rest } = parsed.data;
  return { ...rest, ...(time !== undefined && { evaluatedAt: new Date(time) }) };
};
