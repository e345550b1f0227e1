import type { RoleFacts } from "../../../facts/facts.ts";
import { putRolePolicy } from "../../../remediation/step.ts";

/** What denies everything to whoever has the role: sessions that there are already too. */
const document = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Sid: "Quarantine", Effect: "Deny", Action: "*", Resource: "*" }],
});

export const quarantine = (role: RoleFacts) =>
  putRolePolicy({ roleName: role.name, policyName: "iam-warden-quarantine", document });
