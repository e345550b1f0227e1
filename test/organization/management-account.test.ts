import { expect, test } from "vitest";
import { createSandbox } from "../../sandbox/sandbox.ts";
import { ThrottledError } from "../../shared/errors.ts";
import { managementAccountId } from "../../shared/organization/management-account.ts";
import { awsOf } from "../support/aws-of.ts";
import { failing } from "../support/iam-account.ts";

test("the management account is the organization's", async () => {
  const sandbox = createSandbox();
  expect(await managementAccountId(awsOf(sandbox))).toBe(sandbox.state.organization.managementAccountId);
});

test("where nobody may ask, it is not known", async () => {
  const sandbox = createSandbox();
  failing(sandbox, "DescribeOrganization", "AccessDeniedException");
  expect(await managementAccountId(awsOf(sandbox))).toBeUndefined();
});

test("what is not answered is asked again later, and taken for no answer", async () => {
  const sandbox = createSandbox();
  failing(sandbox, "DescribeOrganization", "ServiceException", { status: 500 });
  await expect(managementAccountId(awsOf(sandbox))).rejects.toThrow(ThrottledError);
});
