import { expect, test } from "vitest";
import { readPolicy } from "../../../../shared/controls/terms/permissions/read-policy.ts";
import { known } from "../../../../shared/facts/facts.ts";

test("a document that is none says why", () => {
  expect(readPolicy({ document: known({ Statement: ["x"] }) })).toEqual({ why: "Statement[0] must be an object" });
});

test("a fault of the program is no unreadable document", () => {
  const broken = {
    toJSON: () => ({ Statement: [] }),
    get Statement() {
      throw new TypeError("a fault");
    },
  };
  expect(() => readPolicy({ document: known(broken) })).toThrow(TypeError);
});
