import type { Layer } from "../../shared/policy/request/authorize.ts";
import { AwsError, type Call, type Service } from "../protocol/service.ts";
import type { Judgement } from "./judge.ts";

const kinds: Readonly<Record<Layer | "trust", { readonly no: string; readonly in: string }>> = {
  identity: { no: "identity-based policy", in: "an identity-based policy" },
  boundary: { no: "permissions boundary", in: "a permissions boundary" },
  session: { no: "session policy", in: "a session policy" },
  serviceControl: { no: "service control policy", in: "a service control policy" },
  resource: { no: "resource-based policy", in: "a resource-based policy" },
  trust: { no: "role trust policy", in: "the role trust policy" },
};

/**
 * Why a call is refused, in AWS's words: for an explicit deny by a managed policy with its ARN. What nobody can judge reads as
 * if nothing allowed it.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 */
export const reasonFor = ({ decision, layer, statement, policies, byTrust, request }: Judgement): string => {
  const kind = kinds[byTrust ? "trust" : layer];
  if (decision !== "explicitDeny") return `because no ${kind.no} allows the ${request.action} action`;
  const held = [...policies.own, ...policies.boundary];
  const arn = held.find(({ document }) => statement && document.statements.includes(statement))?.arn;
  return `with an explicit deny in ${kind.in}${arn === undefined ? "" : `: ${arn}`}`;
};

/** Codes of services that do not call a refusal as others of their protocol do. */
const codes: Readonly<Record<string, string>> = { sns: "AuthorizationError" };

/** Services that tell no reason. */
const reticent = new Set(["sts"]);

/** The error with which a service refuses a call. */
export const refusal = ({ name, protocol }: Service, { caller }: Call, judgement: Judgement): AwsError => {
  const { action, resource } = judgement.request;
  const reason = reticent.has(name) ? "" : ` ${reasonFor(judgement)}`;
  const isJson = protocol.type === "json";
  return new AwsError(
    codes[name] ?? (isJson ? "AccessDeniedException" : "AccessDenied"),
    `User: ${caller.arn} is not authorized to perform: ${action} on resource: ${resource}${reason}`,
    isJson ? 400 : 403,
  );
};
