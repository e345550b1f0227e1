import { type IAMClient, ListOrganizationsFeaturesCommand } from "@aws-sdk/client-iam";
import { isCode } from "../aws/errors.ts";
import { type Fact, known, unknownFact } from "../facts/facts.ts";
import { readOrGap } from "../facts/reading.ts";
import { byCodeUnit } from "../order.ts";

const permission = "iam:ListOrganizationsFeatures";

/**
 * What of the members' root users is centralized. Nothing is where IAM has no trusted access to the organization, or the
 * organization not all features.
 * @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListOrganizationsFeatures.html
 */
export const readRootFeatures = async (iam: IAMClient): Promise<Fact<readonly string[]>> => {
  try {
    return await readOrGap(permission, "the organization", async () => {
      const { EnabledFeatures = [] } = await iam.send(new ListOrganizationsFeaturesCommand({}));
      return EnabledFeatures.toSorted(byCodeUnit);
    });
  } catch (error) {
    if (isCode(error, "ServiceAccessNotEnabled") || isCode(error, "OrganizationNotInAllFeaturesMode")) return known([]);
    if (isCode(error, "AccountNotManagementOrDelegatedAdministrator"))
      return unknownFact(`${permission} answers only the management account and IAM's delegated administrator`);
    throw error;
  }
};
