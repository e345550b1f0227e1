import { expect, test } from "vitest";
import { MalformedInputError } from "../../shared/errors.ts";
import { findingFromItem, findingToItem } from "../../shared/findings/item.ts";
import { subjectKinds } from "../../shared/subject.ts";
import { aFinding } from "../support/findings.ts";

test.each(["{", "", "[]", "null", "7"])(
  "evidence that is no JSON object is told like whatever else cannot be read: %s",
  (evidence) => {
    const item = { ...findingToItem(aFinding()), PK: "ACCOUNT#1", SK: "FINDING#2", evidence };
    expect(() => findingFromItem(item)).toThrow(MalformedInputError);
    expect(() => findingFromItem(item)).toThrow(/ACCOUNT#1 FINDING#2 cannot be read: .*evidence/s);
  },
);

test.each(subjectKinds)("a finding about a subject of kind %s is read as it was stored", (kind) => {
  const finding = aFinding({ subject: { kind, name: "x", arn: `arn:aws:iam::111122223333:${kind}/x` } });
  expect(findingFromItem(findingToItem(finding))).toEqual(finding);
});
