import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MalformedInputError } from "../../shared/errors.ts";
import { jsonObjects } from "../../shared/events/json-objects.ts";

const read = async (chunks: readonly string[]): Promise<string[]> => {
  const stream = (async function* () {
    yield* chunks;
  })();
  const found: string[] = [];
  for await (const item of jsonObjects(stream)) {
    found.push("error" in item ? `${item.line}: ! ${item.error}` : `${item.line}: ${item.text.replaceAll(/\s+/g, "")}`);
  }
  return found;
};

const cutShort = "a JSON object that is cut short";
const noObject = "expected a JSON object here";
const mismatch = "a JSON object whose brackets do not match";
const unclosed = "a JSON string that is not closed";

const table: Record<string, [log: string, found: readonly string[]]> = {
  nothing: ["", []],
  "blank lines": ["\n \n\t\r\n", []],
  "JSON Lines": ['{"a":1}\n{"a":2}\n', ['1: {"a":1}', '2: {"a":2}']],
  "JSON Lines without the last newline": ['{"a":1}\n\n{"a":2}', ['1: {"a":1}', '3: {"a":2}']],
  "JSON Lines with CRLF and indentation": [' {"a":1}\r\n\t{"a":2}\r\n', ['1: {"a":1}', '2: {"a":2}']],
  "objects with nothing between them": ['{"a":1}{"a":2}', ['1: {"a":1}', '1: {"a":2}']],
  "objects with commas between them": ['{"a":1},\n{"a":2},\n', ['1: {"a":1}', '2: {"a":2}']],
  "printed objects": ['{\n  "a": [\n    { "b": 1 }\n  ]\n}\n{\n  "a": 2\n}\n', ['1: {"a":[{"b":1}]}', '6: {"a":2}']],
  "a list": ['[{"a":1},{"a":2}]', ['1: {"a":1}', '1: {"a":2}']],
  "a printed list": ['[\n  {\n    "a": 1\n  },\n  {\n    "a": 2\n  }\n]\n', ['2: {"a":1}', '5: {"a":2}']],
  "an empty list": ["[]\n[]", []],
  "Records on one line": ['{"Records":[{"a":1},{"a":2}]}', ['1: {"a":1}', '1: {"a":2}']],
  "Records after and before something else": [
    '{"v":{"x":[1]},"Records" : [{"a":1}],"t":"]}{","u":[{}]}\n{"a":2}',
    ['1: {"a":1}', '2: {"a":2}'],
  ],
  "printed Records": [
    '{\n  "Records": [\n    {\n      "a": {\n        "b": 1\n      }\n    },\n    {\n      "a": 2\n    }\n  ]\n}\n',
    ['3: {"a":{"b":1}}', '8: {"a":2}'],
  ],
  "no Records": ['{"Records":[]}\n{"Records":[]}', []],
  "two files after each other": ['{"Records":[{"a":1}]}{"Records":[{"a":2}]}', ['1: {"a":1}', '1: {"a":2}']],
  "Records of a record": ['[{"Records":[{"a":1}]}]', ['1: {"Records":[{"a":1}]}']],
  "Records further in": ['{"a":{"Records":[{"b":1}]}}', ['1: {"a":{"Records":[{"b":1}]}}']],
  "brackets, quotes and escapes in strings": [
    '{"a":"}]{[\\"\\\\","b":"\\\\"}\n{"a":2}',
    ['1: {"a":"}]{[\\"\\\\","b":"\\\\"}', '2: {"a":2}'],
  ],

  "a line that is no JSON": ['hello\n{"a":1}\n', [`1: ! ${noObject}`, '2: {"a":1}']],
  "several of them": ['x\ny\n{"a":1}\nz', [`1: ! ${noObject}`, `2: ! ${noObject}`, '3: {"a":1}', `4: ! ${noObject}`]],
  "other JSON": [
    'null\n42\n"text"\n{"a":1}',
    [`1: ! ${noObject}`, `2: ! ${noObject}`, `3: ! ${noObject}`, '4: {"a":1}'],
  ],
  "lists of something else, an error a line": [
    '[1,2]\n[[[[]]]]\n{"a":1}',
    [`1: ! ${noObject}`, `2: ! ${noObject}`, '3: {"a":1}'],
  ],
  "brackets of nothing": ['}\n]\n{"a":1}', [`1: ! ${noObject}`, `2: ! ${noObject}`, '3: {"a":1}']],
  "something after an object": ['{"a":1} x\n{"a":2}', ['1: {"a":1}', `1: ! ${noObject}`, '2: {"a":2}']],
  "what only the parser can refuse": ['{a}\n{"a":2}', ["1: {a}", '2: {"a":2}']],
  "a line cut short": ['{"a":{"b":1\n{"a":2}\n{"a":3}', [`1: ! ${cutShort}`, '2: {"a":2}', '3: {"a":3}']],
  "a line cut short after a key": ['{"a":\n{"a":2}\n', [`1: ! ${cutShort}`, '2: {"a":2}']],
  "a line cut short in a string": ['{"a":"b\n{"a":2}\n', [`1: ! ${unclosed}`, '2: {"a":2}']],
  "a line cut short before one that is none": [
    '{"a":1\nx\n{"a":2}',
    [`1: ! ${cutShort}`, `2: ! ${noObject}`, '3: {"a":2}'],
  ],
  "the last line cut short": ['{"a":1}\n{"a":', ['1: {"a":1}', `2: ! ${cutShort}`]],
  "the last line cut short in a string": ['{"a":1}\n{"a":"\\', ['1: {"a":1}', `2: ! ${cutShort}`]],
  "brackets that do not match": ['{"a":[1}\n{"a":2}', [`1: ! ${mismatch}`, '2: {"a":2}']],
  "a printed object with a broken string": [
    '{\n  "a": "b,\n  "c": {\n    "d": 1\n  }\n}\n{\n  "a": 2\n}\n',
    [`1: ! ${unclosed}`, '7: {"a":2}'],
  ],
  "a printed record with a broken string": [
    '{\n  "Records": [\n    {\n      "a": "b,\n      "c": {}\n    },\n    {\n      "a": 2\n    }\n  ]\n}\n{"a":3}',
    [`3: ! ${unclosed}`, '7: {"a":2}', '12: {"a":3}'],
  ],
  "a record on a line of its own, cut short": [
    '{"Records":[\n{"a":1},\n{"a":{"b":\n{"a":3}\n]}\n',
    ['2: {"a":1}', `3: ! ${cutShort}`, '4: {"a":3}'],
  ],
  "a record whose brackets do not match, all on one line": [
    '{"Records":[{"eventVersion":"1","x":[1},{"eventVersion":"2"}, {"eventVersion":"3"}]}',
    [`1: ! ${mismatch}`, '1: {"eventVersion":"2"}', '1: {"eventVersion":"3"}'],
  ],
  "a record with an open string, all on one line": [
    '{"Records":[{"eventVersion":"1","x":"y},{"eventVersion":"2"}]}\n',
    [`1: ! ${unclosed}`, '1: {"eventVersion":"2"}'],
  ],
  "records that are none, all on one line": [
    '{"Records":[null,{"eventVersion":"2"},7]}\n{"a":3}',
    [
      `1: ! ${noObject}`,
      '1: {"eventVersion":"2"}',
      `1: ! ${noObject}`,
      '2: {"a":3}',
      "2: ! the log ends within its list of records",
    ],
  ],
  "a broken envelope, which does not make its detail a record": [
    '{"id":"1","detail":{"eventVersion":"1","x":[}}\n{"a":2}',
    [`1: ! ${mismatch}`, '2: {"a":2}'],
  ],
  "a file that ends between records": [
    '{"Records":[{"a":1},',
    ['1: {"a":1}', "1: ! the log ends within its list of records"],
  ],
  "a file that ends in a record": [
    '{"Records":[{"a":1},{"a"',
    ['1: {"a":1}', `1: ! ${cutShort}`, "1: ! the log ends within its list of records"],
  ],
};

describe("the objects of a log", () => {
  it.each(Object.entries(table))("%s", async (_, [log, found]) => {
    expect(await read([log])).toEqual(found);
  });

  it.each(Object.entries(table))("%s, a character at a time", async (_, [log, found]) => {
    expect(await read([...log])).toEqual(found);
  });

  it("are the same however the log is cut into chunks", async () => {
    const logs = fc.array(fc.constantFrom(...Object.values(table).map(([log]) => log)), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(logs, fc.infiniteStream(fc.integer({ min: 1, max: 40 })), async (parts, sizes) => {
        const log = parts.join("\n");
        const chunks: string[] = [];
        for (let at = 0; at < log.length; ) {
          const size = sizes.next().value ?? 1;
          chunks.push(log.slice(at, at + size));
          at += size;
        }
        expect(await read(chunks)).toEqual(await read([log]));
      }),
    );
  });

  it("are all there, however they are printed", async () => {
    const values = fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { maxLength: 6 });
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
        // A lone object with a list called Records is a log file, not an object.
        fc.pre(all.every((value) => !Object.hasOwn(value, "Records")));
        const found: unknown[] = [];
        const stream = (async function* () {
          yield print(all);
        })();
        for await (const item of jsonObjects(stream)) found.push("error" in item ? item : JSON.parse(item.text));
        expect(found).toEqual(JSON.parse(JSON.stringify(all)));
      }),
    );
  });

  it("are told apart from anything at all without a crash, and what is good after it is not lost", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: fc.constantFrom(...'{}[]",:\\ \n1a') }), async (noise) => {
        const found = await read([`${noise}\n{"z":"last"}`]);
        fc.pre(!/"Records"/.test(noise));
        expect(found.some((item) => item.endsWith('{"z":"last"}'))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it("are not held together: an endless one is given up", async () => {
    let asked = 0;
    const endless = (async function* () {
      yield '{"a":[';
      for (; asked < 100; asked += 1) yield "1,".repeat(100_000);
      yield '\n{"a":2}\n';
    })();
    const found: string[] = [];
    for await (const item of jsonObjects(endless)) found.push("error" in item ? item.error : item.text);
    expect(found).toEqual(["a JSON object of more than 4194304 characters", '{"a":2}']);
  });

  it("are used up to where the text breaks off, and other errors are not hidden", async () => {
    const breaking = async (error: Error): Promise<string[]> => {
      const found: string[] = [];
      const stream = (async function* () {
        yield '{"a":1}\n{"a":';
        throw error;
      })();
      for await (const item of jsonObjects(stream))
        found.push("error" in item ? `${item.line}: ${item.error}` : item.text);
      return found;
    };
    expect(await breaking(new MalformedInputError("no more"))).toEqual(['{"a":1}', `2: ${cutShort}`, "2: no more"]);
    await expect(breaking(new Error("disk"))).rejects.toThrow("disk");
  });
});
