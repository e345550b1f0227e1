import type { Fact } from "../../facts/facts.ts";
import type { Range } from "../../text/positions.ts";
import { SourceError } from "../../text/source-error.ts";
import type { Declaration, InlinePolicy, PrincipalDeclaration, PrincipalKind, PrincipalRef } from "../declarations.ts";
import { notYet } from "../unstated.ts";
import type { CloudFormationNames } from "./cloudformation-names.ts";
import type { Fields } from "./fields.ts";

interface ResourceToRead {
  readonly type: string;
  /** Its logical id. */
  readonly id: string;
  readonly address: string;
  readonly at: Range;
  readonly fields: Fields;
  readonly names: CloudFormationNames;
}

/** What one resource of a template declares, its functions carried out. Of other types: nothing. */
export const readResource = (resource: ResourceToRead): readonly Declaration[] =>
  readers[resource.type]?.(resource) ?? [];

const required = <T>(value: T | undefined, key: string, at: Range): T => {
  if (value === undefined) throw new SourceError(at.start, `${key} is missing`);
  return value;
};

const refs = (kind: PrincipalKind, names: readonly string[]): readonly PrincipalRef[] =>
  names.map((name) => ({ kind, name }));

const principalsOf = (fields: Fields): readonly PrincipalRef[] => [
  ...refs("role", fields.texts("Roles")),
  ...refs("user", fields.texts("Users")),
  ...refs("group", fields.texts("Groups")),
];

const principal = (kind: PrincipalKind, { id, address, at, fields, names }: ResourceToRead): PrincipalDeclaration => ({
  ...{ kind, address, at, name: names.nameOf(id) },
  path: fields.text("Path") ?? "/",
  tags: fields.tags("Tags"),
  boundary: fields.knownText("PermissionsBoundary"),
  attached: attachedOf(fields),
  inline: fields.each("Policies").map((policy): InlinePolicy => {
    const name = policy.text("PolicyName") ?? "";
    return {
      address,
      at: policy.at,
      name,
      document: required(policy.document("PolicyDocument"), "PolicyDocument", policy.at),
    };
  }),
  groups: kind === "user" ? fields.texts("Groups") : [],
});

/** Not known either where nobody can tell which policies are embedded: then what they allow is as open. */
const attachedOf = (fields: Fields): Fact<readonly string[]> => {
  const open = fields.open("Policies");
  return open === undefined ? fields.knownTexts("ManagedPolicyArns") : notYet(open);
};

const inlinePolicy =
  (of: (fields: Fields) => readonly PrincipalRef[]) =>
  ({ address, at, fields }: ResourceToRead): readonly Declaration[] => {
    const document = fields.document("PolicyDocument");
    // A policy of a principal's own may be taken away by having no document.
    if (document === undefined) return [];
    return [{ type: "inlinePolicy", name: fields.text("PolicyName") ?? "", document, of: of(fields), address, at }];
  };

const ofOne = (kind: PrincipalKind, key: string) =>
  inlinePolicy((fields) => refs(kind, [required(fields.text(key), key, fields.at)]));

const oidcProvider =
  (clientIds: string) =>
  ({ address, at, fields }: ResourceToRead): readonly Declaration[] => [
    {
      ...{ type: "oidcProvider", address, at },
      name: required(fields.text("Url"), "Url", at).replace(/^https:\/\//, ""),
      clientIds: fields.knownTexts(clientIds),
      tags: fields.tags("Tags"),
    },
  ];

const readers: Readonly<Record<string, (resource: ResourceToRead) => readonly Declaration[]>> = {
  "AWS::IAM::Role": (resource) => {
    const { fields } = resource;
    const trust = required(fields.document("AssumeRolePolicyDocument"), "AssumeRolePolicyDocument", fields.at);
    return [{ type: "principal", ...principal("role", resource), trust }];
  },
  "AWS::IAM::User": (resource) => {
    const { id, address, at, fields, names } = resource;
    const user: Declaration = { type: "principal", ...principal("user", resource) };
    return fields.has("LoginProfile") ? [user, { type: "loginProfile", user: names.nameOf(id), address, at }] : [user];
  },
  "AWS::IAM::Group": (resource) => [{ type: "principal", ...principal("group", resource) }],
  "AWS::IAM::Policy": inlinePolicy(principalsOf),
  "AWS::IAM::RolePolicy": ofOne("role", "RoleName"),
  "AWS::IAM::UserPolicy": ofOne("user", "UserName"),
  "AWS::IAM::GroupPolicy": ofOne("group", "GroupName"),
  "AWS::IAM::ManagedPolicy": ({ id, address, at, fields, names }) => [
    {
      ...{ type: "managedPolicy", name: names.nameOf(id), path: fields.text("Path") ?? "/", address, at },
      arn: names.arnOf(id),
      document: required(fields.document("PolicyDocument"), "PolicyDocument", at),
      to: principalsOf(fields),
    },
  ],
  "AWS::IAM::UserToGroupAddition": ({ address, at, fields }) => [
    { type: "membership", users: fields.texts("Users"), groups: fields.texts("GroupName"), address, at },
  ],
  "AWS::IAM::AccessKey": ({ address, at, fields }) => [
    {
      ...{ type: "accessKey", address, at },
      user: required(fields.text("UserName"), "UserName", at),
      isActive: fields.text("Status") !== "Inactive",
    },
  ],
  "AWS::IAM::OIDCProvider": oidcProvider("ClientIdList"),
  "Custom::AWSCDKOpenIdConnectProvider": oidcProvider("ClientIDList"),
  "AWS::Organizations::Policy": ({ address, at, fields }) =>
    fields.text("Type") === "SERVICE_CONTROL_POLICY"
      ? [{ type: "otherPolicy", of: "scp", document: required(fields.document("Content"), "Content", at), address, at }]
      : [],
};

/** The types of resources that are read. */
export const templateTypes: readonly string[] = Object.keys(readers);
