import { Stack, Validations } from "aws-cdk-lib";
import type { IConstruct } from "constructs";
import * as z from "zod";

/** Accepts what a rule of cdk-nag's AwsSolutions finds in a construct, for a reason: one sentence that is true. */
export const accept = (scope: IConstruct, rule: string, reason: string): void =>
  Validations.of(scope).acknowledge({ id: `AwsSolutions-${rule}`, reason });

/** Accepts one resource with a `*` in the policies of a construct's roles. */
export const acceptWildcard = (scope: IConstruct, resource: string, reason: string): void =>
  accept(scope, `IAM5[Resource::${shown(Stack.of(scope).resolve(resource))}]`, reason);

const join = z.object({ "Fn::Join": z.tuple([z.string(), z.array(z.unknown())]) });
const attribute = z.object({ "Fn::GetAtt": z.array(z.string()) });
const reference = z.object({ Ref: z.string() });

/** CloudFormation's words for a value as cdk-nag shows them: `<Ref>`, `<Resource.Attribute>`. */
const shown = (value: unknown): string => {
  if (typeof value === "string") return value;
  const joined = join.safeParse(value).data;
  if (joined) return joined["Fn::Join"][1].map(shown).join(joined["Fn::Join"][0]);
  const got = attribute.safeParse(value).data;
  if (got) return `<${got["Fn::GetAtt"].join(".")}>`;
  const referred = reference.safeParse(value).data;
  return referred ? `<${referred.Ref}>` : JSON.stringify(value);
};
