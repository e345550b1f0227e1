import { auditReads } from "../../shared/aws/audit-reads.ts";
import { iamArn, type Place, type PolicyStatement } from "./place.ts";

/** What the audit role may do in its account: what iam-warden reads there, and nothing else. */
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
];
