import type { AwsAccess } from "../../shared/aws/access.ts";
import { messageOf } from "../../shared/errors.ts";
import { type Fact, unknownFact } from "../../shared/facts/facts.ts";
import type { Member } from "../../shared/organization/members.ts";
import type { Places } from "../../shared/organization/places.ts";
import { readOrganization } from "../../shared/organization/read-organization.ts";
import { createTimedViewer } from "../../shared/organization/stored-views.ts";
import type { OrganizationView } from "../../shared/organization/view.ts";

/**
 * The organization as accounts see it, read now with the caller's own credentials. Who may not read it, or is in none, audits
 * accounts all the same: what rests on it is then unknown, and says why.
 */
export const liveOrganization = async (
  aws: AwsAccess,
  callerId: string,
  { clock, ...asked }: { readonly clock: () => Date; readonly members?: readonly Member[]; readonly places?: Places },
): Promise<(accountId: string) => Fact<OrganizationView>> => {
  try {
    const reading = await readOrganization({
      ...{ organizations: aws.organizations(), iam: aws.iam(callerId), aws, clock },
      ...asked,
    });
    const view = createTimedViewer(reading);
    return (accountId) => view(accountId, clock());
  } catch (error) {
    const why = unknownFact(`the organization could not be read: ${messageOf(error)}`);
    return () => why;
  }
};
