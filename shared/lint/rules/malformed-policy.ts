import { isUnresolved } from "../../cloudformation/unresolved.ts";
import { isConditionOperator } from "../../policy/language/condition.ts";
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
  const { version } = whole;
  const ofVersion = isVersion(version)
    ? []
    : [{ severity, at, address, reason: `The Version ${JSON.stringify(version)} is none; write "2012-10-17".` }];
  const ofStatements = statements.flatMap(({ value, at: statementAt }, index) => {
    const read = readPolicyDocument({ Statement: [value] });
    const problems =
      "malformed" in read
        ? [read.malformed.replace(/^Statement\[0\]\.?/, "").trim()]
        : read.statements.flatMap((statement) => faultsOf(statement, kind));
    return problems.map((problem) => {
      return { severity, at: statementAt, address, reason: `Statement[${index}]: ${problem}.` };
    });
  });
  return [...ofVersion, ...ofStatements, ...(kind === "identity" ? sidTwice({ address, statements }) : [])];
};

/** Of the policy language; `«…»` stands for what is not known yet. */
export const isVersion = (version: unknown): boolean =>
  version === undefined ||
  version === "2012-10-17" ||
  version === "2008-10-17" ||
  (typeof version === "string" && isUnresolved(version));

const sidTwice = ({ address, statements }: Pick<KnownDocument, "address" | "statements">): readonly RuleFinding[] => {
  const seen = new Map<string, number>();
  return statements.flatMap(({ value, at }, index) => {
    const { Sid: sid } = Object(value);
    if (typeof sid !== "string" || sid === "" || isUnresolved(sid)) return [];
    const first = seen.get(sid);
    if (first === undefined) seen.set(sid, index);
    if (first === undefined) return [];
    const reason = `Statement[${index}]: Statement[${first}] has the Sid ${JSON.stringify(sid)} as well; in one policy each is another.`;
    return [{ severity: malformedPolicy.severity, at, address, reason }];
  });
};

const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

const faultsOf = (statement: Statement, kind: DocumentKind): readonly string[] => {
  const { actions, notActions, resources, notResources, principals, notPrincipals, unknownElements } = statement;
  const { sid = "", conditions } = statement;
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
    else if (kind === "trust" && !/^(?:sts:|\*|«)/i.test(action))
      faults.push(`${JSON.stringify(action)} is no way to assume a role: a trust policy has actions of sts alone`);
  for (const resource of [...(resources ?? []), ...(notResources ?? [])])
    if (!/^(?:arn:|\*)|«|^\$\{/i.test(resource))
      faults.push(`${JSON.stringify(resource)} is no resource; write an ARN, such as arn:aws:s3:::bucket/*, or *`);
  for (const operator of Object.keys(conditions))
    if (!isConditionOperator(operator) && !isUnresolved(operator))
      faults.push(`${JSON.stringify(operator)} is no condition operator, such as StringEquals or ArnLike`);
  for (const [name, values] of Object.entries({ actions, notActions, resources, notResources }))
    if (values?.length === 0) faults.push(`its ${elementNames[name]} is an empty list`);
  if (kind === "identity" && !/^[0-9A-Za-z]*$/.test(sid) && !isUnresolved(sid))
    faults.push(`the Sid ${JSON.stringify(sid)} has other characters than letters and digits`);
  return faults;
};

const elementNames: Readonly<Record<string, string>> = {
  actions: "Action",
  notActions: "NotAction",
  resources: "Resource",
  notResources: "NotResource",
};

/** A statement has one of an element and its opposite. */
const notOne = (name: string, element: unknown, oppositeName: string, opposite: unknown): readonly string[] => {
  if (element === undefined && opposite === undefined) return [`it needs ${name} or ${oppositeName}, and has neither`];
  if (element === undefined || opposite === undefined) return [];
  return [`it has ${name} and ${oppositeName}; only one of them may be there`];
};

/** `«…»` stands for what is not known yet. */
const isAction = (action: string): boolean => /^\*+$|«/.test(action) || /^[A-Za-z0-9*?-]+:[A-Za-z0-9*?]+$/.test(action);
