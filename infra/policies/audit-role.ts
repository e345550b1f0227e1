import { ownAnalyzer } from "../../shared/analyzers/own-analyzer.ts";
import { auditReads } from "../../shared/aws/audit-reads.ts";
import { markKey } from "../../shared/marks/mark.ts";
import { roleNames, ruleName } from "../names.ts";
import { iamArn, type Place, type PolicyStatement } from "./place.ts";

/** The rules that forward, in every Region. */
export const itsOwnRules = ({ partition, accountId }: Place): string =>
  `arn:${partition}:events:*:${accountId}:rule/${ruleName("*")}`;

/** The analyzers that a repair makes, in every Region. */
export const itsOwnAnalyzers = ({ partition, accountId }: Place): string =>
  `arn:${partition}:access-analyzer:*:${accountId}:analyzer/${ownAnalyzer.name}`;

/** All analyzers of the account, in every Region. */
export const anyAnalyzer = ({ partition, accountId }: Place): string =>
  `arn:${partition}:access-analyzer:*:${accountId}:analyzer/*`;

/** Every trail, the organization's in the management account among them. */
export const anyTrail = ({ partition }: Place): string => `arn:${partition}:cloudtrail:*:*:trail/*`;

/** What the audit role may do in its account: what iam-warden reads there, and the mark that it leaves on this very role. */
export const auditStatements = (place: Place): readonly PolicyStatement[] => [
  { Sid: "ReadTheAccount", Effect: "Allow", Action: auditReads.account, Resource: "*" }, // They take no resource.
  { Sid: "ReadUsers", Effect: "Allow", Action: auditReads.users, Resource: iamArn(place, "user/*") },
  { Sid: "ReadRoles", Effect: "Allow", Action: auditReads.roles, Resource: iamArn(place, "role/*") },
  { Sid: "ReadGroups", Effect: "Allow", Action: auditReads.groups, Resource: iamArn(place, "group/*") },
  {
    Sid: "ReadOidcProviders",
    Effect: "Allow",
    Action: auditReads.oidcProviders,
    Resource: iamArn(place, "oidc-provider/*"),
  },
  {
    Sid: "ReadPolicies",
    Effect: "Allow",
    Action: auditReads.policies,
    Resource: [iamArn(place, "policy/*"), `arn:${place.partition}:iam::aws:policy/*`],
  },
  {
    Sid: "ReadItsOwnRules",
    Effect: "Allow",
    Action: auditReads.rules,
    Resource: itsOwnRules(place),
  },
  { Sid: "ListAnalyzers", Effect: "Allow", Action: auditReads.analyzers, Resource: "*" }, // It takes no resource.
  { Sid: "ReadFindings", Effect: "Allow", Action: auditReads.findings, Resource: anyAnalyzer(place) },
  {
    Sid: "ReadItsOwnAnalyzers",
    Effect: "Allow",
    Action: auditReads.ownAnalyzers,
    Resource: itsOwnAnalyzers(place),
  },
  { Sid: "ListTrails", Effect: "Allow", Action: auditReads.allTrails, Resource: "*" }, // It takes no resource.
  {
    Sid: "ReadTrails",
    Effect: "Allow",
    Action: auditReads.trails,
    Resource: anyTrail(place),
  },
  {
    Sid: "LeaveTheMark",
    Effect: "Allow",
    Action: ["iam:TagRole"],
    Resource: iamArn(place, `role/${roleNames.audit}`),
    Condition: { "ForAllValues:StringEquals": { "aws:TagKeys": [markKey] } },
  },
];
