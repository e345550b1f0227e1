import type { Template } from "../../shared/cloudformation/template.ts";
import type { Templates } from "../cloudformation/synthesize.ts";

/** The templates of which something can be taken away; the members' stands as text in the hub's stack set. */
export const mutated = ["hub", "member", "managementAccount", "guardrails"] as const;
export type TemplateName = (typeof mutated)[number];

const stackSetOf = ({ hub }: Templates): Record<string, unknown> => {
  const found = Object.values(hub.Resources).find(({ Type }) => Type === "AWS::CloudFormation::StackSet");
  if (found?.Properties === undefined) throw new Error("the hub's template has no stack set");
  return found.Properties;
};

/** One of the templates. */
export const templateOf = (templates: Templates, name: TemplateName): Template =>
  name === "member" ? JSON.parse(String(stackSetOf(templates).TemplateBody)) : templates[name];

/** Changes a template in place. */
export const changeTemplate = (
  templates: Templates,
  name: TemplateName,
  change: (template: Template) => void,
): void => {
  const template = templateOf(templates, name);
  change(template);
  if (name === "member") stackSetOf(templates).TemplateBody = JSON.stringify(template);
};
