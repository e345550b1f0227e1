import { expect, test } from "vitest";
import { iamRegionOf, nameOfArn, organizationsRegionOf, parseArn, partitionOf, roleArn } from "../../shared/aws/arn.ts";

test("an ARN's resource keeps its colons and slashes", () => {
  expect(parseArn("arn:aws-cn:logs:cn-north-1:111122223333:log-group:a/b:*")).toEqual({
    partition: "aws-cn",
    service: "logs",
    region: "cn-north-1",
    accountId: "111122223333",
    resource: "log-group:a/b:*",
  });
});

test.each(["", "arn:aws:iam", "user/alice", "arn:aws:iam::111122223333", "urn:aws:iam::111122223333:root"])(
  "%j is not an ARN",
  (text) => {
    expect(() => parseArn(text)).toThrow(/not an ARN/);
  },
);

test.each([
  ["arn:aws:iam::111122223333:user/alice", "alice"],
  ["arn:aws:iam::111122223333:user/a/b/alice,b=c", "alice,b=c"],
  ["arn:aws:iam::111122223333:root", "root"],
])("the name at the end of %s is %s", (arn, name) => {
  expect(nameOfArn(arn)).toBe(name);
});

test.each([
  ["eu-west-1", "aws", "us-east-1", "us-east-1"],
  ["cn-northwest-1", "aws-cn", "cn-north-1", "cn-northwest-1"],
  ["us-gov-east-1", "aws-us-gov", "us-gov-west-1", "us-gov-west-1"],
])("%s is in %s, whose IAM is in %s and Organizations in %s", (region, partition, iam, organizations) => {
  expect(partitionOf(region)).toBe(partition);
  expect(iamRegionOf(partition)).toBe(iam);
  expect(organizationsRegionOf(partition)).toBe(organizations);
});

test.each(["toString", "aws-moon"])("a partition %j that nobody knows is refused", (partition) => {
  expect(() => iamRegionOf(partition)).toThrow(/unknown AWS partition/);
});

test("a role's ARN takes its path, with or without a leading slash", () => {
  expect(roleArn("aws-us-gov", "111122223333", "audit")).toBe("arn:aws-us-gov:iam::111122223333:role/audit");
  expect(roleArn("aws", "111122223333", "/team/audit")).toBe("arn:aws:iam::111122223333:role/team/audit");
});
