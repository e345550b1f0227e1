import type { Evidence } from "../../../control.ts";
import { type StatementRef, statementName } from "../../../policy/principal/layers.ts";
import { listWords } from "../../../text/list-words.ts";

/** `managed policy AdministratorAccess (Statement[0])`, `policy team of group admins (Buckets)`. */
export const statementWords = (ref: StatementRef): string => {
  const { name, kind, via } = ref.policy;
  const policy =
    via === undefined
      ? `${kind === "managed" ? "managed" : "inline"} policy ${name}`
      : `policy ${name} of group ${via}`;
  return `${policy} (${statementName(ref)})`;
};

/** A statement as evidence has it. */
export type EvidentStatement = {
  /** Its policy's ARN, if it has one, or name. */
  readonly policy: string;
  readonly statement: string;
  /** The group that a user has it from. */
  readonly group?: string;
};

export const statementEvidence = (ref: StatementRef): EvidentStatement => {
  const { name, arn, via } = ref.policy;
  return { policy: arn ?? name, statement: statementName(ref), ...(via !== undefined && { group: via }) };
};

/** The statements that a finding's evidence holds under `grants`; what is not one, as an older version may have kept, is left out. */
export const grantsIn = ({ grants }: Evidence): readonly EvidentStatement[] =>
  (Array.isArray(grants) ? grants : []).flatMap((grant): readonly EvidentStatement[] => {
    if (typeof grant !== "object" || grant === null || Array.isArray(grant)) return [];
    const { policy, statement, group } = grant;
    if (typeof policy !== "string" || typeof statement !== "string") return [];
    return [{ policy, statement, ...(typeof group === "string" && { group }) }];
  });

/** Each once, in the order of first mention. */
export const distinctStatements = <R extends StatementRef>(refs: readonly R[]): readonly R[] => [
  ...new Map(refs.map((ref) => [JSON.stringify(statementEvidence(ref)), ref])).values(),
];

/** `inline policy own (Statement[0]) allows`, `… and … allow`. */
export const saidBy = (refs: readonly StatementRef[], verb: "allow" | "deny"): string =>
  `${listWords(refs.map(statementWords))} ${refs.length > 1 ? verb : { allow: "allows", deny: "denies" }[verb]}`;
