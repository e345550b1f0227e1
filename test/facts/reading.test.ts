import { expect, test } from "vitest";
import { pages } from "../../shared/facts/reading.ts";

const listing = async (answers: readonly { IsTruncated?: boolean; Marker?: string; name: string }[]) => {
  const asked: (string | undefined)[] = [];
  const names: string[] = [];
  const list = pages(async ({ Marker }) => {
    asked.push(Marker);
    const answer = answers[asked.length - 1];
    if (!answer) throw new Error("asked too often");
    return answer;
  });
  for await (const page of list) names.push(page.name);
  return { asked, names };
};

test("pages are asked for until IAM says that the list is whole", async () => {
  const answers = [
    { name: "a", IsTruncated: true, Marker: "1" },
    { name: "empty", IsTruncated: true, Marker: "2" },
    { name: "c", IsTruncated: false, Marker: "stale" },
  ];
  expect(await listing(answers)).toEqual({ asked: [undefined, "1", "2"], names: ["a", "empty", "c"] });
});

test.each([undefined, ""])(
  "a list that is cut off without a marker (%j) is not taken for the whole",
  async (Marker) => {
    await expect(listing([{ name: "a", IsTruncated: true, ...(Marker !== undefined && { Marker }) }])).rejects.toThrow(
      /truncated/,
    );
  },
);
