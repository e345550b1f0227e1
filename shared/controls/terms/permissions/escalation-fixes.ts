import type { EscalationPath, Need, Target } from "../../../policy/escalation/path.ts";
import { escalationPaths } from "../../../policy/escalation/paths.ts";
import type { Subject } from "../../../subject.ts";
import type { SmallerStatement } from "./permission-fixes.ts";

/** What an action may be left on: something of that kind which is named for whom it belongs to. */
const namedFor: Partial<Record<Target, readonly [type: string, suffix: string]>> = {
  user: ["user", "machine"],
  role: ["role", "task"],
  policy: ["policy", "data"],
  group: ["group", "team"],
  samlProvider: ["saml-provider", "partner"],
};

/** Each is a way by itself on something that runs with a role already, whatever else it is needed for. */
const onExisting: ReadonlySet<string> = new Set(
  escalationPaths.flatMap(({ needs }) => needs.flatMap(({ action, on }) => (on === "existing" ? [action] : []))),
);

/**
 * The actions of paths on what is the user's or role's own, called for it by name or tag, in place of whatever there is: so that they
 * lead nowhere else. What a path makes has a boundary.
 */
export const smallerPaths = (
  { kind, name, arn }: Pick<Subject, "kind" | "name" | "arn">,
  paths: readonly EscalationPath[],
): readonly SmallerStatement[] => {
  // `arn:aws:iam::111122223333:`
  const ofAccount = arn.split(":").slice(0, 5).join(":");
  const on = (type: string, suffix: string): string => `${ofAccount}:${type}/${name}-${suffix}`;

  const narrowed = ({ judged, passedTo = [] }: EscalationPath, need: Need): Omit<SmallerStatement, "actions"> => {
    if (onExisting.has(need.action))
      return { resources: ["*"], condition: ["StringEquals", "aws:ResourceTag/used-by", name] };
    const [type, suffix] = namedFor[need.on === "self" ? (kind === "user" ? "user" : "role") : need.on] ?? [];
    if (type === undefined || suffix === undefined) return { resources: ["*"] };
    const resources = [on(type, suffix)];
    const [service] = passedTo;
    if (need.action === "iam:PassRole" && service !== undefined)
      return { resources, condition: ["StringEquals", "iam:PassedToService", service] };
    const makes = judged === "open" && /^iam:(?:Create|Attach|Put)(?:User|Role)/.test(need.action);
    if (!makes) return { resources };
    return { resources, condition: ["StringEquals", "iam:PermissionsBoundary", on("policy", "boundary")] };
  };

  const statements = new Map<string, { readonly actions: Set<string> } & Omit<SmallerStatement, "actions">>();
  for (const path of paths)
    for (const need of path.needs) {
      const narrow = narrowed(path, need);
      const key = JSON.stringify(narrow);
      const statement = statements.get(key) ?? { ...narrow, actions: new Set<string>() };
      statement.actions.add(need.action);
      statements.set(key, statement);
    }
  return [...statements.values()].map(({ actions, ...rest }) => ({ ...rest, actions: [...actions].sort() }));
};
