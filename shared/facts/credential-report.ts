import { CsvError } from "csv-parse";
import { parse } from "csv-parse/sync";
import { type Fact, known, unknownFact } from "./facts.ts";

export interface ReportKey {
  readonly slot: 1 | 2;
  readonly active: boolean;
  readonly createdAt: Fact<Date>;
  /** `null` if the report has no record of a use. */
  readonly lastUsedAt: Fact<Date | null>;
}

/** What the credential report says of one user, or of root. */
export interface ReportRow {
  readonly createdAt: Fact<Date>;
  readonly passwordEnabled: Fact<boolean>;
  readonly passwordChangedAt: Fact<Date>;
  /** `null` if the report has no record of a sign-in. */
  readonly passwordLastUsedAt: Fact<Date | null>;
  readonly mfaActive: Fact<boolean>;
  /** By slot; a slot that never held a key, or holds one that the report does not date and calls inactive, is left out. */
  readonly keys: Fact<readonly ReportKey[]>;
}

export interface CredentialReport {
  /** By user name. Empty if the file is half-read. */
  readonly users: ReadonlyMap<string, ReportRow>;
  /** Absent if the report has no row for root (or is half-read). */
  readonly root?: ReportRow;
  /** Why the file is not whole, e.g. "it ends within row 17"; then nobody in it is known. */
  readonly halfRead?: string;
}

const rootUser = "<root_account>";

/** AWS's words for "there is no such time". */
const noTime = new Set(["n/a", "no_information"]);

const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/i;

/** Reads the cells of one row by column name; each answer is a fact, or why it is none. */
interface Cells {
  text(column: string): Fact<string>;
  boolean(column: string): Fact<boolean>;
  /** `null` where the report says that there is no such time. */
  time(column: string): Fact<Date | null>;
}

const cellsOf = (columns: ReadonlyMap<string, number>, row: readonly string[]): Cells => {
  const odd = (column: string, value: string) =>
    unknownFact(`the credential report says ${JSON.stringify(value.slice(0, 40))} for ${column}`);
  const text = (column: string): Fact<string> => {
    const value = row[columns.get(column) ?? -1];
    return value === undefined ? unknownFact(`the credential report has no column ${column}`) : known(value.trim());
  };
  return {
    text,
    boolean: (column) => {
      const cell = text(column);
      if (!cell.known) return cell;
      const value = cell.value.toLowerCase();
      return value === "true" || value === "false" ? known(value === "true") : odd(column, cell.value);
    },
    time: (column) => {
      const cell = text(column);
      if (!cell.known) return cell;
      if (noTime.has(cell.value.toLowerCase())) return known(null);
      const time = isoTime.test(cell.value) ? new Date(cell.value) : undefined;
      return time && !Number.isNaN(time.getTime()) ? known(time) : odd(column, cell.value);
    },
  };
};

/** A time that has to be there for the fact to be one. */
const given = (time: Fact<Date | null>, column: string): Fact<Date> => {
  if (!time.known) return time;
  return time.value === null ? unknownFact(`the credential report gives no ${column}`) : known(time.value);
};

const keyOf = (cells: Cells, slot: 1 | 2): Fact<ReportKey | undefined> => {
  const column = `access_key_${slot}_last_rotated`;
  const active = cells.boolean(`access_key_${slot}_active`);
  if (!active.known) return active;
  const rotated = cells.time(column);
  if (!active.value && rotated.known && rotated.value === null) return known(undefined);
  return known({
    slot,
    active: active.value,
    createdAt: given(rotated, column),
    lastUsedAt: cells.time(`access_key_${slot}_last_used_date`),
  });
};

const keysOf = (cells: Cells): Fact<readonly ReportKey[]> => {
  const first = keyOf(cells, 1);
  if (!first.known) return first;
  const second = keyOf(cells, 2);
  if (!second.known) return second;
  return known([first.value, second.value].filter((key) => key !== undefined));
};

const rowOf = (cells: Cells): ReportRow => ({
  createdAt: given(cells.time("user_creation_time"), "user_creation_time"),
  passwordEnabled: cells.boolean("password_enabled"),
  passwordChangedAt: given(cells.time("password_last_changed"), "password_last_changed"),
  passwordLastUsedAt: cells.time("password_last_used"),
  mfaActive: cells.boolean("mfa_active"),
  keys: keysOf(cells),
});

/**
 * Reads the CSV by the names in its header, whose columns differ between accounts and over time. Each row is turned
 * into facts as it is met; the file is not held a second time.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html
 */
export const parseCredentialReport = (content: Uint8Array | string): CredentialReport => {
  let columns: Map<string, number> | undefined;
  let width = 0;
  let rows = 0;
  let halfRead: string | undefined;
  let root: ReportRow | undefined;
  const users = new Map<string, ReportRow>();

  const onRecord = (record: readonly string[]): null => {
    if (!columns) {
      width = record.length;
      columns = new Map(record.map((name, index) => [name.trim().toLowerCase(), index]));
      if (!columns.has("user")) halfRead = "its header has no column user";
      return null;
    }
    rows += 1;
    if (record.length < width) halfRead ??= `row ${rows} has ${record.length} of ${width} cells`;
    // More cells than columns cannot come from a cut: a name with a comma that nobody quoted. Only that user is lost.
    if (record.length !== width) return null;
    const cells = cellsOf(columns, record);
    const user = cells.text("user");
    if (!user.known) return null;
    if (user.value === rootUser) root = rowOf(cells);
    else users.set(user.value, rowOf(cells));
    return null;
  };

  try {
    parse(typeof content === "string" ? content : Buffer.from(content.buffer, content.byteOffset, content.byteLength), {
      bom: true,
      relax_column_count: true,
      skip_empty_lines: true,
      on_record: onRecord,
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    halfRead ??= `it is not CSV after row ${rows} (${error.code})`;
  }
  if (!columns) halfRead ??= "it is empty";
  if (halfRead !== undefined) return { users: new Map(), halfRead };
  return { users, ...(root && { root }) };
};
