import { expect, it } from "vitest";
import { lambdaTrust, lintValue } from "./linting.ts";

const deployer = (Resource: unknown) => ({
  Type: "AWS::IAM::Role",
  Properties: {
    AssumeRolePolicyDocument: lambdaTrust,
    Policies: [
      {
        PolicyName: "own",
        PolicyDocument: {
          Version: "2012-10-17",
          Statement: { Effect: "Allow", Action: "iam:UpdateAssumeRolePolicy", Resource },
        },
      },
    ],
  },
});
const admin = {
  Type: "AWS::IAM::Role",
  Properties: {
    RoleName: "admin",
    AssumeRolePolicyDocument: lambdaTrust,
    ManagedPolicyArns: ["arn:aws:iam::aws:policy/AdministratorAccess"],
  },
};

it("tells what leads to an administrator of the same file by name, and says nothing of whom the file does not have", () => {
  const { findings, unknown } = lintValue({
    Resources: {
      Admin: admin,
      Deployer: deployer({ "Fn::GetAtt": ["Admin", "Arn"] }),
      Other: deployer("arn:aws:iam::111122223333:role/somewhere-else"),
    },
  });
  const escalating = findings.filter(({ rule }) => rule === "privilege-escalation-path");
  expect(
    escalating.map(({ address, reason }) => [address, reason.endsWith("Role admin is an administrator.")]),
  ).toEqual([["Deployer", true]]);
  expect(unknown).toEqual([]);
});
