import { policyArn } from "../../aws/arn.ts";
import { known } from "../../facts/facts.ts";
import { SourceError } from "../../text/source-error.ts";
import type { Declaration, Reading } from "../declarations.ts";
import type { Document, Source } from "../source/source.ts";
import { unstated } from "../unstated.ts";
import { isRecord } from "./fields.ts";

/** What a bare policy document can be written for. */
export const policyKinds = ["identity", "trust", "boundary", "scp", "session"] as const;
export type PolicyKind = (typeof policyKinds)[number];

export const isPolicyDocument = (value: unknown): value is Readonly<Record<string, unknown>> =>
  isRecord(value) && Object.hasOwn(value, "Statement");

const statementsOf = (document: Readonly<Record<string, unknown>>): readonly unknown[] => [document.Statement].flat();

/** The actions of trust policies; one of them, or a wildcard for it, makes a statement with a principal one of a trust policy. */
const ofTrust = /^sts:(?:assumerole\w*|tagsession|setsourceidentity|setcontext|assume\w*\*|\*)$|^\*$/i;

/**
 * What a document is written for, by what it says: one with principals is a trust policy or a resource's. A document without
 * any is an identity policy: nothing in it tells it from a boundary or a service control policy.
 */
const kindOf = (document: Readonly<Record<string, unknown>>, source: Source): PolicyKind => {
  const named = statementsOf(document)
    .filter(isRecord)
    .filter((one) => "Principal" in one || "NotPrincipal" in one);
  const [first] = named;
  if (first === undefined) return "identity";
  const actions = named.flatMap(({ Action, NotAction }) => [Action, NotAction].flat());
  if (actions.some((action) => typeof action === "string" && ofTrust.test(action))) return "trust";
  const at = source.positions.of(first)?.start ?? 0;
  throw new SourceError(
    at,
    "this is the policy of a resource, which no control judges; a trust policy allows sts:AssumeRole",
  );
};

/** A document that stands for itself, as if it were attached to a role that nothing else is known of. */
export const readPolicy = (source: Source, accountId: string, forced?: PolicyKind): Reading => {
  const { value, positions } = source;
  if (!isPolicyDocument(value)) throw new SourceError(0, "a policy document needs a Statement");
  const kind = forced ?? kindOf(value, source);
  const at = positions.of(value) ?? { start: 0, end: source.text.length };
  const document: Document = { content: known(value), at };
  return { declarations: [declare(kind, document, accountId)], nested: [], unread: [], problems: [] };
};

const declare = (kind: PolicyKind, document: Document, accountId: string): Declaration => {
  const declared = { address: "", at: document.at };
  switch (kind) {
    case "scp":
    case "session":
      return { type: "otherPolicy", of: kind, document, ...declared };
    case "trust": {
      const notThere = unstated("what else the role has");
      return {
        ...{
          type: "principal",
          kind: "role",
          name: "with-this-trust-policy",
          path: "/",
          tags: {},
          groups: [],
          inline: [],
        },
        ...{ boundary: notThere, attached: notThere, trust: document, ...declared },
      };
    }
    default: {
      const isBoundary = kind === "boundary";
      const name = isBoundary ? "this-boundary" : "this-policy";
      const arn = policyArn("aws", accountId, name);
      const to = isBoundary ? [] : [{ kind: "role", name: "with-this-policy" } as const];
      return { type: "managedPolicy", name, path: "/", arn, document, to, isBoundary, ...declared };
    }
  }
};
