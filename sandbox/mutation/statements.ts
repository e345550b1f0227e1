import type { Template } from "../../shared/cloudformation/template.ts";

/** The statements of one policy in a template. */
interface StatementList {
  /** Whose policy it is, to be read. */
  readonly of: string;
  /** The list itself in a template, or a copy of it. */
  find(template: Template): unknown[];
}

/** A logical id without what the CDK makes it unique by. */
export const withoutHash = (id: string): string => id.replace(/[0-9A-F]{8}$/, "");

const propertyAt = (template: Template, id: string, path: readonly (string | number)[]): unknown => {
  let at: unknown = template.Resources[id]?.Properties;
  for (const step of path) at = Object(at)[step];
  return at;
};

/** @throws Error where there is no list of statements */
const listAt =
  (id: string, path: readonly (string | number)[]) =>
  (template: Template): unknown[] => {
    const found = propertyAt(template, id, [...path, "Statement"]);
    if (!Array.isArray(found)) throw new Error(`${id} has no list of statements at ${path.join(".")}`);
    return found;
  };

type Lists = (template: Template, id: string, properties: Readonly<Record<string, unknown>>) => StatementList[];

const document =
  (what: string): Lists =>
  (_, id) => [{ of: `${what} ${withoutHash(id)}`, find: listAt(id, ["PolicyDocument"]) }];

const roleName = (template: Template, id: string): string => {
  const name = propertyAt(template, id, ["RoleName"]);
  return typeof name === "string" ? name : withoutHash(id);
};

const lists: Readonly<Record<string, Lists>> = {
  "AWS::IAM::Role": (template, id, { Policies = [] }) => [
    { of: `who may be ${roleName(template, id)}`, find: listAt(id, ["AssumeRolePolicyDocument"]) },
    ...[Policies].flat().map((_, index) => ({
      of: roleName(template, id),
      find: listAt(id, ["Policies", index, "PolicyDocument"]),
    })),
  ],
  "AWS::IAM::Policy": (template, id, { Roles }) => {
    const names = [Roles].flat().map((role) => roleName(template, String(Object(role).Ref)));
    return [{ of: `${names.join(", ")} (${withoutHash(id)})`, find: listAt(id, ["PolicyDocument"]) }];
  },
  "AWS::IAM::ManagedPolicy": document("policy"),
  "AWS::Organizations::Policy": (_, id) => [{ of: `guardrail ${id}`, find: listAt(id, ["Content"]) }],
  "AWS::SQS::QueuePolicy": document("queue"),
  "AWS::SNS::TopicPolicy": document("topic"),
  "AWS::S3::BucketPolicy": document("bucket"),
};

/** Every policy of a template, whose statements can be found in that or in a copy. */
export const statementLists = (template: Template): readonly StatementList[] =>
  Object.entries(template.Resources).flatMap(
    ([id, { Type, Properties = {} }]) => lists[Type]?.(template, id, Properties) ?? [],
  );
