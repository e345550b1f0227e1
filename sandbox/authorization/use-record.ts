import { statementMatches } from "../../shared/policy/request/evaluate.ts";
import type { Caller } from "../protocol/service.ts";
import type { Judgement } from "./judge.ts";

/** A statement that allowed a role's call. */
export interface UsedGrant {
  readonly accountId: string;
  readonly role: string;
  /** The inline policy's name, or the managed policy's ARN. */
  readonly policy: string;
  /** The statement's Sid, or its index. */
  readonly statement: string;
  /** `service:Action`, as it was asked for. */
  readonly action: string;
}

/** Remembers which statements of roles allowed what, once somebody wants to know. */
export const createUseRecord = () => {
  let isOn = false;
  const seen = new Map<string, UsedGrant>();
  return {
    start: (): void => {
      isOn = true;
    },
    /** Every statement that allows counts, not only the first: each alone would have been enough. */
    note: ({ account, principal }: Caller, { policies, request }: Judgement): void => {
      if (!isOn || principal.type !== "role") return;
      const { action } = request;
      for (const { name, arn: policy = name, document } of policies.own)
        for (const [index, statement] of document.statements.entries()) {
          if (statement.effect !== "Allow") continue;
          const place = { accountId: account.id, role: principal.roleName, policy };
          const grant = { ...place, statement: statement.sid ?? String(index), action };
          const key = JSON.stringify(grant);
          if (!seen.has(key) && statementMatches(statement, request) === true) seen.set(key, grant);
        }
    },
    used: (): readonly UsedGrant[] => [...seen.values()],
  };
};
