import fc from "fast-check";
import { expect, test } from "vitest";
import { renderTable } from "../../cli/table.ts";

const arn =
  "arn:aws:sts::753920342804:assumed-role/AWSReservedSSO_AdministratorAccess_4c1f0e9ab83d7526/security-engineer";

test("an ARN that no line holds stands whole on a line of its own", () => {
  const table = renderTable(["ID", "WHO"], [["1", `undone by ${arn}: the job fails`]], 60);
  expect(table).toBe(`ID  WHO\n1   undone by\n    ${arn}:\n    the job fails\n`);
});

test("lines of a cell stay lines", () => {
  expect(renderTable(["ID", "WHAT"], [["1", "One.\nTwo."]], 60)).toBe("ID  WHAT\n1   One.\n    Two.\n");
});

test("no word is broken, lost or moved, and no line of several words is wider than the table", () => {
  const word = fc.string({
    unit: fc.constantFrom("a", "Z", "9", "-", ":", "/", "é", "漢"),
    minLength: 1,
    maxLength: 90,
  });
  fc.assert(
    fc.property(fc.array(word, { maxLength: 12 }), fc.integer({ min: 80, max: 140 }), (words, width) => {
      const [, ...lines] = renderTable(["ID", "WHAT"], [["1", words.join(" ")]], width)
        .trimEnd()
        .split("\n");
      const shown = lines.map((line) =>
        line
          .slice(4)
          .split(" ")
          .filter((one) => one !== ""),
      );
      expect(shown.flat()).toEqual(words);
      for (const [index, line] of lines.entries())
        if ((shown[index]?.length ?? 0) > 1) expect(line.length).toBeLessThanOrEqual(width);
    }),
  );
});
