import * as z from "zod";
import { compliant, defineControl, type Json, notApplicable, violation } from "../control.ts";
import { isOpen } from "../policy/principal/open-conditions.ts";
import { listWords } from "../text/list-words.ts";
import { approvalOf, approvedPrincipals } from "./terms/permissions/approved-principals.ts";
import { smallerPolicy } from "./terms/permissions/permission-fixes.ts";
import { distinctStatements, statementEvidence, statementWords } from "./terms/permissions/permission-words.ts";
import {
  isAdministratorInAccount,
  judgePermissions,
  permissionHints,
  principalName,
} from "./terms/permissions/permissions.ts";

/** Neither data nor permissions can be reached with them: what they do is look, or carry an agent's messages. */
const harmless = ["compute-optimizer", "ec2messages", "health", "pricing", "ssmmessages", "trustedadvisor", "xray"];

/** What almost every workload has to see, where a policy names no service. */
const common = ["cloudwatch", "ec2", "logs", "s3", "tag"];

/** What only looks: to change things it is to be allowed by name, once it is known what it changes. */
const looking = (services: Json | undefined): readonly string[] => {
  const named = (Array.isArray(services) ? services : []).flatMap((each) => (typeof each === "string" ? [each] : []));
  const prefixes = new Set(named.flatMap((each) => (each === "*" ? common : [each.replace(/:\*$/, "")])));
  return [...prefixes].sort().flatMap((prefix) => ["Describe", "Get", "List"].map((verb) => `${prefix}:${verb}*`));
};

/** A user or role can do everything with a service, on everything. */
export const serviceWidePolicy = defineControl({
  id: "service-wide-policy",
  title: "User or role has every action of a service",
  severity: "low",
  frameworks: { securityHub: "IAM.21", nist: ["AC-6"] },
  subjects: ["user", "role"],
  hints: permissionHints,
  policies: true,
  options: approvedPrincipals("have whole services", [
    "/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_PowerUserAccess_*",
    "/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_AWSPowerUserAccess_*",
  ]).extend({
    harmlessServices: z
      .array(z.string().regex(/^[a-z0-9-]{1,63}$/, { error: "a service's prefix, such as s3" }))
      .max(200)
      .default([...harmless])
      .describe("Services of which every action may be allowed, by the prefix that actions have in policies."),
  }),
  guidance: {
    what: "A user or role is allowed every action of one or more services (`s3:*`) on every resource.",
    why: "What a workload needs of a service is seldom to delete what is in it, or to change who else may use it. Every action includes those, and those that AWS adds next year.",
    counts: [
      "What counts is what its policies and those of its groups leave after what is denied, its boundary and the service control policies; AWS's own managed policies, such as AmazonS3FullAccess, count as any other.",
      "`s3:Get*`, all actions on named resources, and an Allow with a condition that narrows it do not count. A Deny of some actions leaves the service whole in all else, and counts.",
      "Everything but some services, as PowerUserAccess allows it, counts as every service that no policy names.",
      "Services of which nothing can be done but look are harmless and do not count: option harmlessServices.",
      "Administrators are the matter of admin-policy and are not told again, nor are those whom service control policies alone keep from being one: nobody in their account can do more.",
    ],
    ...smallerPolicy(
      "# See which actions of the service the PRINCIPAL_KIND used:",
      {
        actions: ["s3:GetObject", "s3:PutObject", "s3:ListBucket"],
        resources: ["arn:aws:s3:::example-bucket", "arn:aws:s3:::example-bucket/*"],
      },
      ({ evidence }) => [{ actions: looking(evidence.services), resources: ["*"] }],
    ),
  },
  evaluate: (principal, context) => {
    const { options } = context;
    const approval = approvalOf(principal, context);
    if (approval !== undefined)
      return notApplicable(
        `${principalName(principal)} is meant to have whole services: the settings approve ${approval}.`,
      );
    return judgePermissions(principal, context, (questions) => {
      const administrator = isAdministratorInAccount(questions);
      if (administrator === "unknown") return undefined;
      if (administrator) return notApplicable(`${principalName(principal)} is an administrator: see admin-policy.`);
      const isHarmless = (actions: string) => options.harmlessServices.includes(actions.replace(/:\*$/, ""));
      const wide = questions.serviceWideGrants().filter(({ actions }) => !isHarmless(actions));
      const open = wide.filter(({ answer }) => isOpen(answer));
      if (open.length === 0) return wide.some(({ decision }) => decision === "unknown") ? undefined : compliant;
      const rest = open.find(({ actions }) => actions === "*");
      const services = open
        .map(({ actions }) => actions)
        .filter((actions) => actions !== "*")
        .sort();
      const what = [...(rest ? ["every action of all services that no policy names"] : []), ...services];
      const grants = distinctStatements((rest ? [rest] : open).flatMap(({ answer }) => answer.grants));
      return violation(
        `${principalName(principal)} is allowed ${listWords(what, 5)} on everything, by ${listWords(grants.map(statementWords))}.`,
        { services: open.map(({ actions }) => actions).sort(), grants: grants.map(statementEvidence) },
      );
    });
  },
});
