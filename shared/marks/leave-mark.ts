import { randomBytes } from "node:crypto";
import { TagRoleCommand } from "@aws-sdk/client-iam";
import type { AwsAccess } from "../aws/access.ts";
import { call } from "../aws/errors.ts";
import { messageOf, ThrottledError } from "../errors.ts";
import type { Telemetry } from "../telemetry.ts";
import { type Mark, markKey, markText } from "./mark.ts";
import { changeMarks, type MarkStore } from "./mark-store.ts";
import { marked, marking, notMarked } from "./standing.ts";

export interface MarkDependencies {
  /** With the audit role. */
  readonly aws: AwsAccess;
  readonly marks: MarkStore;
  /** Without a path. */
  readonly auditRoleName: string;
  readonly telemetry: Telemetry;
  readonly clock: () => Date;
}

/**
 * Leaves a mark in an account: a tag on the audit role, whose record in CloudTrail has to arrive at the hub. That it cannot
 * be left is kept with its reason. Never throws: whoever marks has something else to do there.
 */
export const leaveMark = async (dependencies: MarkDependencies, accountId: string): Promise<void> => {
  const { marks, telemetry, clock } = dependencies;
  try {
    const mark: Mark = { nonce: randomBytes(16).toString("hex"), markedAt: clock().toISOString() };
    await changeMarks(marks, accountId, (before) => marking(before, mark));
    const refusal = await refusalOf(dependencies, accountId, mark);
    await changeMarks(marks, accountId, (before) =>
      refusal === undefined ? marked(before, mark) : notMarked(before, mark, { at: clock().toISOString(), ...refusal }),
    );
    if (refusal === undefined) return;
    telemetry.count("MarksFailed");
    telemetry.warn(`Whether an account's events arrive is not known: ${refusal.why}`, { account: accountId });
  } catch (error) {
    telemetry.count("MarksFailed");
    telemetry.error(`An account could not be marked: ${messageOf(error)}`, { error, account: accountId });
  }
};

const refusalOf = async (
  { aws, auditRoleName }: MarkDependencies,
  accountId: string,
  mark: Mark,
): Promise<{ readonly why: string; readonly mayStand: boolean } | undefined> => {
  const tag = new TagRoleCommand({ RoleName: auditRoleName, Tags: [{ Key: markKey, Value: markText(mark) }] });
  try {
    await call("iam:TagRole", accountId, () => aws.iam(accountId).send(tag));
    return undefined;
  } catch (error) {
    return { why: messageOf(error), mayStand: error instanceof ThrottledError };
  }
};
