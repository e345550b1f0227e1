import type { Positions } from "../../text/positions.ts";
import type { Declaration } from "../declarations.ts";
import { principalsOf } from "../facts/policies.ts";
import { type Document, statementsIn } from "../source/source.ts";
import { findMalformed, malformedPolicy } from "./malformed-policy.ts";
import { findBeyondQuota, policySize } from "./policy-size.ts";
import { findOldVersion, policyVersion } from "./policy-version.ts";
import { findPrincipalsById, principalById } from "./principal-by-id.ts";
import type { DocumentKind, KnownDocument, LintRule, RuleFinding } from "./rule.ts";
import { findUnknownActions, unknownAction } from "./unknown-action.ts";

/** The rules of lint's own, ordered by id. */
export const lintRules: readonly LintRule[] = [
  malformedPolicy,
  policySize,
  policyVersion,
  principalById,
  unknownAction,
];

/** Rules that look at one document at a time. A further one is a file beside these, and a line here. */
const ofDocuments: readonly (readonly [LintRule, (document: KnownDocument) => readonly RuleFinding[]])[] = [
  [malformedPolicy, findMalformed],
  [policyVersion, findOldVersion],
  [principalById, findPrincipalsById],
  [unknownAction, findUnknownActions],
];

/** What lint's own rules find in all that a file declares. */
export const applyRules = (
  declarations: readonly Declaration[],
  positions: Positions,
): readonly (RuleFinding & { readonly rule: string })[] => {
  const documents = knownDocumentsOf(declarations, positions);
  const found = ofDocuments.flatMap(([{ id: rule }, find]) =>
    documents.flatMap((document) => find(document).map((finding) => ({ ...finding, rule }))),
  );
  const beyond = findBeyondQuota(declarations, principalsOf(declarations));
  return [...found, ...beyond.map((finding) => ({ ...finding, rule: policySize.id }))];
};

/** Every policy document of a file that is known. */
export const knownDocumentsOf = (
  declarations: readonly Declaration[],
  positions: Positions,
): readonly KnownDocument[] =>
  declarations.flatMap((one) => documentsOf(one).flatMap((each) => knownDocument(each, positions)));

interface DeclaredDocument {
  readonly kind: DocumentKind;
  readonly address: string;
  readonly document: Document;
}

const documentsOf = (one: Declaration): readonly DeclaredDocument[] => {
  const { address } = one;
  switch (one.type) {
    case "principal":
      return [
        ...(one.trust ? [{ kind: "trust", address, document: one.trust } as const] : []),
        ...one.inline.map(({ document }) => ({ kind: "identity", address, document }) as const),
      ];
    case "inlinePolicy":
    case "managedPolicy":
      return [{ kind: "identity", address, document: one.document }];
    case "otherPolicy":
      return [{ kind: one.of, address, document: one.document }];
    default:
      return [];
  }
};

const knownDocument = (
  { kind, address, document }: DeclaredDocument,
  positions: Positions,
): readonly KnownDocument[] => {
  if (!document.content.known) return [];
  const content = document.content.value;
  const statements = statementsIn(content).map((value) => ({ value, at: positions.of(value) ?? document.at }));
  return [{ kind, address, content, at: document.at, statements }];
};
