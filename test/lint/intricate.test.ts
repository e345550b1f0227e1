import { expect, it } from "vitest";
import { lambdaTrust, lintValue } from "./linting.ts";

it("tells policies that are too intricate to judge, at the subject that has them", () => {
  const resources = Array.from({ length: 600 }, (_, at) => `arn:aws:iam::111122223333:role/*${at}${"*a".repeat(30)}*`);
  const Statement = { Effect: "Allow", Action: "iam:*", Resource: resources };
  const Policies = [{ PolicyName: "own", PolicyDocument: { Version: "2012-10-17", Statement } }];
  const { findings } = lintValue({
    Resources: {
      App: { Type: "AWS::IAM::Role", Properties: { AssumeRolePolicyDocument: lambdaTrust, Policies } },
    },
  });
  const told = findings.filter(({ rule }) => rule === "privilege-escalation-path");
  expect(told.map(({ reason, address }) => [reason.slice(0, 46), address])).toEqual([
    ["Role app-App is too intricate to judge: compar", "App"],
  ]);
});
