import type { JudgedCondition } from "../../shared/explain/conditions.ts";
import type { ToldLayer } from "../../shared/explain/denial-message.ts";
import { visibleText } from "../../shared/visible-text.ts";
import type { Quote, ReportedObstacle, ReportedPlace } from "./report.ts";

const toldNames: Readonly<Record<ToldLayer, string>> = {
  identity: "an identity-based policy",
  boundary: "the permissions boundary",
  session: "the session policy",
  serviceControl: "a service control policy",
  resourceControl: "a resource control policy",
  resource: "the resource's own policy",
  trust: "the trust policy of the role",
  vpcEndpoint: "the policy of a VPC endpoint",
};

export const toldLayerName = (layer: ToldLayer): string => toldNames[layer];

export const placeName = ({ layer, node }: ReportedPlace): string => {
  switch (layer) {
    case "identity":
      return "the caller's own policies";
    case "boundary":
      return "the permissions boundary";
    case "session":
      return "the session policy";
    case "serviceControl":
      return node === undefined
        ? "the service control policies"
        : `the service control policies of ${visibleText(node.name)} (${visibleText(node.id)})`;
    case "resource":
      return "the resource's own policy";
    case "trust":
      return "the trust policy of the role";
  }
};

export const quoteName = ({ policy, arn, via, name }: Quote): string =>
  visibleText(
    `${policy}${arn === undefined ? "" : ` (${arn})`}${via === undefined ? "" : `, from group ${via}`}, statement ${name}`,
  );

const listed = (values: readonly string[]): string => values.map((value) => visibleText(value)).join(", ");

/**
 * `aws:MultiFactorAuthPresent: Bool true is asked for, the request has false`; of a denial
 * `aws:RequestedRegion: denied where StringNotEquals eu-west-1, the request has us-east-1`.
 */
export const conditionText = ({ operator, key, wanted, actual }: JudgedCondition, isDenial = false): string => {
  const has =
    actual === undefined
      ? "what the request has is not known"
      : actual.length === 0
        ? "the request does not have it"
        : `the request has ${listed(actual)}`;
  const condition = `${visibleText(operator)} ${listed(wanted)}`;
  return `${visibleText(key)}: ${isDenial ? `denied where ${condition}` : `${condition} is asked for`}, ${has}`;
};

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** What stands in the way, as a sentence. */
export const obstacleText = (obstacle: ReportedObstacle): string => {
  const { kind, statement } = obstacle;
  const place = placeName(obstacle);
  if (kind === "explicitDeny") return `${capital(place)}: an explicit deny, which no Allow outweighs.`;
  if (kind === "notAllowed") return `${capital(place)}: nothing there allows it.`;
  return `${capital(place)}: ${statement === undefined ? "cannot be judged" : `${visibleText(statement.policy)} cannot be judged`}.`;
};

/** What the closest Allow lacks. */
export const missText = ({ misses, conditions }: NonNullable<ReportedObstacle["near"]>): readonly string[] => [
  ...(misses.includes("principal") ? ["it does not name the caller"] : []),
  ...(misses.includes("resource") ? ["it does not name the resource"] : []),
  ...conditions.map((each) => conditionText(each)),
];

/** Where a new statement belongs. */
const targetName = ({ layer, node }: ReportedPlace): string => {
  switch (layer) {
    case "identity":
      return "to a policy of the caller";
    case "boundary":
      return "to the policy that is the boundary";
    case "session":
      return "to the session policy, when the session is asked for";
    case "serviceControl":
      return `to a service control policy on ${node === undefined ? "the node" : visibleText(node.name)}, which is for the organization's administrators`;
    case "resource":
      return "to the policy on the resource";
    case "trust":
      return "to the trust policy of the role";
  }
};

/** What would take an obstacle away: a sentence, and the JSON that goes with it. */
export const changeText = (obstacle: ReportedObstacle): { readonly text: string; readonly json?: unknown } => {
  const { change } = obstacle;
  switch (change.kind) {
    case "addStatement":
      return { text: `Add ${targetName(obstacle)}:`, json: change.statement };
    case "addResource":
      return { text: `Add to the Resource of ${quoteName(change.to)}:`, json: change.resource };
    case "addConditionValues":
      return {
        text: `Let the conditions of ${quoteName(change.to)} take these values as well:`,
        json: Object.fromEntries(change.conditions.map(({ operator, key, values }) => [`${operator} ${key}`, values])),
      };
    case "changeRequest":
      return {
        text: `Leave the policies as they are, and ${change.how.join(obstacle.kind === "explicitDeny" ? "; or " : "; and ")}.`,
      };
    case "narrowDeny":
      return {
        text: `Adding an Allow would change nothing. Whoever wrote ${quoteName(change.of)} meant it: ask them to remove or narrow it.`,
      };
    case "none":
      return { text: `Nothing should allow it: ${visibleText(change.why)}.` };
    case "read":
      return { text: `This cannot be told: ${visibleText(change.why)}.` };
  }
};
