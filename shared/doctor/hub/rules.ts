import type { Check } from "../check.ts";
import type { DoctorDependencies } from "../dependencies.ts";
import { lookAtRules } from "../look-at-rules.ts";

/** Between the hub's bus and the intake's queue: what is wrong here is wrong for every account. */
export const rules: Check<DoctorDependencies> = {
  id: "rules",
  title: "every rule of the hub's bus leads to the intake",
  severity: "critical",
  isWatching: false,
  look: ({ clients, deployed: { region, hubAccountId, eventBusArn } }) =>
    lookAtRules({
      ...{ events: clients.events(region), accountId: hubAccountId, where: " on the hub's bus" },
      busName: eventBusArn.slice(eventBusArn.lastIndexOf("/") + 1),
      hearsOrganization: true,
      isTarget: ({ Arn = "" }) => /^arn:[^:]+:sqs:/.test(Arn),
      todo: "No event of any account is judged by them: deploy the hub's stack again, and find out who changed them.",
    }),
};
