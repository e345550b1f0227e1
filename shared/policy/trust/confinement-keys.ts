import { whyPublic } from "../language/address-blocks.ts";

/**
 * What a condition holds requests to. The first line says who calls, or for whom a service calls; the second where a call comes
 * from; the third what the caller proves or knows; of the last the caller chooses the value, or it says when.
 */
export type ConfinementKind =
  | ("account" | "organization" | "principal" | "sourceAccount" | "sourceArn" | "sourceOrganization" | "claim")
  | "network"
  | ("externalId" | "mfa")
  | ("tag" | "session" | "time");

/** One value of a condition, as its operator reads it. */
export interface ConditionValue {
  readonly text: string;
  /** `*` and `?` are wildcards. */
  readonly isPattern: boolean;
  /** Compared as an ARN, segment by segment: a wildcard does not reach over a colon of the first five. */
  readonly isArn: boolean;
}

/** That a value confines, and to which account or organization where it names one; else why it does not. */
export type Judged = { readonly of?: string } | { readonly why: string };

export interface ConfinementKey {
  readonly kind: ConfinementKind;
  readonly judge: (value: ConditionValue) => Judged;
  /** The families of operators that the key can be judged with; absent: those of text and ARNs. */
  readonly families?: readonly OperatorFamily[];
  /** Why values that each confine do not together. */
  readonly together?: (values: readonly string[]) => string | undefined;
}

export type OperatorFamily = "text" | "arn" | "number" | "date" | "address" | "boolean" | "binary";

/** Stand for the account and the organization of the role that the policy is on, whatever the request holds. */
export const ownAccount = "${aws:ResourceAccount}";
export const ownOrganization = "${aws:ResourceOrgID}";

const withWildcard = { why: "a wildcard stands in what would have to be fixed" };

const hasWildcard = ({ text, isPattern }: ConditionValue): boolean => isPattern && /[*?]/.test(text);

/** What a text begins with that no wildcard can change. */
const fixedStart = ({ text, isPattern }: ConditionValue): string =>
  isPattern ? (/^[^*?]*/.exec(text)?.[0] ?? "") : text;

const named = (value: ConditionValue): Judged => (hasWildcard(value) ? withWildcard : { of: value.text });

const fixed = (value: ConditionValue): Judged => (hasWildcard(value) ? withWildcard : {});

const chosen = (value: ConditionValue): Judged =>
  value.isPattern && /^[*?]*$/.test(value.text) ? { why: "its wildcards match whatever is there" } : {};

/** `o-example/r-ab12/ou-ab12-11111111/*`: whatever the path, the organization has to be fixed. */
const organizationPath = (value: ConditionValue): Judged => {
  const [id = "", ...path] = fixedStart(value).split("/");
  return path.length > 0 || !hasWildcard(value) ? { of: id } : withWildcard;
};

/** The account of an ARN, if no wildcard can put another one there. */
const fixedAccountOf = (value: ConditionValue): string | undefined => {
  const text = value.isArn ? value.text : fixedStart(value);
  const segments = text.replaceAll(ownAccount, "own").split(":");
  const account = segments[4];
  if (segments.length < 6 || account === undefined) return undefined;
  if (account === "own") return ownAccount;
  return value.isArn && /[*?]/.test(account) ? undefined : account;
};

const principalArn = (value: ConditionValue): Judged => {
  const account = fixedAccountOf(value);
  return account ? { of: account } : { why: "any account can have a principal of such an ARN" };
};

/** Buckets and REST APIs have no account in their ARNs: then the resource itself has to be fixed. */
const sourceArn = (value: ConditionValue): Judged => {
  const account = fixedAccountOf(value);
  if (account) return { of: account };
  const resource = value.text.split(":").slice(5).join(":");
  const isFixed = account === "" && /^[^*?]+(?:\/|$)/.test(value.isPattern ? resource : resource.replace(/[*?]/g, "_"));
  return isFixed ? {} : { why: "any account can have a resource of such an ARN" };
};

/** `AROA…:session` or `AIDA…`: what stands before the colon is nobody else's. A root user's is its account's id. */
const uniqueId = (value: ConditionValue): Judged => {
  const [id = "", session] = fixedStart(value).split(":");
  if (session === undefined && hasWildcard(value)) return withWildcard;
  if (!/^[A-Z0-9]+$/.test(id)) return { why: "it begins with no unique id" };
  return /^\d{12}$/.test(id) ? { of: id } : {};
};

const externalId = (value: ConditionValue): Judged =>
  hasWildcard(value) || value.text.length < 2 ? { why: "an external id confines only as a fixed value" } : {};

const isTrue = ({ text }: ConditionValue): Judged =>
  /^true$/i.test(text) ? {} : { why: "it asks for the absence of MFA" };

const addresses = (value: ConditionValue): Judged => {
  if (hasWildcard(value)) return withWildcard;
  const why = whyPublic([value.text]);
  return why === undefined ? {} : { why };
};

const confinesNothing = (why: string) => (): Judged => ({ why });

const text = (kind: ConfinementKind, judge: ConfinementKey["judge"]): ConfinementKey => ({ kind, judge });

const anyService = confinesNothing("services act for every account");
const ownResource = confinesNothing("it is about the role itself, whoever calls");
const callersWord = confinesNothing("the caller decides what it says");

/** In lower case: keys are compared without regard to case. */
const keys: Readonly<Record<string, ConfinementKey>> = {
  "aws:principalaccount": text("account", named),
  "aws:principalorgid": text("organization", named),
  "aws:principalorgpaths": text("organization", organizationPath),
  "aws:principalarn": text("principal", principalArn),
  "aws:federatedprovider": text("principal", principalArn),
  "aws:userid": text("principal", uniqueId),
  "lambda:sourcefunctionarn": text("principal", principalArn),
  "ec2:sourceinstancearn": text("principal", principalArn),
  "aws:username": text("principal", confinesNothing("any account can have a user of that name")),
  "aws:principaltype": text("principal", confinesNothing("every account has such principals")),
  "aws:sourceaccount": text("sourceAccount", named),
  "aws:sourceowner": text("sourceAccount", named),
  "aws:sourcearn": text("sourceArn", sourceArn),
  "aws:sourceorgid": text("sourceOrganization", named),
  "aws:sourceorgpaths": text("sourceOrganization", organizationPath),
  "aws:principalisawsservice": { kind: "principal", judge: anyService, families: ["boolean", "text"] },
  "aws:viaawsservice": { kind: "principal", judge: anyService, families: ["boolean", "text"] },
  "aws:principalservicename": text("principal", anyService),
  "aws:principalservicenameslist": text("principal", anyService),
  "aws:viaawsmcpservice": { kind: "session", judge: callersWord, families: ["boolean", "text"] },
  "aws:calledviaawsmcp": text("session", callersWord),
  "aws:calledvia": text("principal", anyService),
  "aws:calledviafirst": text("principal", anyService),
  "aws:calledvialast": text("principal", anyService),
  "sts:externalid": text("externalId", externalId),
  "aws:multifactorauthpresent": { kind: "mfa", judge: isTrue, families: ["boolean", "text"] },
  "aws:multifactorauthage": { kind: "mfa", judge: () => ({}), families: ["number"] },
  "aws:sourceip": { kind: "network", judge: addresses, families: ["address", "text"], together: whyPublic },
  "aws:vpcsourceip": {
    kind: "network",
    judge: confinesNothing("anybody's network can have such private addresses"),
    families: ["address", "text"],
  },
  "aws:sourcevpc": text("network", fixed),
  "aws:sourcevpcarn": text("network", principalArn),
  "aws:sourcevpce": text("network", fixed),
  "aws:vpceaccount": text("network", named),
  "aws:vpceorgid": text("network", named),
  "aws:vpceorgpaths": text("network", organizationPath),
  "aws:tagkeys": text("tag", chosen),
  "sts:transitivetagkeys": text("tag", chosen),
  "sts:rolesessionname": text("session", chosen),
  "sts:sourceidentity": text("session", chosen),
  "aws:sourceidentity": text("session", chosen),
  "aws:currenttime": { kind: "time", judge: () => ({}), families: ["date"] },
  "aws:epochtime": { kind: "time", judge: () => ({}), families: ["date", "number"] },
  "aws:tokenissuetime": { kind: "time", judge: () => ({}), families: ["date"] },
  "aws:resourceaccount": text("account", ownResource),
  "aws:resourceorgid": text("organization", ownResource),
  "aws:resourceorgpaths": text("organization", ownResource),
  "aws:requestedregion": text("network", callersWord),
  "aws:securetransport": { kind: "network", judge: callersWord, families: ["boolean", "text"] },
  "ec2:roledelivery": { kind: "session", judge: callersWord, families: ["number", "text"] },
  "aws:ec2instancesourcevpc": text("network", callersWord),
  "aws:ec2instancesourceprivateipv4": { kind: "network", judge: callersWord, families: ["address", "text"] },
  "aws:useragent": text("session", callersWord),
  "aws:referer": text("session", callersWord),
};

/** Keys that end in a name of somebody's choice, and those of identity providers. */
const keysByPattern: readonly (readonly [RegExp, ConfinementKey])[] = [
  [/^aws:(?:principal|request)tag\/./, text("tag", chosen)],
  [/^(?:aws|iam):resourcetag\/./, text("tag", ownResource)],
  [/^saml:./, text("claim", chosen)],
  // An issuer's host, path included, then the claim.
  [/^[^:/]*\.[^:]+(?::\d+[^:]*)?:[^:]+$/, text("claim", chosen)],
];

/** What a condition key is about; `undefined`: nobody can say. */
export const confinementKey = (key: string): ConfinementKey | undefined =>
  Object.hasOwn(keys, key) ? keys[key] : keysByPattern.find(([pattern]) => pattern.test(key))?.[1];
