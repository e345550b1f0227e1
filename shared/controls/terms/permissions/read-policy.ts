import type { PolicyFacts } from "../../../facts/facts.ts";
import { type PolicyDocument, readPolicyDocument } from "../../../policy/language/document.ts";
import { rememberForJson } from "../../../remember.ts";

/** A policy as its statements, or why nobody can read it. */
type ReadPolicy = { readonly document: PolicyDocument } | { readonly why: string };

/** Reads a policy's document, the same one once: thousands of principals share their policies. */
export const readPolicy = ({ document }: Pick<PolicyFacts, "document">): ReadPolicy =>
  document.known ? parse(document.value) : { why: document.why };

const parse = rememberForJson((value): ReadPolicy => {
  const read = readPolicyDocument(value);
  return "malformed" in read ? { why: read.malformed } : { document: read };
});
