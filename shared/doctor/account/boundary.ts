import { GetPolicyCommand } from "@aws-sdk/client-iam";
import { policyArn } from "../../aws/arn.ts";
import { call, isNoSuchEntity } from "../../aws/errors.ts";
import { type Check, problem } from "../check.ts";
import type { AccountContext } from "../dependencies.ts";

/** The boundary that the templates make where the settings name none. */
const ownBoundary = "iam-warden-boundary";

/** Repairs of roles attach it, and people are told to; where it is missing neither can. */
export const boundary: Check<AccountContext> = {
  id: "boundary",
  title: "the boundary policy is there",
  severity: "medium",
  isWatching: false,
  look: async ({ aws, account, settings: { repairs } }) => {
    const named = Object.hasOwn(repairs.boundaries, account.id) ? repairs.boundaries[account.id] : undefined;
    const name = named ?? repairs.permissionsBoundary ?? ownBoundary;
    const arn = policyArn(aws.partition, account.id, name);
    try {
      await call("iam:GetPolicy", account.id, () => aws.iam(account.id).send(new GetPolicyCommand({ PolicyArn: arn })));
      return [];
    } catch (error) {
      if (!isNoSuchEntity(error)) throw error;
      return [
        problem(
          `there is no policy ${name}, the boundary of this account`,
          "Make the policy there, or name another in repairs.permissionsBoundary or repairs.boundaries of the settings.",
        ),
      ];
    }
  },
};
