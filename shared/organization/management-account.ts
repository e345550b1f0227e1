import { DescribeOrganizationCommand } from "@aws-sdk/client-organizations";
import type { AwsAccess } from "../aws/access.ts";
import { call } from "../aws/errors.ts";
import { AccessDeniedError } from "../errors.ts";

/**
 * The organization's management account; `undefined` where nobody may ask, and then no account counts as a member whose
 * root can be repaired.
 * @throws ThrottledError
 */
export const managementAccountId = async (aws: AwsAccess): Promise<string | undefined> => {
  try {
    const { Organization } = await call("organizations:DescribeOrganization", "the organization", () =>
      aws.organizations().send(new DescribeOrganizationCommand({})),
    );
    return Organization?.MasterAccountId;
  } catch (error) {
    if (error instanceof AccessDeniedError) return undefined;
    throw error;
  }
};
