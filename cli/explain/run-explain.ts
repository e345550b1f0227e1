import { withEffort } from "../../shared/effort.ts";
import type { CloudTrailRecord } from "../../shared/events/record.ts";
import type { Asked } from "../../shared/explain/asked.ts";
import type { ToldLayer } from "../../shared/explain/denial-message.ts";
import { explainRequest } from "../../shared/explain/explain.ts";
import { askedInRecord } from "../../shared/explain/from-record.ts";
import type { HeldPolicy } from "../../shared/explain/layers.ts";
import { durationRefusal, foreignIam, noSuchRole, type Refusal, refusalOf } from "../../shared/explain/refusal.ts";
import type { RequestContext } from "../../shared/policy/language/variables.ts";
import type { Layer } from "../../shared/policy/request/authorize.ts";
import { type ReadRequest, readRequest, type Sources } from "./read-layers.ts";
import { type ExplainReport, type ReportedObstacle, reportedExplanation } from "./report.ts";
import { toldLayerName } from "./words.ts";

/** What somebody adds to what is known of a request. */
export interface Given {
  readonly action?: string;
  readonly resource?: string;
  readonly context?: RequestContext;
  readonly sessionPolicies?: readonly HeldPolicy[];
}

const withGiven = (asked: Asked, { action, resource, context }: Given): Asked => ({
  ...asked,
  ...(action !== undefined && { action }),
  ...(resource !== undefined && { resource }),
  ...(context && { context: new Map([...asked.context, ...context]) }),
});

const requestOf = ({ caller, action, resource }: Asked, context: RequestContext): ExplainReport["request"] => ({
  principal: principalOf(caller),
  action,
  ...(resource !== undefined && { resource }),
  context: Object.fromEntries([...context].sort()),
});

const principalOf = (caller: Asked["caller"]): string => {
  if (caller.kind === "federated") return caller.provider;
  if (caller.kind === "service") return caller.name;
  return ("sessionArn" in caller ? caller.sessionArn : undefined) ?? caller.arn;
};

/** Why a request fails that never comes to the policies, or whatever they say. */
const refusalBeforePolicies = (
  { caller, action, durationSeconds }: Asked,
  { question, maxSessionDuration, missingRole }: ReadRequest,
): Refusal | undefined => {
  const { byTrust = false, resourceAccountId } = question;
  if (missingRole !== undefined) return noSuchRole(missingRole);
  if (!byTrust) {
    const isForeign =
      "accountId" in caller && resourceAccountId !== undefined && resourceAccountId !== caller.accountId;
    return isForeign && /^iam:/i.test(action) ? foreignIam(resourceAccountId) : undefined;
  }
  if (caller.kind === "root") return refusalOf("AccessDenied", "Roles may not be assumed by root accounts.");
  if (durationSeconds === undefined) return undefined;
  return durationRefusal(durationSeconds, { isChained: caller.kind === "role", maxSessionDuration });
};

/** Compared characters, some seconds of CPU. */
const explainedWithin = 50_000_000;

/**
 * Explains one request by what its policies say now.
 * @param toldDeny the layer of which AWS said that it denies the request
 * @throws TooIntricateError where that takes more comparing than anybody waits for
 */
export const explainAsked = async (
  sources: Sources,
  asked: Asked,
  given: Given = {},
  toldDeny?: Layer,
): Promise<ExplainReport> => {
  const whole = withGiven(asked, given);
  const read = await readRequest(sources, whole, given.sessionPolicies);
  const { layers, notRead } = read;
  const question = { ...read.question, ...(toldDeny && { toldDeny }) };
  const refusal = refusalBeforePolicies(whole, read);
  // A session of the right length may be refused all the same: what the policies say nobody was asked yet.
  const isTooLong = refusal?.kind === "sessionTooLong" || refusal?.kind === "chainedSessionTooLong";
  const notKnown = [...notRead, ...(isTooLong ? ["what the policies say: ask again with a shorter --duration"] : [])];
  const request = requestOf(whole, question.request.context);
  if (refusal !== undefined) return { request, refusal, verdict: "refused", obstacles: [], dependsOn: [], notKnown };
  const explanation = withEffort(explainedWithin, () => explainRequest(layers, question));
  return { request, ...reportedExplanation(explanation, layers, question.byTrust === true), notKnown };
};

/** Kinds of policies that AWS names as reasons, and that nobody reads here. */
const beyondReach = new Set(["vpcEndpoint", "resourceControl", "resource", "session"]);

/** As what AWS names it is read here; `undefined`: it is not. */
const readLayer = (told: ToldLayer | undefined): Layer | undefined => {
  if (told === "trust") return "resource";
  return told === "identity" || told === "boundary" || told === "serviceControl" || told === "session"
    ? told
    : undefined;
};

/**
 * Explains a record of a refused call. What AWS says decided counts where it is a policy that is not read here.
 * @param raw the record as it stands
 */
export const explainRecord = async (
  sources: Sources,
  record: CloudTrailRecord,
  raw: unknown,
  given: Given = {},
): Promise<ExplainReport> => {
  const { errorCode, errorMessage, eventTime } = record;
  const { asked, told, gaps } = askedInRecord(record, raw);
  const said = {
    ...told,
    at: eventTime.toISOString(),
    ...(errorCode !== undefined && { errorCode }),
    ...(errorMessage !== undefined && { message: errorMessage }),
  };
  const refusal = refusalOf(errorCode, errorMessage);
  if (refusal !== undefined) {
    const request = requestOf(withGiven(asked, given), asked.context);
    return { request, told: said, refusal, verdict: "refused", obstacles: [], dependsOn: [], notKnown: [] };
  }
  const { layer, decision } = told;
  const report = await explainAsked(sources, asked, given, decision === "explicitDeny" ? readLayer(layer) : undefined);
  const isSame = (each: ReportedObstacle): boolean =>
    each.layer === layer && (decision !== "explicitDeny" || each.kind !== "notAllowed");
  const isFoundAgain = layer === undefined || beyondReach.has(layer) || report.obstacles.some(isSame);
  const notKnown = [
    ...gaps.filter(
      (gap) =>
        !(gap.includes("--resource") && given.resource !== undefined) &&
        !(gap.includes("--action") && given.action !== undefined),
    ),
    ...(isFoundAgain
      ? []
      : [
          `${toldLayerName(layer)} refused it then and does not now: it has changed since, or a condition key had another value`,
        ]),
    ...report.notKnown,
  ];
  const isBeyond = layer !== undefined && beyondReach.has(layer) && report.verdict === "allowed";
  return { ...report, told: said, notKnown, ...(isBeyond && { verdict: "unknown" as const }) };
};
