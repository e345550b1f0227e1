import type { Template } from "../../shared/cloudformation/template.ts";
import type { Templates } from "../cloudformation/synthesize.ts";
import { statementLists, withoutHash } from "./statements.ts";
import { changeTemplate, mutated, type TemplateName, templateOf } from "./template-text.ts";

/** Something that is taken away from what is deployed. */
export interface Mutation {
  /** Unique, stable as long as the templates are, and to be read: `hub: iam-warden-hub-digest: without s3:PutObject`. */
  readonly id: string;
  /** It takes one action away from a statement, which is taken away as a whole by another. */
  readonly isPart?: boolean;
  /** Takes it away, in place. */
  apply(templates: Templates): void;
}

type Resource = Template["Resources"][string];

const remove = ({ Resources }: Template, id: string): void => {
  delete Resources[id];
  for (const resource of Object.values(Resources))
    if (resource.DependsOn !== undefined) resource.DependsOn = [resource.DependsOn].flat().filter((one) => one !== id);
};

/** The same as not to have it, for those that others refer to. */
const withoutResource: Readonly<Record<string, (template: Template, id: string, resource: Resource) => void>> = {
  "AWS::Events::Rule": (_, __, { Properties }) => void Object.assign(Object(Properties), { State: "DISABLED" }),
  "AWS::Events::EventBusPolicy": remove,
  "AWS::Lambda::EventSourceMapping": remove,
  "AWS::Lambda::Permission": remove,
  "AWS::Organizations::Policy": (_, __, { Properties }) => void delete Object(Properties).TargetIds,
  "AWS::Scheduler::Schedule": remove,
  "AWS::SNS::Subscription": remove,
};

const resourceMutations = (name: TemplateName, template: Template): Mutation[] =>
  Object.entries(template.Resources).flatMap(([id, resource]) => {
    const takeAway = withoutResource[resource.Type];
    if (takeAway === undefined) return [];
    const apply = (templates: Templates) =>
      changeTemplate(templates, name, (one) => {
        const found = one.Resources[id];
        if (found === undefined) throw new Error(`${name} has no ${id}`);
        takeAway(one, id, found);
      });
    return [{ id: `${name}: without ${resource.Type} ${withoutHash(id)}`, apply }];
  });

const statementMutations = (name: TemplateName, template: Template): Mutation[] =>
  statementLists(template).flatMap(({ of, find }) =>
    find(template).flatMap((statement, index): Mutation[] => {
      const change = (edit: (statements: unknown[]) => void) => (templates: Templates) =>
        changeTemplate(templates, name, (one) => edit(find(one)));
      const { effect, actions, label } = readStatement(statement, index);
      const place = `${name}: ${of}: ${effect === "Deny" ? "without the denial of" : "without"}`;
      const whole = { id: `${place} ${label}`, apply: change((all) => void all.splice(index, 1)) };
      // A boundary is a limit, action by action, and has its own table of them in a test.
      const isLimit = of.startsWith("policy ") || (effect === "Deny" && !of.startsWith("guardrail "));
      if (isLimit || actions.length < 2) return [whole];
      const single = actions.map((action) => ({
        id: `${place} ${label}, of that ${action}`,
        isPart: true,
        apply: change((all) => {
          const edited = Object(all[index]);
          edited.Action = actions.filter((other) => other !== action);
        }),
      }));
      return [whole, ...single];
    }),
  );

/** A statement without a name is called by its place and what it is about. */
const readStatement = (statement: unknown, index: number) => {
  // A condition of the template chooses between a statement and none.
  const chosen = Object(statement)["Fn::If"]?.[1] ?? statement;
  const { Sid, Effect, Action = [], NotAction = [] } = Object(chosen);
  const actions: readonly string[] = [Action].flat();
  const all = [...actions, ...[NotAction].flat()];
  const label = Sid ?? `[${index}] ${all.slice(0, 2).join(", ")}${all.length > 2 ? ` and ${all.length - 2} more` : ""}`;
  return { effect: String(Effect), actions: chosen === statement ? actions : [], label: String(label) };
};

/** A policy of several roles, taken from each of them alone. */
const sharedMutations = (name: TemplateName, template: Template): Mutation[] =>
  Object.entries(template.Resources).flatMap(([id, { Type, Properties }]) => {
    const roles: readonly unknown[] = Type === "AWS::IAM::Policy" ? [Object(Properties).Roles].flat() : [];
    if (roles.length < 2) return [];
    return roles.map((role, index) => ({
      id: `${name}: ${withoutHash(String(Object(role).Ref))}: without the policy ${withoutHash(id)}`,
      apply: (templates: Templates) =>
        changeTemplate(templates, name, (one) => void Object(one.Resources[id]?.Properties).Roles.splice(index, 1)),
    }));
  });

/** Everything that can be taken away: each statement, each of its actions, and each resource that carries something on. */
export const mutationsOf = (templates: Templates): readonly Mutation[] => {
  const all = mutated.flatMap((name) => {
    const template = templateOf(templates, name);
    return [
      ...resourceMutations(name, template),
      ...statementMutations(name, template),
      ...sharedMutations(name, template),
    ];
  });
  const seen = new Set<string>();
  for (const { id } of all) {
    if (seen.has(id)) throw new Error(`two mutations are called ${id}`);
    seen.add(id);
  }
  return all;
};
