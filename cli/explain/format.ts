import { visibleText } from "../../shared/visible-text.ts";
import type { Paint } from "../output.ts";
import type { ExplainReport, ReportedObstacle } from "./report.ts";
import { changeText, conditionText, missText, obstacleText, placeName, quoteName, toldLayerName } from "./words.ts";

const indented = (value: unknown, by: string): string =>
  JSON.stringify(value, null, 2)
    .split("\n")
    .map((line) => `${by}${visibleText(line)}\n`)
    .join("");

const headline = ({ verdict, decision }: ExplainReport): readonly [string, Parameters<Paint>[0]] => {
  switch (verdict) {
    case "allowed":
      return ["Allowed, as the policies stand now", "green"];
    case "refused":
      return ["Refused, and not by a policy", "red"];
    case "depends":
      return ["It depends on what is not known of the request", "yellow"];
    case "unknown":
      return ["Not certain: what decides could not be read", "yellow"];
    default:
      return [decision === "explicitDeny" ? "Denied by an explicit deny" : "Denied, since nothing allows it", "red"];
  }
};

const formatObstacle = (obstacle: ReportedObstacle, title: string, paint: Paint): string => {
  const { statement, near } = obstacle;
  const change = changeText(obstacle);
  const quoted = statement ?? near;
  return [
    `${paint("bold", title)} ${obstacleText(obstacle)}\n`,
    ...(statement && Object.keys(statement.document).length > 0 ? [`  ${quoteName(statement)}:\n`] : []),
    ...(near ? [`  Closest is ${quoteName(near)}, but ${missText(near).join("; ")}:\n`] : []),
    ...(quoted && Object.keys(quoted.document).length > 0 ? [indented(quoted.document, "    ")] : []),
    `  ${paint("bold", "Change:")} ${change.text}\n`,
    ...(change.json === undefined ? [] : [indented(change.json, "    ")]),
    ...(obstacle.change.kind === "changeRequest"
      ? obstacle.change.conditions.map((each) => `    ${conditionText(each, obstacle.kind === "explicitDeny")}\n`)
      : []),
  ].join("");
};

const formatTold = ({ told }: ExplainReport): readonly string[] => {
  if (told === undefined) return [];
  const { decision, layer, policyArn, encoded, at, message, errorCode } = told;
  const by = layer === undefined ? "" : toldLayerName(layer);
  const reason =
    decision === undefined
      ? "AWS did not say which policy decided"
      : decision === "explicitDeny"
        ? `AWS said: an explicit deny in ${by || "a policy"}${policyArn === undefined ? "" : ` (${visibleText(policyArn)})`}`
        : `AWS said: ${by || "a policy"} does not allow it`;
  return [
    `${at}  ${visibleText(errorCode ?? "refused")}${message === undefined ? "" : `: ${visibleText(message.replace(/(Encoded authorization failure message: \S{12})\S+/i, "$1…"))}`}\n`,
    `${reason}.\n`,
    ...(encoded === undefined
      ? []
      : [
          `The message holds the reason, encoded. Whoever has sts:DecodeAuthorizationMessage reads it with:\n  aws sts decode-authorization-message --query DecodedMessage --output text --encoded-message ${visibleText(encoded)}\n`,
        ]),
  ];
};

/** An explanation for people. */
export const formatExplanation = (report: ExplainReport, paint: Paint): string => {
  const { request, refusal, obstacles, allowedBy, dependsOn, notKnown, decidedBy } = report;
  const [title, colour] = headline(report);
  return [
    `${paint(["bold", colour].flat() as Parameters<Paint>[0], title)}\n`,
    `  ${visibleText(request.principal)}\n  ${visibleText(request.action)} on ${visibleText(request.resource ?? "a resource that is not known")}\n`,
    "\n",
    ...(refusal === undefined ? formatTold(report) : formatTold(report).slice(0, 1)),
    ...(refusal === undefined ? [] : [`Why: ${visibleText(refusal.why)}.\nChange: ${visibleText(refusal.change)}.\n`]),
    ...(allowedBy === undefined || decidedBy === undefined
      ? []
      : [`Allowed by ${placeName(decidedBy)}, ${quoteName(allowedBy)}:\n${indented(allowedBy.document, "    ")}`]),
    ...(dependsOn.length === 0
      ? []
      : [
          "These condition keys decide, and their values are not known; say them with --context KEY=VALUE (KEY= for a request without it):\n",
          ...dependsOn.map((key) => `  ${visibleText(key)}\n`),
        ]),
    ...obstacles.map((each, index) =>
      formatObstacle(
        each,
        index > 0 ? "Also in the way:" : dependsOn.length > 0 ? "Decides without them:" : "Decides:",
        paint,
      ),
    ),
    ...(notKnown.length === 0 ? [] : ["Not known:\n", ...notKnown.map((each) => `  - ${visibleText(each)}\n`)]),
  ].join("");
};
