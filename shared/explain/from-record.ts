import { MalformedInputError } from "../errors.ts";
import { type CloudTrailRecord, isObject, objectField, serviceOf, textField } from "../events/record.ts";
import { actionNamed } from "../policy/actions/known.ts";
import { type RequestContext, requestContext } from "../policy/language/variables.ts";
import { type Asked, type AskedCaller, isByTrust } from "./asked.ts";
import { callerContext, callerOfArn } from "./caller.ts";
import { parseDenialMessage, type ToldDenial } from "./denial-message.ts";

/** A record as what was asked, and what AWS said of it. */
export interface AskedInRecord {
  readonly asked: Asked;
  readonly told: ToldDenial;
  /** What the record leaves out, in sentences. */
  readonly gaps: readonly string[];
}

/**
 * What a record of a refused call says of the request. What it does not say is left out, and is told.
 * @param raw the record as it stands, for fields that only this reads
 * @throws MalformedInputError if it does not say who called
 */
export const askedInRecord = (record: CloudTrailRecord, raw: unknown): AskedInRecord => {
  const told = parseDenialMessage(record.errorMessage ?? "");
  const action = told.action ?? actionOf(record);
  const caller = callerIn(record, raw, told);
  const resource = told.resource ?? resourceIn(record, raw, action);
  const seconds = Number(record.requestParameters.durationSeconds);
  const vpcEndpoint = isObject(raw) ? textField(raw, "vpcEndpointId") : undefined;
  const isRedacted = Object.keys(record.requestParameters).length === 0;
  return {
    asked: {
      caller,
      action,
      ...(resource !== undefined && { resource }),
      context: new Map([
        ...callerContext(caller),
        ...contextIn(record, raw, action),
        ...linkedService(action, resource),
      ]),
      ...(Number.isInteger(seconds) && seconds > 0 && { durationSeconds: seconds }),
      ...(vpcEndpoint !== undefined && { vpcEndpoint }),
    },
    told,
    gaps: [
      ...(actionNamed(action) === undefined
        ? [`${action} is an operation, and no action that AWS documents: say what allows it with --action`]
        : []),
      ...(resource === undefined ? ["the record does not say on which resource; name it with --resource"] : []),
      ...(isRedacted ? ["the record has no request parameters, as is usual for refused calls"] : []),
      ...(record.userIdentity.type === "FederatedUser"
        ? [
            "the caller is a session of sts:GetFederationToken, which its session policy limits: --session-policy names it",
          ]
        : []),
      ...(record.userIdentity.invokedBy === undefined
        ? []
        : [`${record.userIdentity.invokedBy} made the call for the caller, and may have passed a session policy`]),
    ],
  };
};

/** Operations that an action of another name allows. */
const actionsOfOperations: Readonly<Record<string, string>> = {
  "lambda:Invoke": "lambda:InvokeFunction",
  "s3:CompleteMultipartUpload": "s3:PutObject",
  "s3:CopyObject": "s3:PutObject",
  "s3:CreateMultipartUpload": "s3:PutObject",
  "s3:DeleteObjects": "s3:DeleteObject",
  "s3:HeadBucket": "s3:ListBucket",
  "s3:HeadObject": "s3:GetObject",
  "s3:ListBuckets": "s3:ListAllMyBuckets",
  "s3:ListObjectVersions": "s3:ListBucketVersions",
  "s3:ListObjects": "s3:ListBucket",
  "s3:ListObjectsV2": "s3:ListBucket",
  "s3:UploadPart": "s3:PutObject",
};

/** Records call some operations by names that policies do not have: `Invoke20150331`. */
const actionOf = ({ eventSource, eventName }: CloudTrailRecord): string => {
  const operation = `${serviceOf(eventSource).toLowerCase()}:${eventName.replace(/\d{8}(?:v\d)?$/, "")}`;
  return Object.hasOwn(actionsOfOperations, operation) ? (actionsOfOperations[operation] ?? operation) : operation;
};

const callerIn = (record: CloudTrailRecord, raw: unknown, told: ToldDenial): AskedCaller => {
  const { userIdentity: identity } = record;
  const { type, sessionContext, accountId } = identity;
  const issuer = sessionContext?.sessionIssuer?.arn;
  const arn = identity.arn ?? told.callerArn;
  if (type === "WebIdentityUser" || type === "SAMLUser") {
    const provider = providerIn(identity.principalId, raw);
    if (provider !== undefined) return { kind: "federated", provider };
  }
  if (type === "AWSService" && identity.invokedBy !== undefined) return { kind: "service", name: identity.invokedBy };
  if (type === "FederatedUser" && issuer !== undefined) return callerOfArn(issuer);
  if (issuer !== undefined && arn !== undefined) return callerOfArn(issuer, arn);
  if (arn !== undefined) return callerOfArn(arn);
  if (type === "IAMUser" && identity.userName !== undefined && accountId !== undefined)
    return callerOfArn(`arn:aws:iam::${accountId}:user/${identity.userName}`);
  throw new MalformedInputError(
    type === "AWSAccount"
      ? `the record is the resource owner's, and does not say who called from account ${accountId ?? "(not told)"}: take the record of the caller's own account, or say who with --principal`
      : "the record does not say who called; say who with --principal, --action and --resource",
  );
};

/** `<ARN of the provider>:<audience>:<subject>`, the ARN alone in a field of its own. */
const providerIn = (principalId: string | undefined, raw: unknown): string | undefined => {
  const own = isObject(raw) ? textField(objectField(raw, "userIdentity"), "identityProvider") : undefined;
  if (own !== undefined) return own;
  return /^(arn:[^:]+:iam::\d{12}:(?:oidc|saml)-provider\/[^:]+)/.exec(principalId ?? "")?.[1];
};

const parameterNames = [
  "roleArn",
  "policyArn",
  "targetArn",
  "topicArn",
  "functionName",
  "keyId",
  "resourceArn",
  "secretId",
];

/** Of S3 the parameters have names, and no ARN; of several objects they name the bucket alone. */
const inBucket = ({ eventSource, requestParameters }: CloudTrailRecord, action: string): string | undefined => {
  const [bucket, key] = [textField(requestParameters, "bucketName"), textField(requestParameters, "key")];
  if (eventSource !== "s3.amazonaws.com" || bucket === undefined) return undefined;
  const isOfObjects = action.includes("Object") && !action.includes("Bucket");
  return `arn:aws:s3:::${bucket}${isOfObjects ? `/${key ?? "*"}` : ""}`;
};

const resourceIn = (record: CloudTrailRecord, raw: unknown, action: string): string | undefined => {
  const { requestParameters } = record;
  const isArn = (text: string | undefined): text is string => text !== undefined && /^arn:[^:]+:[^:]+:/.test(text);
  const named = parameterNames.map((name) => textField(requestParameters, name)).find(isArn);
  if (isByTrust(action)) return named;
  const listed = isObject(raw) && Array.isArray(raw.resources) ? raw.resources : [];
  return (
    named ??
    inBucket(record, action) ??
    listed.flatMap((each) => (isObject(each) ? [textField(each, "ARN") ?? textField(each, "arn")] : [])).find(isArn)
  );
};

/** A service-linked role's path says for which service it is. */
const linkedService = (action: string, resource = ""): RequestContext => {
  const [, service] = /:role\/aws-service-role\/([^/]+)\//.exec(resource) ?? [];
  const isAbout = /^iam:(?:create|delete)servicelinkedrole$/i.test(action);
  return requestContext(isAbout && service !== undefined ? { "iam:AWSServiceName": service } : {});
};

const contextIn = (record: CloudTrailRecord, raw: unknown, action: string) => {
  const { userIdentity, sourceIPAddress, awsRegion, eventTime, requestParameters, userAgent } = record;
  const { sessionContext, accessKeyId = "", type, invokedBy, principalId } = userIdentity;
  const mfa = sessionContext?.attributes?.mfaAuthenticated;
  // Requests that access keys sign have no such key; those of every session have.
  const isLongTerm = accessKeyId.startsWith("AKIA") && sessionContext === undefined;
  const isAddress = sourceIPAddress !== undefined && /^[\d.]+$|:/.test(sourceIPAddress);
  const endpoint = isObject(raw) ? textField(raw, "vpcEndpointId") : undefined;
  const externalId = textField(requestParameters, "externalId");
  const sessionName = textField(requestParameters, "roleSessionName");
  const hasParameters = Object.keys(requestParameters).length > 0;
  const isAssumption = isByTrust(action);
  return requestContext({
    ...(eventTime.getTime() > 0 && {
      "aws:CurrentTime": eventTime.toISOString(),
      "aws:EpochTime": String(Math.floor(eventTime.getTime() / 1000)),
    }),
    ...(awsRegion !== undefined && { "aws:RequestedRegion": awsRegion }),
    ...(isAddress && { "aws:SourceIp": sourceIPAddress }),
    ...(endpoint !== undefined && { "aws:SourceVpce": endpoint }),
    ...(userAgent !== undefined && { "aws:UserAgent": userAgent }),
    ...(principalId !== undefined && /^A(?:IDA|ROA)/.test(principalId) && { "aws:userid": principalId }),
    "aws:ViaAWSService": String(invokedBy !== undefined && type !== "AWSService"),
    ...(mfa !== undefined && { "aws:MultiFactorAuthPresent": mfa }),
    ...(isLongTerm && { "aws:MultiFactorAuthPresent": [], "aws:MultiFactorAuthAge": [] }),
    ...(isAssumption && externalId !== undefined && { "sts:ExternalId": externalId }),
    ...(isAssumption && externalId === undefined && hasParameters && { "sts:ExternalId": [] }),
    ...(isAssumption && sessionName !== undefined && { "sts:RoleSessionName": sessionName }),
    ...tokenClaims(userIdentity.principalId, userIdentity.userName),
  });
};

/** The claims of an OIDC token, which the record has as parts of the principal's id. */
const tokenClaims = (principalId = "", subject = ""): Readonly<Record<string, string>> => {
  const [, issuer, rest = ""] = /^arn:[^:]+:iam::\d{12}:oidc-provider\/([^:]+):(.+)$/.exec(principalId) ?? [];
  if (issuer === undefined || subject === "" || !rest.endsWith(`:${subject}`)) return {};
  return { [`${issuer}:aud`]: rest.slice(0, -subject.length - 1), [`${issuer}:sub`]: subject };
};
