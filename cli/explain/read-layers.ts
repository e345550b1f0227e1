import type { AwsAccess } from "../../shared/aws/access.ts";
import { parseArn } from "../../shared/aws/arn.ts";
import { type Asked, isByTrust } from "../../shared/explain/asked.ts";
import type { Question } from "../../shared/explain/decide.ts";
import {
  type HeldLayers,
  type HeldNode,
  type HeldPolicy,
  heldFacts,
  heldPolicy,
  placesOf,
  unreadPolicy,
} from "../../shared/explain/layers.ts";
import type { Fact } from "../../shared/facts/facts.ts";
import { policyText } from "../../shared/facts/shapes.ts";
import { type OrganizationView, pathOf } from "../../shared/organization/view.ts";
import { type RequestContext, requestContext } from "../../shared/policy/language/variables.ts";
import { readPrincipal, readRole } from "./read-principal.ts";

/** Where what has a say in a request is read. */
export interface Sources {
  readonly aws: AwsAccess;
  readonly viewOf: (accountId: string) => Fact<OrganizationView>;
}

/** What was read for one request. */
export interface ReadRequest {
  readonly question: Question;
  readonly layers: HeldLayers;
  /** What has a say, and could not be read or is not read by this command: sentences. */
  readonly notRead: readonly string[];
  /** Of the role that is the resource, in seconds. */
  readonly maxSessionDuration?: number;
  /** The role that is the resource is not there. */
  readonly missingRole?: string;
}

/** The layer of the SCPs for an account, as far as it is known. */
const serviceControlOf = (view: Fact<OrganizationView>): readonly HeldNode[] | undefined => {
  const unread = (why: string): readonly HeldNode[] => [
    { id: "organization", name: "the organization", policies: [unreadPolicy("service control policies", why)] },
  ];
  if (!view.known) return view.why === "the account is in no organization" ? undefined : unread(view.why);
  const { serviceControl } = view.value;
  if (!serviceControl.known) return unread(serviceControl.why);
  return serviceControl.value.map(({ id, name, policies }) => ({
    id,
    name,
    policies: policies.map((each) => heldFacts(each)),
  }));
};

interface ReadResource {
  readonly accountId?: string;
  readonly resource?: readonly HeldPolicy[];
  readonly notRead: readonly string[];
  readonly maxSessionDuration?: number;
  readonly missingRole?: string;
}

const readTrust = async (aws: AwsAccess, arn: string): Promise<ReadResource> => {
  const [, accountId = "", name = ""] = /^arn:[^:]+:iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/.exec(arn) ?? [];
  if (name === "") return { resource: [unreadPolicy("the trust policy", `${arn} is no role's ARN`)], notRead: [] };
  const role = await readRole(aws, accountId, name);
  if (role !== undefined && !role.known)
    return { accountId, resource: [unreadPolicy(`the trust policy of role ${name}`, role.why)], notRead: [] };
  const found = role?.value;
  // A name in another case, or another path, is another role to STS.
  if (found === undefined || found.Arn !== arn) return { accountId, resource: [], notRead: [], missingRole: arn };
  return {
    accountId,
    resource: [heldPolicy(`trust policy of role ${name}`, policyText(found.AssumeRolePolicyDocument ?? ""))],
    notRead: [],
    ...(found.MaxSessionDuration !== undefined && { maxSessionDuration: found.MaxSessionDuration }),
  };
};

/** Services whose resources have policies of their own that can give access to somebody within the account. */
const withPolicies = new Set(
  "s3 sqs sns kms lambda secretsmanager dynamodb ecr events glacier backup es logs execute-api elasticfilesystem mediastore kinesis ssm-incidents codeartifact glue acm-pca s3-outposts s3express".split(
    " ",
  ),
);

const readResource = async (
  aws: AwsAccess,
  { action, resource = "*" }: Asked,
  callerAccount?: string,
): Promise<ReadResource> => {
  if (isByTrust(action)) return readTrust(aws, resource);
  const arn = resource.startsWith("arn:") && resource.split(":").length >= 6 ? parseArn(resource) : undefined;
  const accountId = arn !== undefined && /^\d{12}$/.test(arn.accountId) ? arn.accountId : undefined;
  const service = arn?.service ?? action.slice(0, action.indexOf(":"));
  if (accountId !== undefined && callerAccount !== undefined && accountId !== callerAccount)
    return {
      accountId,
      resource: [
        unreadPolicy(`the policy on ${resource}`, `policies on resources of ${service} are not read by this command`),
      ],
      notRead: [],
    };
  return {
    ...(accountId !== undefined && { accountId }),
    notRead: withPolicies.has(service)
      ? [
          `the resource's own policy, if it has one: it may deny, or allow what the caller's policies leave out${
            accountId === undefined && arn !== undefined
              ? "; the resource is taken to be in the caller's account, which its ARN does not say"
              : ""
          }`,
        ]
      : [],
  };
};

/** What a caller's tags and the organization decide of the context. */
const placeContext = (
  layers: HeldLayers,
  {
    tags,
    callerAccount,
    resourceAccount,
    viewOf,
  }: {
    readonly tags: Readonly<Record<string, string>> | undefined;
    readonly callerAccount: string | undefined;
    readonly resourceAccount: string | undefined;
    readonly viewOf: Sources["viewOf"];
  },
): RequestContext => {
  const organization = (accountId: string | undefined, whose: "Principal" | "Resource") => {
    const view = accountId === undefined ? undefined : viewOf(accountId);
    if (!view?.known || accountId === undefined || !view.value.accountIds.has(accountId)) return {};
    const path = pathOf(view.value);
    return { [`aws:${whose}OrgID`]: view.value.id, ...(path !== undefined && { [`aws:${whose}OrgPaths`]: path }) };
  };
  const read = placesOf(layers).flatMap(({ policies }) =>
    policies.flatMap(({ document }) =>
      document.statements.flatMap(({ conditions }) => Object.values(conditions).flatMap((keys) => Object.keys(keys))),
    ),
  );
  const known = Object.keys(tags ?? {}).map((key) => `aws:principaltag/${key.toLowerCase()}`);
  const absent =
    tags === undefined
      ? []
      : read.filter((key) => /^aws:principaltag\//i.test(key) && !known.includes(key.toLowerCase()));
  return requestContext({
    ...Object.fromEntries(absent.map((key) => [key, []])),
    ...organization(callerAccount, "Principal"),
    ...organization(resourceAccount, "Resource"),
    ...(resourceAccount !== undefined && { "aws:ResourceAccount": resourceAccount }),
  });
};

/**
 * Reads everything that has a say in a request, as far as it can be read. What cannot is left undecided, or told.
 * @param sessionPolicies documents of the session that the caller is, where somebody knows them
 */
export const readRequest = async (
  { aws, viewOf }: Sources,
  asked: Asked,
  sessionPolicies?: readonly HeldPolicy[],
): Promise<ReadRequest> => {
  const { caller: who, action, resource = "*" } = asked;
  const callerAccount = "accountId" in who ? who.accountId : undefined;
  const [principal, target] = await Promise.all([readPrincipal(aws, who), readResource(aws, asked, callerAccount)]);
  const nodes =
    callerAccount === undefined || principal.isServiceLinked ? undefined : serviceControlOf(viewOf(callerAccount));
  const layers: HeldLayers = {
    ...principal.layers,
    ...(sessionPolicies && { session: sessionPolicies }),
    ...(nodes && { serviceControl: nodes }),
    ...(target.resource && { resource: target.resource }),
  };
  const resourceAccount = target.accountId ?? callerAccount;
  const context = new Map([
    ...placeContext(layers, { tags: principal.tags, callerAccount, resourceAccount, viewOf }),
    ...principal.context,
    ...asked.context,
    // Who the caller is, is read: a session's ARN does not tell its role's path.
    ...[...principal.context].filter(([key]) => key === "aws:principalarn"),
  ]);
  const isSession = who.kind === "role" && sessionPolicies === undefined;
  return {
    question: {
      request: { action, resource, context, caller: principal.caller },
      ...(resourceAccount !== undefined && { resourceAccountId: resourceAccount }),
      byTrust: isByTrust(action),
    },
    layers,
    notRead: [
      ...target.notRead,
      ...(isSession ? ["a session policy, if the session was given one: --session-policy names it"] : []),
      ...(asked.vpcEndpoint === undefined
        ? []
        : [`the policy of the VPC endpoint ${asked.vpcEndpoint}, through which the call went`]),
      ...(viewOf(resourceAccount ?? "").known && withPolicies.has(resource.split(":")[2] ?? "")
        ? ["resource control policies of the organization"]
        : []),
    ],
    ...(target.maxSessionDuration !== undefined && { maxSessionDuration: target.maxSessionDuration }),
    ...(target.missingRole !== undefined && { missingRole: target.missingRole }),
  };
};
