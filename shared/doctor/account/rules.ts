import { roleArn } from "../../aws/arn.ts";
import { type Check, type Trouble, unknownBecause } from "../check.ts";
import type { AccountContext } from "../dependencies.ts";
import { lookAtRules } from "../look-at-rules.ts";
import { forwardRoleName } from "./forward-role.ts";

/** The mark proves one rule in one Region; all others can only be looked at. */
export const rules: Check<AccountContext> = {
  id: "rules",
  title: "every rule forwards to the hub, in every watched Region",
  severity: "critical",
  isWatching: true,
  look: async ({ aws, account, clients, deployed, managementAccountId }) => {
    const hearsOrganization = account.id === (await managementAccountId());
    const inEach = deployed.watchedRegions.map(async (region): Promise<readonly Trouble[]> => {
      const where = ` in ${region}`;
      try {
        // With another role the hub's bus takes nothing of it.
        const forwards = roleArn(aws.partition, account.id, forwardRoleName);
        return await lookAtRules({
          ...{ events: clients.events(region, account.id), accountId: account.id, where, hearsOrganization },
          isTarget: ({ Arn, RoleArn }) => Arn === deployed.eventBusArn && RoleArn === forwards,
          todo: "Somebody changed them, or the stack was not deployed there: find out who, then deploy the stack again.",
        });
      } catch (error) {
        return [unknownBecause(error, where)];
      }
    });
    return (await Promise.all(inEach)).flat();
  },
};
