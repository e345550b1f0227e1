import type { Call, Caller, Permission, Service } from "../protocol/service.ts";
import { contextOf } from "./context.ts";
import { type Judgement, judge } from "./judge.ts";
import { refusal } from "./refusal.ts";
import { createUseRecord, type UsedGrant } from "./use-record.ts";

/** Decides about every call, by the policies that the state holds at its time. */
export interface Authorization {
  /** @throws AwsError with which the service refuses the call, if one of its needs is not allowed */
  check(
    service: Service,
    call: Call,
    input: Readonly<Record<string, unknown>>,
    needs: readonly (string | Permission)[],
  ): void;
  /** Remembers, if anybody wants to know, by which statements a call was allowed. */
  note(caller: Caller, judgement: Judgement): void;
  /** From now on remembers which statements of roles allowed something. */
  recordUse(): void;
  /** Each statement of a role's policies that allowed an action since `recordUse`, once for each action, in order of first use. */
  used(): readonly UsedGrant[];
}

/** The account in an ARN; undefined where there is none, as in those of buckets. */
export const accountIn = (arn: string): string | undefined => /^arn:[^:]*:[^:]*:[^:]*:(\d{12}):/.exec(arn)?.[1];

export const createAuthorization = (): Authorization => {
  const record = createUseRecord();
  return {
    check: (service, call, input, needs) => {
      const { caller, state, region, now, sourceIPAddress } = call;
      for (const need of needs) {
        const permission: Permission = typeof need === "string" ? { resource: need } : need;
        const { action = `${call.service}:${call.operation}`, resource = "*", resourcePolicy, guarded } = permission;
        const resourceAccountId = permission.accountId ?? accountIn(resource) ?? caller.account.id;
        const facts = { region, now, sourceIPAddress, input, resourceAccountId };
        const context = () =>
          contextOf(state, caller, { ...facts, resourceTags: permission.tags, more: permission.context });
        const asked = { action, resource, resourceAccountId, resourcePolicy, guarded, context };
        const judgement = judge(state, caller, asked);
        if (judgement.decision !== "allow") throw refusal(service, call, judgement);
        record.note(caller, judgement);
      }
    },
    note: record.note,
    recordUse: record.start,
    used: record.used,
  };
};
