import { ownAnalyzer } from "../../shared/analyzers/own-analyzer.ts";
import { policyArn } from "../../shared/aws/arn.ts";
import { iamQuotas } from "../../shared/aws/iam-quotas.ts";
import type { AnyStateControl } from "../../shared/control.ts";
import { ownTagKeys } from "../../shared/remediation/step.ts";
import { permissionsFor } from "../../shared/remediation/writes.ts";
import { namedBoundaries } from "../../shared/settings/named-boundaries.ts";
import { optedIn, writesOfAll } from "../../shared/settings/opted-in.ts";
import type { Settings } from "../../shared/settings/settings.ts";
import { itsOwnAnalyzers } from "./audit-role.ts";
import { iamArn, type Place, type PolicyStatement } from "./place.ts";
import { protectedArns } from "./protected.ts";

/** Characters that IAM allows for all inline policies of a role together. */
const roleInlineQuota = iamQuotas.inline.role;

const boundaryKey = "iam:PermissionsBoundary";

/**
 * What the remediation role may do in its account: the writes of the controls that opted in, and their undos, each as narrow
 * as IAM knows; none if nothing opted in that writes with it.
 * @throws Error where the settings protect more principals than a policy has room for
 */
export const remediationStatements = (place: Place, settings: Settings): readonly PolicyStatement[] => {
  const repairing = optedIn(settings);
  const granted = permissionsFor(writesOfAll(repairing));
  const boundaries = namedBoundaries(settings).map((name) => policyArn(place.partition, place.accountId, name));
  const statements = [
    ...onUsers(place, granted),
    ...onBoundaries(place, granted, boundaries),
    ...quarantining(place, granted),
    ...tagging(place, granted),
    ...confining(place, granted),
    ...onPasswordPolicy(granted),
    ...restoring(place, granted, repairing),
    ...analyzing(place, granted),
  ];
  if (statements.length === 0) return [];
  const all = [...statements, ...never(place, granted, settings)];
  const { length } = JSON.stringify(all);
  if (length > roleInlineQuota)
    throw new Error(
      `The policy of the remediation role has ${length} characters, and IAM allows ${roleInlineQuota}: protect principals by fewer names and patterns in protectedPrincipals and excludedRoles.`,
    );
  return all;
};

const onUsers = (place: Place, granted: readonly string[]): PolicyStatement[] => {
  const Action = granted.filter((action) => /User|AccessKey/.test(action));
  return Action.length === 0
    ? []
    : [{ Sid: "RepairUsers", Effect: "Allow", Action, Resource: iamArn(place, "user/*") }];
};

/**
 * Attaches an approved boundary, and takes off none but an approved one. Taking it off twice is no harm: a role that has none any
 * more has no key to compare, and an undo whose answer was lost has to be told that it is done.
 */
const onBoundaries = (place: Place, granted: readonly string[], approved: readonly string[]): PolicyStatement[] => {
  if (approved.length === 0) return [];
  const statement = (Sid: string, action: string, operator: string): PolicyStatement[] =>
    granted.includes(action)
      ? [
          {
            ...{ Sid, Effect: "Allow", Action: [action], Resource: iamArn(place, "role/*") },
            Condition: { [operator]: { [boundaryKey]: approved } },
          },
        ]
      : [];
  return [
    ...statement("BoundRoles", "iam:PutRolePermissionsBoundary", "StringEquals"),
    ...statement("UnboundRoles", "iam:DeleteRolePermissionsBoundary", "StringEqualsIfExists"),
  ];
};

/** IAM knows no condition on the name or the text of an inline policy. */
const quarantining = (place: Place, granted: readonly string[]): PolicyStatement[] => {
  const Action = granted.filter((action) => /:(?:Delete|Put)RolePolicy$/.test(action));
  return Action.length === 0
    ? []
    : [{ Sid: "QuarantineRoles", Effect: "Allow", Action, Resource: iamArn(place, "role/*") }];
};

/** Sets and removes no tags but iam-warden's own: others may decide what somebody may do. */
const tagging = (place: Place, granted: readonly string[]): PolicyStatement[] => {
  const Action = granted.filter((action) => /:(?:Tag|Untag)Role$/.test(action));
  const Condition = {
    "ForAllValues:StringEquals": { "aws:TagKeys": ownTagKeys },
    Null: { "aws:TagKeys": "false" },
  };
  return Action.length === 0
    ? []
    : [{ Sid: "TagQuarantined", Effect: "Allow", Action, Resource: iamArn(place, "role/*"), Condition }];
};

/** IAM knows no condition on whom a trust policy trusts. */
const confining = (place: Place, granted: readonly string[]): PolicyStatement[] => {
  const Action = granted.filter((action) => action === "iam:UpdateAssumeRolePolicy");
  return Action.length === 0
    ? []
    : [{ Sid: "ConfineTrust", Effect: "Allow", Action, Resource: iamArn(place, "role/*") }];
};

/** IAM knows no resource for it: there is one in each account. */
const onPasswordPolicy = (granted: readonly string[]): PolicyStatement[] => {
  const Action = granted.filter(isOnAccount);
  return Action.length === 0 ? [] : [{ Sid: "StrengthenPasswords", Effect: "Allow", Action, Resource: "*" }];
};

const isOnAccount = (action: string): boolean => action.endsWith("AccountPasswordPolicy");

/** Where a repair replaces a boundary, its undo has to attach again what nobody approved. */
const restoring = (
  place: Place,
  granted: readonly string[],
  repairing: readonly AnyStateControl[],
): PolicyStatement[] => {
  const Action = granted.filter((action) => action === "iam:PutRolePermissionsBoundary");
  if (Action.length === 0 || !repairing.some(({ repair }) => repair?.replacesBoundary === true)) return [];
  const Condition = {
    ArnLike: { [boundaryKey]: [iamArn(place, "policy/*"), `arn:${place.partition}:iam::aws:policy/*`] },
  };
  return [{ Sid: "RestoreBoundaries", Effect: "Allow", Action, Resource: iamArn(place, "role/*"), Condition }];
};

const analyzerService = "access-analyzer.amazonaws.com";

/**
 * Makes and tags an analyzer of its own name, and deletes none that is tagged as another's. Deleting it twice is no harm: what is
 * gone has no tag to compare, and an undo whose answer was lost has to be told that it is done.
 */
const analyzing = (place: Place, granted: readonly string[]): PolicyStatement[] => {
  const [[tag, value]] = Object.entries(ownAnalyzer.tags) as [[string, string]];
  const Resource = itsOwnAnalyzers(place);
  const statement = (Sid: string, actions: readonly string[], more: Partial<PolicyStatement>): PolicyStatement[] => {
    const Action = granted.filter((action) => actions.includes(action));
    return Action.length === 0 ? [] : [{ Sid, Effect: "Allow", Action, Resource, ...more }];
  };
  return [
    ...statement("MakeAnalyzers", ["access-analyzer:CreateAnalyzer", "access-analyzer:TagResource"], {
      Condition: { StringEquals: { [`aws:RequestTag/${tag}`]: value } },
    }),
    ...statement("DeleteItsAnalyzers", ["access-analyzer:DeleteAnalyzer"], {
      Condition: { StringEqualsIfExists: { [`aws:ResourceTag/${tag}`]: value } },
    }),
    ...statement("LetAccessAnalyzerIn", ["iam:CreateServiceLinkedRole"], {
      Resource: iamArn(place, `role/aws-service-role/${analyzerService}/*`),
      Condition: { StringEquals: { "iam:AWSServiceName": analyzerService } },
    }),
  ];
};

/** Of the writes, those that change a principal. */
const isOnPrincipal = (action: string): boolean =>
  action.startsWith("iam:") && action !== "iam:CreateServiceLinkedRole" && !isOnAccount(action);

/** Protected principals stay as they are even if every interlock were wrong. */
const never = (place: Place, granted: readonly string[], settings: Settings): PolicyStatement[] => {
  const { roles, users } = protectedArns(place, settings);
  const Action = granted.filter(isOnPrincipal);
  if (Action.length === 0) return [];
  return [{ Sid: "NeverWhatIsProtected", Effect: "Deny", Action, Resource: [...roles, ...users] }];
};
