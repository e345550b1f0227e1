import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MalformedInputError } from "../../shared/errors.ts";
import { logRecords } from "../../shared/events/log-records.ts";

const read = async (chunks: Iterable<string>, longest?: number): Promise<string[]> => {
  const stream = (async function* () {
    yield* chunks;
  })();
  const found: string[] = [];
  for await (const item of logRecords(stream, longest)) {
    found.push(
      "error" in item ? `${item.line}: ! ${item.error.slice(0, 8)}` : `${item.line}: ${JSON.stringify(item.value)}`,
    );
  }
  return found;
};

const noJson = "! not JSON";

const table: Record<string, [log: string, found: readonly string[]]> = {
  nothing: ["", []],
  "blank lines": ["\n \n\t\r\n", []],
  "JSON Lines": ['{"a":1}\n{"a":2}\n', ['1: {"a":1}', '2: {"a":2}']],
  "JSON Lines without the last newline": ['{"a":1}\n\n{"a":2}', ['1: {"a":1}', '3: {"a":2}']],
  "JSON Lines with CRLF and indentation": [' {"a":1}\r\n\t{"a":2}\r\n', ['1: {"a":1}', '2: {"a":2}']],
  "printed objects": ['{\n  "a": [\n    { "b": 1 }\n  ]\n}\n{\n  "a": 2\n}\n', ['1: {"a":[{"b":1}]}', '6: {"a":2}']],
  "printed objects, indented": [' {\n  "a": 1\n }\n {\n  "a": 2\n }', ['1: {"a":1}', '4: {"a":2}']],
  "a list": ['[{"a":1},{"a":2}]', ['1: {"a":1}', '1: {"a":2}']],
  "a printed list": ['[\n  {\n    "a": 1\n  },\n  {\n    "a": 2\n  }\n]\n', ['1: {"a":1}', '1: {"a":2}']],
  "Records on one line": ['{"Records":[{"a":1},{"a":2}]}', ['1: {"a":1}', '1: {"a":2}']],
  "Records, a line for each": ['{"Records":[\n{"a":1},\n{"a":2}\n]}\n', ['1: {"a":1}', '1: {"a":2}']],
  "printed Records": [
    '{\n  "Records": [\n    {\n      "a": {\n        "b": 1\n      }\n    },\n    {\n      "a": 2\n    }\n  ]\n}\n',
    ['1: {"a":{"b":1}}', '1: {"a":2}'],
  ],
  "printed without indentation": ['{\n"Records": [\n{\n"a": 1\n},\n{\n"a": 2\n}\n]\n}\n', ['1: {"a":1}', '1: {"a":2}']],
  "no Records": ['{"Records":[]}\n{"Records":[]}', []],
  "two files after each other": ['{"Records":[{"a":1}]}\n{"Records":[{"a":2}]}', ['1: {"a":1}', '2: {"a":2}']],
  "Records further in": ['{"a":{"Records":[{"b":1}]}}', ['1: {"a":{"Records":[{"b":1}]}}']],
  "other JSON, for the reader of records to refuse": ['null\n42\n{"a":1}', ["1: null", "2: 42", '3: {"a":1}']],

  "a line that is no JSON": ['hello\n{"a":1}\n', [`1: ${noJson}`, '2: {"a":1}']],
  "several of them": ['x\ny\n{"a":1}\nz', [`1: ${noJson}`, `2: ${noJson}`, '3: {"a":1}', `4: ${noJson}`]],
  "brackets of nothing": ['}\n]\n{"a":1}', [`1: ${noJson}`, `2: ${noJson}`, '3: {"a":1}']],
  "the first line cut short": ['{"a":{"b":1\n{"a":2}\n{"a":3}', [`1: ${noJson}`, '2: {"a":2}', '3: {"a":3}']],
  "documents of both kinds": ['{}\n{\n  "a": 1\n}\n{"a":2}', ["1: {}", '2: {"a":1}', '5: {"a":2}']],
  "the first lines cut short": ['{"a":{\n{"a":[\n{"a":3}\n', [`1: ${noJson}`, `2: ${noJson}`, '3: {"a":3}']],
  "a line cut short": ['{"a":1}\n{"a":{"b":1\n{"a":3}', ['1: {"a":1}', `2: ${noJson}`, '3: {"a":3}']],
  "the last line cut short": ['{"a":1}\n{"a":', ['1: {"a":1}', `2: ${noJson}`]],
  "a printed object that is broken": [
    '{\n  "a": "b,\n  "c": {\n    "d": 1\n  }\n}\n{\n  "a": 2\n}\n{"a":3}',
    [`1: ${noJson}`, `7: ${noJson}`, '10: {"a":3}'],
  ],
  "a file that ends in a record": ['{"Records":[{"a":1},{"a"', [`1: ${noJson}`]],
};

describe("the records of a log", () => {
  it.each(Object.entries(table))("%s", async (_, [log, found]) => {
    expect(await read([log])).toEqual(found);
  });

  it.each(Object.entries(table))("%s, a character at a time", async (_, [log, found]) => {
    expect(await read(log)).toEqual(found);
  });

  it("are all there, however they are printed", async () => {
    // Not with backslashes: once Node 24's JSON.parse has seen the key "\\", it reads a later key "\"" of a like object as it.
    const values = fc
      .array(fc.dictionary(fc.string(), fc.jsonValue()), { maxLength: 6 })
      .filter((all) => !JSON.stringify(all).includes("\\\\"));
    const printers: readonly ((all: readonly unknown[]) => string)[] = [
      (all) => all.map((value) => JSON.stringify(value)).join("\n"),
      (all) => all.map((value) => JSON.stringify(value, null, 2)).join("\n"),
      (all) => JSON.stringify(all),
      (all) => JSON.stringify({ Records: all }),
      (all) => JSON.stringify({ Records: all }, null, 1),
      (all) => JSON.stringify(all, null, "\t"),
    ];
    await fc.assert(
      fc.asyncProperty(values, fc.constantFrom(...printers), async (all, print) => {
        // A lone object with a list called Records is a log file, not a record.
        fc.pre(all.every((value) => !Object.hasOwn(value, "Records")));
        const found = (await read([print(all)])).map((line) => line.replace(/^\d+: /, ""));
        expect(found).toEqual(all.map((value) => JSON.stringify(value)));
      }),
    );
  });

  it("after lines of anything at all are not lost", async () => {
    const noise = fc.string({ unit: fc.constantFrom(...'{}[]",:\\ \n1a') });
    await fc.assert(
      fc.asyncProperty(noise, async (before) => {
        const found = await read([`${before}\n{"z":"last"}`]);
        expect(found.at(-1)).toMatch(/\{"z":"last"\}$/);
      }),
      { numRuns: 1000 },
    );
  });

  it("are not held together: a line or document without end is given up", async () => {
    expect(await read(["{", "x".repeat(40), '}\n{"a":1}'], 30)).toEqual(["1: ! a line o", '2: {"a":1}']);
    expect(await read(['{\n"a":\n', `${'"b"\n'.repeat(10)}{"a":1}`], 20)).toContain('13: {"a":1}');
  });

  it("are used up to where damaged input ends", async () => {
    const found: unknown[] = [];
    const stream = (async function* () {
      yield '{"a":1}\n{"a":2}\n{"a"';
      throw new MalformedInputError("damaged");
    })();
    for await (const item of logRecords(stream)) found.push("error" in item ? item.error.slice(0, 8) : item.value);
    expect(found).toEqual([{ a: 1 }, { a: 2 }, "not JSON", "damaged"]);
  });
});
