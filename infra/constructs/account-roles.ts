import { Aws, CfnCondition, Fn, Validations } from "aws-cdk-lib";
import { CfnManagedPolicy, CfnRole } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import { optedIn, writesOfAll } from "../../shared/settings/opted-in.ts";
import type { Settings } from "../../shared/settings/settings.ts";
import { auditors, boundaryName, functionRoleName, remediator, roleNames, ruleName } from "../names.ts";
import { anyAnalyzer, anyTrail, auditStatements, itsOwnAnalyzers, itsOwnRules } from "../policies/audit-role.ts";
import { approvedBoundaries } from "../policies/boundary-names.ts";
import { developerBoundary, hubBoundary } from "../policies/developer-boundary.ts";
import { documentOf, iamArn, type PolicyStatement } from "../policies/place.ts";
import { remediationStatements } from "../policies/remediation-role.ts";
import { accept, acceptWildcard } from "./accepted.ts";
import type { HubReference } from "./hub-reference.ts";

const here = { partition: Aws.PARTITION, accountId: Aws.ACCOUNT_ID };

/**
 * What an account needs once: the role that reads, the role that repairs if something opted in, the role that forwards, and
 * the boundary policy unless the settings name another everywhere.
 */
export class AccountRoles extends Construct {
  constructor(scope: Construct, id: string, hub: HubReference, settings: Settings, isHome: CfnCondition) {
    super(scope, id);
    const repairs = remediationStatements(here, settings);
    // What repairs root writes with no role of the account, but reads with the audit role as all repairs do.
    const isRepairing = writesOfAll(optedIn(settings)).length > 0;
    const readers = isRepairing ? [...auditors, remediator] : auditors;

    const role = (
      id: string,
      roleName: string,
      trust: unknown,
      description: string,
      does: readonly PolicyStatement[],
    ) => {
      const made = new CfnRole(this, id, {
        roleName,
        description,
        assumeRolePolicyDocument: documentOf([trust]),
        policies: [{ policyName: roleName, policyDocument: documentOf(does) }],
      });
      made.cfnOptions.condition = isHome;
      return made;
    };
    const audit = role(
      "Audit",
      roleNames.audit,
      trustOf(hub, readers),
      "iam-warden reads IAM with it",
      auditStatements(here),
    );
    const ofAws = `arn:${here.partition}:iam::aws:policy/*`;
    for (const read of [
      "*",
      ...["user/*", "group/*", "role/*", "policy/*", "oidc-provider/*"].map((all) => iamArn(here, all)),
      ofAws,
    ])
      acceptWildcard(
        audit,
        read,
        "All of an account's IAM is what iam-warden watches; the role reads it, and no data.",
      );
    acceptWildcard(audit, anyAnalyzer(here), "Findings are read of whatever analyzers an account has.");
    acceptWildcard(audit, itsOwnAnalyzers(here), "A repair makes its analyzers in whatever Regions are watched.");
    acceptWildcard(audit, itsOwnRules(here), "The rules that forward are told by their names, in every Region.");
    acceptWildcard(
      audit,
      anyTrail(here),
      "The trail that the rules need may be the organization's, in another account.",
    );
    role("Forward", roleNames.forward, trustOfRules, "iam-warden's rules send events to the hub with it", [
      { Sid: "SendToTheHub", Effect: "Allow", Action: ["events:PutEvents"], Resource: hub.eventBusArn },
    ]);
    if (repairs.length > 0) {
      const remediate = role(
        "Remediate",
        roleNames.remediate,
        trustOf(hub, [remediator]),
        "iam-warden repairs and undoes with it",
        repairs,
      );
      for (const repaired of ["user/*", "role/*"])
        acceptWildcard(
          remediate,
          iamArn(here, repaired),
          "Whom a repair is about is known only then; whom the settings protect is denied in the same policy.",
        );
      if (repairs.some(({ Resource }) => Resource === "*"))
        acceptWildcard(remediate, "*", "An account has one password policy, for which IAM knows no resource.");
    }

    if (!approvedBoundaries(settings).includes(boundaryName)) return;
    const isHub = new CfnCondition(this, "IsHub", { expression: Fn.conditionEquals(Aws.ACCOUNT_ID, hub.hubAccountId) });
    const boundary = new CfnManagedPolicy(this, "Boundary", {
      managedPolicyName: boundaryName,
      description: "Permissions boundary: all services, but no way to more than it allows",
      policyDocument: documentOf([
        ...developerBoundary(here, iamArn(here, `policy/${boundaryName}`)),
        ...hubBoundary(here).map((statement) => Fn.conditionIf(isHub.logicalId, statement, { Ref: "AWS::NoValue" })),
      ]),
    });
    boundary.cfnOptions.condition = isHome;
    accept(boundary, "IAM5", "A boundary grants nothing: what it lets through, a role's own policies have to allow.");
    Validations.of(boundary).acknowledge({
      id: "CloudFormation-Validate::W2512",
      reason: "A boundary grants nothing: NotAction lets every service be used that a role's own policies allow.",
    });
  }
}

/** The hub's functions alone, by the names of their roles, which may be made before or after. */
const trustOf = ({ organizationId, hubAccountId }: HubReference, entries: readonly string[]) => {
  const hub = { ...here, accountId: hubAccountId };
  return {
    Effect: "Allow",
    Principal: { AWS: iamArn(hub, "root") },
    Action: "sts:AssumeRole",
    Condition: {
      StringEquals: { "aws:PrincipalOrgID": organizationId },
      ArnEquals: { "aws:PrincipalArn": entries.map((entry) => iamArn(hub, `role/${functionRoleName(entry)}`)) },
    },
  };
};

/** EventBridge, for iam-warden's own rules in this account. */
const trustOfRules = {
  Effect: "Allow",
  Principal: { Service: "events.amazonaws.com" },
  Action: "sts:AssumeRole",
  Condition: {
    StringEquals: { "aws:SourceAccount": here.accountId },
    ArnLike: { "aws:SourceArn": `arn:${here.partition}:events:*:${here.accountId}:rule/${ruleName("*")}` },
  },
};
