import { auditReads } from "../../shared/aws/audit-reads.ts";
import { markKey } from "../../shared/marks/mark.ts";
import { roleNames } from "../names.ts";
import { iamArn, type Place, type PolicyStatement } from "./place.ts";

/** What the audit role may do in its account: what iam-warden reads there, and the mark that it leaves on this very role. */
export const auditStatements = (place: Place): readonly PolicyStatement[] => [
  { Sid: "ReadTheAccount", Effect: "Allow", Action: auditReads.account, Resource: "*" }, // They take no resource.
  { Sid: "ReadUsers", Effect: "Allow", Action: auditReads.users, Resource: iamArn(place, "user/*") },
  { Sid: "ReadRoles", Effect: "Allow", Action: auditReads.roles, Resource: iamArn(place, "role/*") },
  {
    Sid: "ReadPolicies",
    Effect: "Allow",
    Action: auditReads.policies,
    Resource: [iamArn(place, "policy/*"), `arn:${place.partition}:iam::aws:policy/*`],
  },
  {
    Sid: "LeaveTheMark",
    Effect: "Allow",
    Action: ["iam:TagRole"],
    Resource: iamArn(place, `role/${roleNames.audit}`),
    Condition: { "ForAllValues:StringEquals": { "aws:TagKeys": [markKey] } },
  },
];
