import {
  DescribeAccountCommand,
  DescribeOrganizationCommand,
  type OrganizationsClient,
} from "@aws-sdk/client-organizations";
import type { CallerIdentity } from "../../shared/aws/aws-access.ts";
import { call, errorCodeOf } from "../../shared/aws/errors.ts";
import { CommandError } from "../command-error.ts";

/** The organization that is prepared. */
export interface Organization {
  /** `o-…` */
  readonly id: string;
  /** Whether the hub is the management account, which is nobody's delegated administrator. */
  readonly hubIsManagement: boolean;
}

/**
 * Makes sure that the credentials are the management account's, and that the hub is one of the organization's accounts.
 * @throws CommandError that says what would be right
 */
export const checkOrganization = async (
  organizations: OrganizationsClient,
  caller: CallerIdentity,
  hub: string,
): Promise<Organization> => {
  const { Organization: found } = await call("organizations:DescribeOrganization", caller.accountId, () =>
    organizations.send(new DescribeOrganizationCommand({})),
  ).catch((error: unknown) => {
    if (errorCodeOf(error) !== "AWSOrganizationsNotInUseException") throw error;
    throw new CommandError(
      `Account ${caller.accountId} is in no organization: use credentials of the organization's management account.`,
      { cause: error },
    );
  });
  const { Id: id = "", MasterAccountId: management = "", FeatureSet } = found ?? {};
  if (caller.accountId !== management)
    throw new CommandError(
      `These are credentials of account ${caller.accountId} (${caller.arn}); only the management account, ${management}, ` +
        `can prepare the organization ${id}.`,
    );
  if (FeatureSet !== "ALL")
    throw new CommandError(
      `The organization ${id} has only consolidated billing; stack sets and central root access need all features: ` +
        "`aws organizations enable-all-features`, and every invited account has to accept.",
    );
  await checkHub(organizations, hub, id);
  return { id, hubIsManagement: hub === management };
};

const checkHub = async (organizations: OrganizationsClient, hub: string, organizationId: string): Promise<void> => {
  const { Account } = await call("organizations:DescribeAccount", hub, () =>
    organizations.send(new DescribeAccountCommand({ AccountId: hub })),
  ).catch((error: unknown) => {
    if (errorCodeOf(error) !== "AccountNotFoundException") throw error;
    throw new CommandError(
      `--hub: ${hub} is no account of the organization ${organizationId}; \`aws organizations list-accounts\` lists them.`,
      { cause: error },
    );
  });
  // `Status` was to retire in September 2026; some endpoints still know nothing else.
  const state = Account?.State ?? Account?.Status;
  if (state !== "ACTIVE")
    throw new CommandError(`--hub: account ${hub} is ${state ?? "in no known state"}; write one that is ACTIVE.`);
};
