import { MalformedInputError } from "../../shared/errors.ts";
import { type PolicyDocument, parsePolicy, type Statement } from "../../shared/policy/language/document.ts";
import { AwsError } from "../protocol/service.ts";

const malformed = (message: string) => new AwsError("MalformedPolicyDocument", message);

/** @throws AwsError `MalformedPolicyDocument` */
const check = (text: string, checkStatement: (statement: Statement) => string | undefined) => {
  let document: PolicyDocument;
  try {
    document = parsePolicy(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError) throw malformed("This policy contains invalid Json");
    if (error instanceof MalformedInputError) throw malformed("Syntax errors in policy.");
    throw error;
  }
  if (!["2012-10-17", "2008-10-17", undefined].includes(document.version)) {
    throw malformed("The policy must contain a valid version string");
  }
  if (document.statements.length === 0) throw malformed("Syntax errors in policy.");
  for (const statement of document.statements) {
    const problem =
      statement.unknownElements.length > 0
        ? "Syntax errors in policy."
        : !statement.actions && !statement.notActions
          ? "Policy statement must contain actions."
          : checkStatement(statement);
    if (problem !== undefined) throw malformed(problem);
  }
};

/** @throws AwsError `MalformedPolicyDocument` unless it is a policy that may stand on a user, role or group, or limit accounts */
export const checkIdentityPolicy = (text: string) =>
  check(text, ({ principals, notPrincipals, resources, notResources }) => {
    if (principals || notPrincipals) return "Policy document should not specify a principal.";
    return resources || notResources ? undefined : "Policy statement must contain resources.";
  });

/** @throws AwsError `MalformedPolicyDocument` unless it is a policy that may say who assumes a role */
export const checkTrustPolicy = (text: string) =>
  check(text, ({ principals, notPrincipals, resources, notResources, actions = [] }) => {
    if (resources || notResources) return "Has prohibited field Resource";
    if (!principals && !notPrincipals) return "Missing required field Principal";
    const foreign = actions.find((action) => !/^(sts:|\*$)/i.test(action));
    return foreign && "AssumeRole policy may only specify STS AssumeRole actions.";
  });

/** Characters that count against a quota: IAM leaves white space out. */
export const sizeOf = (text: string): number => text.replace(/\s/g, "").length;
