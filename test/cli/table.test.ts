import fc from "fast-check";
import { expect, test } from "vitest";
import { columnsOf, renderTable, widthOf } from "../../cli/table.ts";

const arn =
  "arn:aws:sts::753920342804:assumed-role/AWSReservedSSO_AdministratorAccess_4c1f0e9ab83d7526/security-engineer";

test("an ARN that no line holds begins on a line of its own, and is broken behind punctuation alone", () => {
  const table = renderTable(["ID", "WHO"], [["1", `undone by ${arn}: the job fails`]], 60);
  expect(table).toBe(
    `ID  WHO
1   undone by
    arn:aws:sts::753920342804:assumed-role/
    AWSReservedSSO_AdministratorAccess_4c1f0e9ab83d7526/
    security-engineer: the job fails
`,
  );
});

test("what has no punctuation is broken where the line ends", () => {
  expect(renderTable(["ID", "WHO"], [["1", "x".repeat(100)]], 60)).toBe(
    `ID  WHO\n1   ${"x".repeat(56)}\n    ${"x".repeat(44)}\n`,
  );
});

test("lines of a cell stay lines", () => {
  expect(renderTable(["ID", "WHAT"], [["1", "One.\nTwo."]], 60)).toBe("ID  WHAT\n1   One.\n    Two.\n");
});

test("nothing is lost or moved, no line is wider than the table, and no word is broken that a line holds", () => {
  const word = fc.string({
    unit: fc.constantFrom("a", "Z", "9", "-", ":", "/", ",", "é", "漢"),
    minLength: 1,
    maxLength: 200,
  });
  fc.assert(
    fc.property(fc.array(word, { maxLength: 12 }), fc.integer({ min: 80, max: 140 }), (words, width) => {
      const [, ...lines] = renderTable(["ID", "WHAT"], [["1", words.join(" ")]], width)
        .trimEnd()
        .split("\n");
      const shown = lines.map((line) => line.slice(4));
      expect(shown.join("").replaceAll(" ", "")).toBe(words.join(""));
      for (const line of lines) expect(columnsOf(line)).toBeLessThanOrEqual(width);
      const whole = words.filter((one) => columnsOf(one) <= width - 4);
      const pieces = shown.flatMap((line) => line.split(" "));
      for (const one of whole) expect(pieces).toContain(one);
    }),
  );
});

test.each([
  ["as wide as COLUMNS says", { COLUMNS: "92" }, 120, 92],
  ["else as the terminal", {}, 120, 120],
  ["else, where there is none, 100 columns", {}, undefined, 100],
  ["not too narrow to read", { COLUMNS: "20" }, 120, 80],
  ["not too wide to read", {}, 300, 140],
  ["heedless of a COLUMNS that is no number", { COLUMNS: "wide" }, 120, 120],
])("a table is %s", (_name, environment, terminal, expected) => {
  expect(widthOf(environment, terminal)).toBe(expected);
});
