import { SourceError } from "../../text/source-error.ts";
import type { Reading } from "../declarations.ts";
import type { Source } from "../source/source.ts";
import { isTemplate, readTemplate } from "./cloudformation.ts";
import { isPolicyDocument, type PolicyKind, readPolicy } from "./policy.ts";
import { isPlan, readPlan } from "./terraform.ts";

export interface ReadOptions {
  readonly accountId: string;
  /** What a bare policy document is written for; absent: what it says. */
  readonly kind?: PolicyKind;
  readonly parameters?: Readonly<Record<string, string>>;
}

/**
 * What a file declares, by what it is: a policy document, a CloudFormation template, or a Terraform plan or state.
 * @throws SourceError if it is none of them
 */
export const readDeclarations = (source: Source, fileName: string, options: ReadOptions): Reading => {
  const { value } = source;
  const { accountId, kind, parameters = {} } = options;
  if (isPolicyDocument(value)) return readPolicy(source, accountId, kind);
  if (isPlan(value)) return readPlan(source, accountId);
  if (isTemplate(value)) return readTemplate(source, { accountId, parameters, stackName: stackNameOf(fileName) });
  throw new SourceError(
    0,
    "this is no policy document (a Statement), no CloudFormation template (Resources) and no terraform show -json (planned_values)",
  );
};

/** CDK calls a template by its stack: `cdk.out/payments.template.json`. */
const stackNameOf = (fileName: string): string => {
  const base = fileName.slice(Math.max(fileName.lastIndexOf("/"), fileName.lastIndexOf("\\")) + 1);
  return base.replace(/(?:\.template)?\.[^.]+$/, "").replace(/[^A-Za-z0-9-]+/g, "-") || "stack";
};
