import { parseArn } from "../aws/arn.ts";
import { MalformedInputError } from "../errors.ts";
import { type RequestContext, requestContext } from "../policy/language/variables.ts";
import { principalContext } from "../policy/principal/layers.ts";
import type { AskedCaller } from "./asked.ts";

/**
 * Who an ARN names: a user, a role or a session of one, root, or an identity provider.
 * @param sessionArn of the caller, where `arn` is the role's
 * @throws MalformedInputError for any other ARN
 */
export const callerOfArn = (arn: string, sessionArn?: string): AskedCaller => {
  const { partition, service, accountId, resource } = parseArn(arn);
  const [, kind, name = ""] = /^(user|role)\/(?:.*\/)?([^/]+)$/.exec(resource) ?? [];
  const isId = /^\d{12}$/.test(accountId);
  if (service === "iam" && isId && (kind === "user" || kind === "role")) {
    const session = kind === "role" && sessionArn !== undefined && sessionArn !== arn ? { sessionArn } : {};
    return { kind, accountId, name, arn, ...session };
  }
  if (service === "iam" && isId && resource === "root") return { kind: "root", accountId, arn };
  if (service === "iam" && isId && /^(?:oidc|saml)-provider\/./.test(resource))
    return { kind: "federated", provider: arn };
  const [, role] = /^assumed-role\/([^/]+)\/[^/]+$/.exec(resource) ?? [];
  if (service === "sts" && isId && role !== undefined) {
    // The path of the role is not in the session's ARN; whoever reads the role learns it.
    return {
      kind: "role",
      accountId,
      name: role,
      arn: `arn:${partition}:iam::${accountId}:role/${role}`,
      sessionArn: arn,
    };
  }
  throw new MalformedInputError(
    `${JSON.stringify(arn)} is no principal whose policies can be read; write the ARN of a user, a role, a role's session, root or an identity provider`,
  );
};

/** The condition keys that who calls decides, whatever the call. */
export const callerContext = (caller: AskedCaller): RequestContext => {
  switch (caller.kind) {
    case "federated":
      return requestContext({ "aws:PrincipalIsAWSService": "false", "aws:FederatedProvider": caller.provider });
    case "service":
      return requestContext({ "aws:PrincipalIsAWSService": "true", "aws:PrincipalServiceName": caller.name });
    case "root":
      return new Map([...principalContext(caller.arn), ["aws:principaltype", ["Account"]]]);
    default:
      return principalContext(caller.arn);
  }
};
