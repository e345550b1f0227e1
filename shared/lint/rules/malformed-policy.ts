import { readPolicyDocument, type Statement } from "../../policy/language/document.ts";
import type { DocumentKind, KnownDocument, LintRule, RuleFinding } from "./rule.ts";

export const malformedPolicy: LintRule = {
  id: "malformed-policy",
  title: "Policy that IAM does not accept",
  severity: "high",
  why: "IAM refuses such a policy, or ignores what it does not know, and no control can judge it.",
};

/** What IAM demands of a document before it looks at what the document allows. */
export const findMalformed = ({ kind, address, content, at, statements }: KnownDocument): readonly RuleFinding[] => {
  const { severity } = malformedPolicy;
  const whole = readPolicyDocument(statements.length > 0 ? { ...Object(content), Statement: [] } : content);
  if ("malformed" in whole) return [{ severity, at, address, reason: capital(whole.malformed) }];
  return statements.flatMap(({ value, at: statementAt }, index) => {
    const read = readPolicyDocument({ Statement: [value] });
    const problems =
      "malformed" in read
        ? [read.malformed.replace(/^Statement\[0\]\.?/, "").trim()]
        : read.statements.flatMap((statement) => faultsOf(statement, kind));
    return problems.map((problem) => {
      return { severity, at: statementAt, address, reason: `Statement[${index}]: ${problem}.` };
    });
  });
};

const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

const faultsOf = (statement: Statement, kind: DocumentKind): readonly string[] => {
  const { actions, notActions, resources, notResources, principals, notPrincipals, unknownElements } = statement;
  const hasPrincipal = principals !== undefined || notPrincipals !== undefined;
  const hasResource = resources !== undefined || notResources !== undefined;
  const faults = unknownElements.map((name) => `there is no element ${name} in the policy language`);
  faults.push(...notOne("an Action", actions, "a NotAction", notActions));
  if (kind === "trust") {
    faults.push(...notOne("a Principal", principals, "a NotPrincipal", notPrincipals));
    if (hasResource) faults.push("a trust policy has no Resource: it is about its own role");
  } else {
    if (hasPrincipal) faults.push("only the policy of a resource or a role's trust policy has a Principal");
    faults.push(...notOne("a Resource", resources, "a NotResource", notResources));
  }
  for (const action of [...(actions ?? []), ...(notActions ?? [])])
    if (!isAction(action))
      faults.push(`${JSON.stringify(action)} is no action; write service:Name, such as s3:GetObject`);
  return faults;
};

/** A statement has one of an element and its opposite. */
const notOne = (name: string, element: unknown, oppositeName: string, opposite: unknown): readonly string[] => {
  if (element === undefined && opposite === undefined) return [`it needs ${name} or ${oppositeName}, and has neither`];
  if (element === undefined || opposite === undefined) return [];
  return [`it has ${name} and ${oppositeName}; only one of them may be there`];
};

/** `«…»` stands for what is not known yet. */
const isAction = (action: string): boolean => /^\*+$|«/.test(action) || /^[A-Za-z0-9*?-]+:[A-Za-z0-9*?]+$/.test(action);
