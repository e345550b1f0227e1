import { parseArn } from "../../aws/arn.ts";
import { rememberFor } from "../../remember.ts";
import type { PolicyDocument, Statement } from "../language/document.ts";
import { type RequestContext, requestContext } from "../language/variables.ts";

/** A policy with what people call it, so that an answer can say where it comes from. */
export interface NamedPolicy {
  readonly name: string;
  /** Of a managed policy, or an SCP. */
  readonly arn?: string;
  readonly kind: "inline" | "managed" | "group" | "boundary" | "serviceControl";
  /** The group that the principal has it from. */
  readonly via?: string;
  readonly document: PolicyDocument;
}

/** One root, OU or account, and the SCPs attached to it. All of them together have to allow. */
export interface ServiceControlNode {
  readonly node: string;
  readonly policies: readonly NamedPolicy[];
}

/**
 * What limits and gives a user's or role's permissions. An absent boundary does not limit; a node without policies allows
 * nothing; no nodes (the management account, or no organization) do not limit.
 */
export interface PrincipalLayers {
  readonly identity: readonly NamedPolicy[];
  readonly boundary?: NamedPolicy;
  /** From the root to the account. */
  readonly serviceControl: readonly ServiceControlNode[];
}

export type PrincipalLayer = keyof PrincipalLayers;

/** A layer of a principal, or a node of one. */
export interface LayerRef {
  readonly layer: PrincipalLayer;
  /** Where the layer is the SCPs: the id of the root, the OU or the account. */
  readonly node?: string;
}

export interface StatementRef extends LayerRef {
  readonly policy: NamedPolicy;
  /** In its document, from 0. */
  readonly index: number;
  readonly statement: Statement;
}

/** A layer and what it says. */
export interface Source extends LayerRef {
  readonly policies: readonly NamedPolicy[];
}

/** Every layer that has a say: what limits first, and what gives last. */
export const sourcesOf = rememberFor(({ identity, boundary, serviceControl }: PrincipalLayers): readonly Source[] => [
  ...serviceControl.map(({ node, policies }): Source => ({ layer: "serviceControl", node, policies })),
  ...(boundary ? [{ layer: "boundary", policies: [boundary] } as const] : []),
  { layer: "identity", policies: identity },
]);

/** How people name a statement: its Sid, or where it stands. */
export const statementName = ({ statement, index }: Pick<StatementRef, "statement" | "index">): string =>
  statement.sid || `Statement[${index}]`;

/**
 * The condition keys whose values are the same in every request of a user or role, so that conditions on them can be decided.
 * @param arn of the user or role itself, not of a session
 */
export const principalContext = (arn: string): RequestContext => {
  const { accountId, resource } = parseArn(arn);
  const isUser = resource.startsWith("user/");
  return requestContext({
    "aws:PrincipalArn": arn,
    "aws:PrincipalAccount": accountId,
    "aws:PrincipalType": isUser ? "User" : "AssumedRole",
    "aws:PrincipalIsAWSService": "false",
    // A key without values is one that requests do not have: sessions of a role have no user name.
    "aws:username": isUser ? resource.slice(resource.lastIndexOf("/") + 1) : [],
  });
};

const regionsOfIam: Readonly<Record<string, string>> = {
  aws: "us-east-1",
  "aws-cn": "cn-north-1",
  "aws-us-gov": "us-gov-west-1",
};

/**
 * What is known of calls of IAM: each partition has it in one Region.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-requestedregion
 */
export const ofIam = (given: RequestContext, partition: string): RequestContext => {
  const region = regionsOfIam[partition];
  return region === undefined ? given : new Map([...given, ["aws:requestedregion", [region]]]);
};
