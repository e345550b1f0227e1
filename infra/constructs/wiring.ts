import { Stack } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import type { Construct } from "constructs";
import type { FindingsTable } from "./findings-table.ts";

/** What the functions of the hub share. */
export interface Wiring {
  readonly organizationId: string;
  readonly auditRoleName: string;
  readonly table: FindingsTable;
  readonly topic: ITopic;
  /** The operator's `warden.config.yaml`, where there is one. */
  readonly settingsFile: string | undefined;
}

/** Permission to assume the audit role, in accounts of the organization only. */
export const assumeAuditRole = (scope: Construct, { organizationId, auditRoleName }: Wiring): PolicyStatement =>
  new PolicyStatement({
    actions: ["sts:AssumeRole"],
    resources: [`arn:${Stack.of(scope).partition}:iam::*:role/${auditRoleName}`],
    conditions: { StringEquals: { "aws:ResourceOrgID": organizationId } },
  });

/** Permission to list the organization's accounts with their OUs. None of these actions can be limited to a resource. */
export const listOrganization = (): PolicyStatement =>
  new PolicyStatement({
    actions: [
      "organizations:DescribeOrganizationalUnit",
      "organizations:ListAccounts",
      "organizations:ListParents",
      "organizations:ListRoots",
    ],
    resources: ["*"],
  });

/** The variables of `functions/environment.ts` that say where findings are kept and told. */
export const environmentOf = (scope: Construct, { auditRoleName, table, topic }: Wiring): Record<string, string> => ({
  HUB_ACCOUNT_ID: Stack.of(scope).account,
  AUDIT_ROLE_NAME: auditRoleName,
  FINDINGS_TABLE: table.tableName,
  TOPIC_ARN: topic.topicArn,
});
