import { createHash } from "node:crypto";
import { GetGroupCommand, type IAMClient, ListEntitiesForPolicyCommand } from "@aws-sdk/client-iam";
import type { AwsAccess } from "../aws/access.ts";
import { call } from "../aws/errors.ts";
import type { AnyStateControl } from "../control.ts";
import { stateControls } from "../controls/catalogue.ts";
import { AccessDeniedError } from "../errors.ts";
import { type CloudTrailRecord, hasFailed, textField } from "../events/record.ts";
import { hintNameOf } from "../events/subjects.ts";
import { ifExists, maxItems } from "../facts/reading.ts";
import { byCodeUnit } from "../order.ts";
import type { SubjectRef } from "../subject.ts";
import type { Telemetry } from "../telemetry.ts";
import type { SubjectGroup } from "./judge-subject.ts";
import type { ReceivedEvent } from "./receive.ts";

/** The events of one batch that changed what a managed policy or a group gives: they name none of those who have it. */
export interface SharedChange {
  readonly accountId: string;
  readonly on: { readonly policyArn: string } | { readonly groupName: string };
  readonly events: readonly ReceivedEvent[];
}

/** How many users and roles are judged at once for one such change: the sweep judges the rest. */
export const affectedAtMost = 50;

const changedBy = (record: CloudTrailRecord): SharedChange["on"] | undefined => {
  const { eventSource, eventName, requestParameters: request } = record;
  if (eventSource !== "iam.amazonaws.com" || hasFailed(record)) return undefined;
  const policyArn = textField(request, "policyArn");
  const groupName = textField(request, "groupName");
  switch (eventName) {
    case "CreatePolicyVersion":
      // A version that is not the default gives nobody anything.
      return policyArn !== undefined && request?.setAsDefault === true ? { policyArn } : undefined;
    case "SetDefaultPolicyVersion":
      return policyArn === undefined ? undefined : { policyArn };
    case "AttachGroupPolicy":
    case "DeleteGroupPolicy":
    case "DetachGroupPolicy":
    case "PutGroupPolicy":
      return groupName === undefined ? undefined : { groupName };
    default:
      return undefined;
  }
};

/** What of a batch changed the permissions of users and roles that it does not name, as far as a control rests on them. */
export const sharedChanges = (
  events: readonly ReceivedEvent[],
  controls: readonly AnyStateControl[] = stateControls,
): readonly SharedChange[] => {
  const changes = new Map<string, SharedChange & { events: ReceivedEvent[] }>();
  for (const event of events) {
    const on = changedBy(event.record);
    const hint = hintNameOf(event.record);
    if (on === undefined || !controls.some(({ policies, hints }) => policies && hints.includes(hint))) continue;
    const key = JSON.stringify([event.accountId, on]);
    const change = changes.get(key) ?? { accountId: event.accountId, on, events: [] };
    change.events.push(event);
    changes.set(key, change);
  }
  for (const { events } of changes.values())
    events.sort((a, b) => a.record.eventTime.getTime() - b.record.eventTime.getTime());
  return [...changes.values()];
};

/** Those who have a policy or are in a group, and whether there are more than one answer lists. */
interface Affected {
  readonly principals: readonly Pick<SubjectRef, "kind" | "name">[];
  readonly isPartial: boolean;
}

const nobody: Affected = { principals: [], isPartial: false };

const members = async (iam: IAMClient, accountId: string, GroupName: string): Promise<Affected> => {
  const answer = await ifExists(
    call("iam:GetGroup", accountId, () => iam.send(new GetGroupCommand({ GroupName, MaxItems: maxItems }))),
  );
  if (answer === undefined) return nobody;
  const principals = (answer.Users ?? []).flatMap(({ UserName }) =>
    UserName === undefined ? [] : [{ kind: "user", name: UserName } as const],
  );
  return { principals, isPartial: answer.IsTruncated === true };
};

const havingPolicy = async (iam: IAMClient, accountId: string, PolicyArn: string): Promise<Affected> => {
  const answer = await ifExists(
    call("iam:ListEntitiesForPolicy", accountId, () =>
      iam.send(new ListEntitiesForPolicyCommand({ PolicyArn, MaxItems: maxItems })),
    ),
  );
  if (answer === undefined) return nobody;
  const named = (kind: "user" | "role", names: readonly (string | undefined)[]) =>
    names.flatMap((name) => (name === undefined ? [] : [{ kind, name }]));
  const groups = (answer.PolicyGroups ?? []).slice(0, affectedAtMost);
  const ofGroups = await Promise.all(groups.map(({ GroupName = "" }) => members(iam, accountId, GroupName)));
  return {
    principals: [
      ...named(
        "user",
        (answer.PolicyUsers ?? []).map(({ UserName }) => UserName),
      ),
      ...named(
        "role",
        (answer.PolicyRoles ?? []).map(({ RoleName }) => RoleName),
      ),
      ...ofGroups.flatMap(({ principals }) => principals),
    ],
    isPartial:
      answer.IsTruncated === true ||
      groups.length < (answer.PolicyGroups ?? []).length ||
      ofGroups.some(({ isPartial }) => isPartial),
  };
};

/**
 * The users and roles whose permissions a change touched, at most `affectedAtMost` of them, in an order that whoever gave them
 * their names cannot know. That there are more,
 * or that nobody may list them, is logged and counted: the next sweep judges them.
 */
export const affectedBy = async (
  { aws, telemetry }: { readonly aws: AwsAccess; readonly telemetry: Telemetry },
  { accountId, on, events }: SharedChange,
): Promise<readonly SubjectGroup[]> => {
  const left = (why: string, fields: Readonly<Record<string, unknown>>): void => {
    telemetry.count("ChangesLeftToSweep");
    telemetry.warn(`The next sweep judges who else a change of permissions touched: ${why}`, {
      account: accountId,
      ...on,
      ...fields,
    });
  };
  try {
    const iam = aws.iam(accountId);
    const { principals, isPartial } =
      "policyArn" in on
        ? await havingPolicy(iam, accountId, on.policyArn)
        : await members(iam, accountId, on.groupName);
    const distinct = new Map(principals.map(({ kind, name }) => [`${kind}/${name}`, { kind, name }]));
    // AWS makes up the id of an event after it happened.
    const [first] = events;
    const place = (key: string) => createHash("sha256").update(`${first?.record.eventId}\n${key}`).digest("hex");
    const ordered = [...distinct]
      .map(([key, principal]) => ({ at: place(key), principal }))
      .toSorted((a, b) => byCodeUnit(a.at, b.at))
      .map(({ principal }) => principal);
    if (isPartial || ordered.length > affectedAtMost)
      left("there are too many", { listed: ordered.length, judged: Math.min(ordered.length, affectedAtMost) });
    return ordered.slice(0, affectedAtMost).map(({ kind, name }) => ({
      accountId,
      kind: kind === "role" ? "role" : "user",
      name,
      events,
    }));
  } catch (error) {
    if (!(error instanceof AccessDeniedError)) throw error;
    left("they may not be listed", { error });
    return [];
  }
};
