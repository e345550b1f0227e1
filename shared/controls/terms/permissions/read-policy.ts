import type { PolicyFacts } from "../../../facts/facts.ts";
import { type PolicyDocument, readPolicyDocument } from "../../../policy/language/document.ts";

/** A policy as its statements, or why nobody can read it. */
type ReadPolicy = { readonly document: PolicyDocument } | { readonly why: string };

const byValue = new WeakMap<object, ReadPolicy>();
/** Roles made from one template have the same inline policies, each read by itself. */
const byText = new Map<string, ReadPolicy>();

/** Reads a policy's document, the same one once: thousands of principals share their policies. */
export const readPolicy = ({ document }: Pick<PolicyFacts, "document">): ReadPolicy => {
  if (!document.known) return { why: document.why };
  const { value } = document;
  const isObject = typeof value === "object" && value !== null;
  const known = isObject ? byValue.get(value) : undefined;
  if (known) return known;
  const text = JSON.stringify(value);
  const policy = byText.get(text) ?? parse(value);
  if (byText.size >= 5_000) byText.clear();
  byText.set(text, policy);
  if (isObject) byValue.set(value, policy);
  return policy;
};

const parse = (value: unknown): ReadPolicy => {
  const read = readPolicyDocument(value);
  return "malformed" in read ? { why: read.malformed } : { document: read };
};
