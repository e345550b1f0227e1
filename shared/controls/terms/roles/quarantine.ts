import type { PlanningContext } from "../../../control.ts";
import type { RoleFacts } from "../../../facts/facts.ts";
import { putRolePolicy, tagRole } from "../../../remediation/step.ts";

/** What denies everything to whoever has the role: sessions that there are already too. */
const document = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Sid: "Quarantine", Effect: "Deny", Action: "*", Resource: "*" }],
});

const key = "iam-warden-quarantine";
/** As many as IAM allows on a role. */
const mostTags = 50;

/**
 * Quarantines a role, and says so in a tag, `unused-role 2026-11-20 3f…`: for which control, on which day (UTC) and finding. One
 * that has no room for another tag goes without.
 */
export const quarantine = (
  { name: roleName, tags }: RoleFacts,
  control: string,
  { now, findingId }: Pick<PlanningContext<unknown>, "now" | "findingId">,
) => {
  const deny = putRolePolicy({ roleName, policyName: key, document });
  const hasRoom = Object.keys(tags).length < mostTags || Object.hasOwn(tags, key);
  const value = `${control} ${now.toISOString().slice(0, 10)} ${findingId}`;
  return hasRoom ? ([deny, tagRole({ roleName, key, value })] as const) : ([deny] as const);
};
