import { compliant, defineControl, type Evidence, notApplicable, unknown, violation } from "../control.ts";
import type { OpenPath } from "../policy/escalation/open-paths.ts";
import type { EscalationPath } from "../policy/escalation/path.ts";
import { escalationPaths } from "../policy/escalation/paths.ts";
import { isOpen } from "../policy/principal/open-conditions.ts";
import { listWords } from "../text/list-words.ts";
import { approvalOf, approvedPrincipals } from "./terms/permissions/approved-principals.ts";
import { smallerPaths } from "./terms/permissions/escalation-fixes.ts";
import { smallerPolicy } from "./terms/permissions/permission-fixes.ts";
import { distinctStatements, statementEvidence, statementWords } from "./terms/permissions/permission-words.ts";
import {
  isAdministratorInAccount,
  judgePermissions,
  permissionHints,
  principalName,
} from "./terms/permissions/permissions.ts";
import { type PathToPrivileged, pathsToPrivileged } from "./terms/permissions/privileged-targets.ts";
import { isRemediationRole } from "./terms/roles/role-scope.ts";

const severity = "high";

/** A user or role can get permissions that nobody gave it. */
export const privilegeEscalationPath = defineControl({
  id: "privilege-escalation-path",
  title: "User or role can escalate its privileges",
  severity,
  frameworks: { nist: ["AC-6"] },
  subjects: ["user", "role"],
  hints: permissionHints,
  policies: true,
  options: approvedPrincipals("manage permissions, or power users", [
    "/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_PowerUserAccess_*",
    "/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_AWSPowerUserAccess_*",
  ]),
  guidance: {
    what: "A user or role is no administrator, and its permissions are enough to become one, or to do what another user or role can.",
    why: "Reviews look for administrators. Whoever can write a policy, pass any role to a service or change the code of any function has what those have, and nobody counts them.",
    counts: [
      "The known ways are judged by what policies, groups, boundary and service control policies leave of each action it takes, and on what: to grant itself permissions, to take over another user or role, to pass a role to a service, and to use what runs with a role already.",
      "A way counts where it leads to whatever a wildcard matches, to the user's or role's own permissions, or by name to an administrator: a user whose keys or password it makes, a role whose trust policy it writes, whose boundary it takes off or that it passes to a service which the role trusts, a group that makes its members administrators. Where it leads by name to others, it may be what the work needs, and is quiet.",
      "Whom a policy names is judged by what the sweep read of the account. After an event up to ten of them are read besides; of more the verdict is unknown until the sweep. That somebody named becomes an administrator later is seen by the sweep alone. Of functions, instances, policies and identity providers that are named nobody looks whose permissions they bring.",
      "AWS CDK's roles for deployments (`cdk-*-deploy-role-*`) are told: whoever may assume one deploys what it likes by CDK's administrator. Approve their exact names in the accounts where that is meant.",
      "What it can grant itself within a permissions boundary that leaves no administrator is confined by it, and quiet, unless the boundary lets it write or choose the boundary's own versions. So is what needs a condition that narrows it, or a service that iam:PassedToService does not name.",
      "Ways through what runs with a role already are of severity medium; all others are high.",
      "Policies with so many wildcards that judging them would take seconds are told as too intricate to judge, not left out.",
      "Of iam-warden's own roles the one that repairs, iam-warden-remediate without a path, is left out here, and only here; the others are judged like any. Whoever can create roles can take that name where nothing is opted in: let a service control policy reserve it.",
      "Administrators are the matter of admin-policy and are not told again, nor are those whom service control policies alone keep from being one: nobody in their account can do more. Whether roles behind a wildcard trust the service that they are passed to, chains over several principals and policies of resources are not judged.",
    ],
    ...smallerPolicy(
      "# Name what the PRINCIPAL_KIND has to work with in place of the wildcard (what follows calls it by a name of its own); for\n# iam:PassRole also the service. See what it used:",
      {
        actions: ["iam:PassRole"],
        resources: ["arn:aws:iam::ACCOUNT_ID:role/example-task"],
        condition: ["StringEquals", "iam:PassedToService", "lambda.amazonaws.com"],
      },
      ({ subject, evidence }) => smallerPaths(subject, pathsIn(evidence).slice(0, told)),
    ),
  },
  evaluate: (principal, context) => {
    const approval = approvalOf(principal, context);
    if (approval !== undefined)
      return notApplicable(
        `${principalName(principal)} is meant to manage permissions: the settings approve ${approval}.`,
      );
    return judgePermissions(principal, context, (questions) => {
      const administrator = isAdministratorInAccount(questions);
      if (administrator === "unknown") return undefined;
      if (administrator) return notApplicable(`${principalName(principal)} is an administrator: see admin-policy.`);
      if (principal.kind === "role" && isRemediationRole(principal))
        return notApplicable(`Role ${principal.name} is the one by which iam-warden repairs.`);
      const paths = questions
        .openPaths()
        .filter(({ isWithinBoundary }) => !(isWithinBoundary && questions.isBounded()));
      const far = paths.filter(({ onlyTo }) => onlyTo.length === 0);
      const isWhole = ({ needs }: OpenPath): boolean => needs.every(({ answer }) => isOpen(answer));
      const named = pathsToPrivileged(
        principal,
        paths.filter(({ onlyTo }) => onlyTo.length > 0),
        questions,
        context,
      );
      const open = [...far.filter(isWhole).map((path): Told => ({ path })), ...named.open].toSorted(worstFirst);
      const [worst] = open;
      if (worst === undefined) {
        if (far.some(({ decision }) => decision === "unknown")) return undefined;
        if (named.why === undefined) return compliant;
        return unknown(
          `Cannot tell whether what ${principal.kind} ${principal.name} can take over is an administrator`,
          named.why,
        );
      }
      const shown = open.slice(0, told);
      const rest = open.length - told;
      const more = rest < 1 ? "" : rest === 1 ? " There is one more way." : ` There are ${rest} more ways.`;
      return violation(
        `${principalName(principal)} can escalate its privileges. ${shown.map(pathWords).join(" ")}${more}`,
        {
          paths: open.map(({ path: { path, targets } }) => [path.id, ...targets].join(" ")),
          grants: distinctStatements(
            shown.flatMap(({ path }) => path.needs.flatMap(({ answer }) => answer.grants)),
          ).map(statementEvidence),
        },
        rank(worst) === kinds.indexOf("use-existing") ? "medium" : undefined,
      );
    });
  },
});

type Told = Pick<PathToPrivileged, "path"> & Partial<PathToPrivileged>;

/** How many ways a reason spells out. */
const told = 2;

const pathsIn = ({ paths }: Evidence): readonly EscalationPath[] =>
  (Array.isArray(paths) ? paths : []).flatMap((one) => {
    const id = typeof one === "string" ? one.split(" ")[0] : undefined;
    return escalationPaths.filter((path) => path.id === id);
  });

/** From the worst. */
const kinds = ["grant-itself", "take-over", "pass-role", "use-existing"] as const;
const rank = ({ path }: Told): number => kinds.indexOf(path.path.kind);
const worstFirst = (a: Told, b: Told): number => rank(a) - rank(b);

/** `It starts an instance with the role, and reads its credentials there: iam:PassRole on * by …, ec2:RunInstances on * by ….` */
const pathWords = ({ path: { path, needs }, whom }: Told): string => {
  const how = `${path.how.charAt(0).toLowerCase()}${path.how.slice(1)}`.replace(/\.$/, "");
  const actions = needs.map(({ action, answer: { grants } }) => {
    const [grant] = grants;
    return grant === undefined ? action : `${action} on ${listWords(grant.resources, 1)} by ${statementWords(grant)}`;
  });
  return `It ${how}: ${listWords(actions, 4)}.${whom === undefined ? "" : ` ${whom}`}`;
};
