import { type Reason, reasonIn } from "../reason.ts";

/** What nobody misses, by the names of mutations. */
export const reasons: readonly Reason[] = [
  { of: /logs:/, why: "what functions and runs log does not go through the sandbox" },
  {
    of: /SweepRunDistributedMapPolicy\).*states:(?:Describe|Stop|Redrive)Execution/,
    why: "the sandbox runs the turns of a distributed map without following, stopping or redriving them",
  },
  {
    of: /(?:queue|bucket|topic) \w+: without the denial of (?:\[\d\] (?:sqs|s3):\*|AllowPublishThroughSSLOnly)$/,
    why: "they deny what comes without TLS, or by an old one; every call of the sandbox counts as encrypted",
  },
  {
    of: /iam-warden-remediate: without BoundRoles$/,
    why: "RestoreBoundaries, by which replaced boundaries are undone, allows it too; it stands alone without that repair",
  },
  {
    of: /policy RolesBoundary: without the denial of (?:NeverTakeItOff|NeverMakeUnbounded)$/,
    why: "no other statement of the boundary allows it either: the denial stands should one ever do",
  },
  {
    of: /managementAccount: policy RolesBoundary: without the denial of (?:NeverReachIntoTheHub|NeverPretendToBeOthers)$/,
    why: "it is in force where the management account is the hub, which it is not here",
  },
];

/** Why it is no fault that nobody misses something; undefined if it is. */
export const reasonFor = (id: string): string | undefined => reasonIn(reasons, id);
