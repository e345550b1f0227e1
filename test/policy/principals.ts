import { parsePolicy } from "../../shared/policy/language/document.ts";
import type { NamedPolicy, PrincipalLayers } from "../../shared/policy/principal/layers.ts";

export type StatementSource = Readonly<Record<string, unknown>>;

const given: StatementSource = { Effect: "Allow", Resource: "*" };

/** A policy of statements, each of which allows on everything unless it says otherwise. */
export const policyOf = (
  statements: readonly StatementSource[],
  rest: Partial<Omit<NamedPolicy, "document">> = {},
): NamedPolicy => ({
  name: "policy",
  kind: "inline",
  ...rest,
  document: parsePolicy({
    Version: "2012-10-17",
    Statement: statements.map((each) => ({ ...("NotResource" in each ? { Effect: "Allow" } : given), ...each })),
  }),
});

export const allow = (Action: string | readonly string[], Resource: string | readonly string[] = "*") => ({
  Action,
  Resource,
});
export const deny = (Action: string | readonly string[], Resource: string | readonly string[] = "*") => ({
  Effect: "Deny",
  Action,
  Resource,
});

/** A principal of statements: its own, its boundary's, and those of each node. */
export const principal = (
  identity: readonly StatementSource[],
  limits: { boundary?: readonly StatementSource[]; nodes?: readonly (readonly StatementSource[])[] } = {},
): PrincipalLayers => ({
  identity: [policyOf(identity)],
  ...(limits.boundary && { boundary: policyOf(limits.boundary, { name: "boundary", kind: "boundary" }) }),
  serviceControl: (limits.nodes ?? []).map((statements, at) => ({
    node: `node-${at}`,
    policies: [policyOf(statements, { name: `scp-${at}`, kind: "serviceControl" })],
  })),
});
