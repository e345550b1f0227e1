import type { EventBridgeEvent } from "../cloudtrail.ts";
import { timestamp } from "../protocol/query.ts";
import type { Ids } from "../random.ts";
import type { SandboxState } from "../state.ts";
import type { Analyzer, ExternalFinding } from "./state.ts";

/** What there is to say of access that an analyzer finds; the rest is what most findings have. */
export type NewFinding = Pick<ExternalFinding, "id" | "resource" | "resourceType" | "owner"> & Partial<ExternalFinding>;

/** A finding as plain data: active, and public if nobody says who has access. */
export const findingOf = ({ status = "ACTIVE", ...made }: NewFinding, now: Date): ExternalFinding => ({
  ...{ principal: { AWS: "*" }, action: [], condition: {}, isPublic: made.principal === undefined },
  ...{ createdAt: now, updatedAt: now },
  ...made,
  status,
});

/** @throws Error if there is no such analyzer */
const analyzerOf = ({ accounts }: SandboxState, arn: string): Analyzer => {
  const found = accounts.get(arn.split(":")[4] ?? "")?.analyzers.get(arn);
  if (found === undefined) throw new Error(`the sandbox has no analyzer ${arn}`);
  return found;
};

/** An analyzer finds access from outside, or finds out that what it had found has changed: one of the same id is replaced. */
export const putFinding = (state: SandboxState, analyzerArn: string, made: NewFinding, now: Date): ExternalFinding => {
  const { findings } = analyzerOf(state, analyzerArn);
  const before = findings.get(made.id);
  const finding = findingOf({ ...before, ...made, updatedAt: now }, now);
  findings.set(finding.id, finding);
  return finding;
};

/**
 * What EventBridge delivers of a finding, in the account that has the analyzer.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-eventbridge.html
 */
export const findingEvent = (
  ids: Pick<Ids, "uuid">,
  analyzerArn: string,
  finding: ExternalFinding,
  now: Date,
): EventBridgeEvent => {
  const [, , , region = "", account = ""] = analyzerArn.split(":");
  const { id, resource, resourceType, owner, principal, action, condition, isPublic, status, error } = finding;
  return {
    version: "0",
    id: ids.uuid(),
    "detail-type": "Access Analyzer Finding",
    source: "aws.access-analyzer",
    ...{ account, region, time: timestamp(now), resources: [analyzerArn] },
    detail: {
      ...{ version: "1.0", id, status, resourceType, resource },
      ...{
        createdAt: timestamp(finding.createdAt),
        analyzedAt: timestamp(now),
        updatedAt: timestamp(finding.updatedAt),
      },
      ...{ accountId: owner, region, isDeleted: false },
      ...(error === undefined ? { principal, action, condition, isPublic } : { error }),
    },
  };
};
