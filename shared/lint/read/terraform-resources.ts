import { isUnresolved, unresolved } from "../../cloudformation/unresolved.ts";
import { type Fact, known } from "../../facts/facts.ts";
import type { Range } from "../../text/positions.ts";
import { SourceError } from "../../text/source-error.ts";
import type { Declaration, InlinePolicy, PrincipalDeclaration, PrincipalKind, PrincipalRef } from "../declarations.ts";
import type { Document } from "../source/source.ts";
import { notYet } from "../unstated.ts";
import { type Fields, textOf } from "./fields.ts";
import { issuerOf, nameOf, plannedPolicyArn } from "./terraform-names.ts";
import type { PlannedResource } from "./terraform-plan.ts";
import type { Reference } from "./terraform-references.ts";

interface ResourceToRead {
  readonly type: string;
  readonly address: string;
  readonly at: Range;
  readonly fields: Fields;
  /** Where an attribute comes from that is not known yet. */
  referenceOf(attribute: string): Reference | undefined;
  /** Each that an attribute comes from, be some of them known. */
  referencesOf(attribute: string): readonly Reference[];
  /** Whether the configuration says what an attribute will be. */
  isConfigured(attribute: string): boolean;
  /** All that are planned, by address. */
  readonly resources: ReadonlyMap<string, PlannedResource>;
  /** Of data sources that are read at apply. */
  documents(address: string): Document | undefined;
  readonly accountId: string;
}

/** What one resource of a plan declares. Of other types: nothing. */
export const readResource = (resource: ResourceToRead): readonly Declaration[] =>
  readers[resource.type]?.(resource) ?? [];

/** The only resource of a type that an attribute may come from. */
const source = (
  { referenceOf, resources }: ResourceToRead,
  attribute: string,
  type: string,
): PlannedResource | undefined => {
  const { addresses = [] } = referenceOf(attribute) ?? {};
  const [only, ...others] = addresses.flatMap((address) => resources.get(address) ?? []);
  return others.length === 0 && only?.type === type ? only : undefined;
};

const named = (resource: ResourceToRead, attribute: string, kind: PrincipalKind): string | undefined => {
  const planned = source(resource, attribute, `aws_iam_${kind}`);
  return planned ? nameOf(planned) : resource.fields.text(attribute);
};

const required = (resource: ResourceToRead, attribute: string, kind: PrincipalKind): string => {
  const name = named(resource, attribute, kind);
  if (name === undefined) throw new SourceError(resource.at.start, `${attribute} is missing`);
  return name;
};

const requiredDocument = (resource: ResourceToRead, attribute: string): Document => {
  const { addresses = [] } = resource.referenceOf(attribute) ?? {};
  const [only, ...others] = addresses.flatMap((address) => resource.documents(address) ?? []);
  const document = only !== undefined && others.length === 0 ? only : resource.fields.document(attribute);
  if (document === undefined) throw new SourceError(resource.at.start, `${attribute} is missing`);
  return document;
};

const boundaryOf = (resource: ResourceToRead): Fact<string | null> => {
  const planned = source(resource, "permissions_boundary", "aws_iam_policy");
  return planned
    ? known(plannedPolicyArn(planned, resource.accountId))
    : resource.fields.knownText("permissions_boundary");
};

const principal = (kind: PrincipalKind, resource: ResourceToRead): PrincipalDeclaration => {
  const { address, at, fields } = resource;
  return {
    ...{ kind, address, at },
    name: fields.has("name") && !isUnresolved(fields.text("name")) ? (fields.text("name") ?? address) : address,
    path: fields.text("path") ?? "/",
    tags: fields.tags(fields.has("tags_all") ? "tags_all" : "tags"),
    boundary: boundaryOf(resource),
    attached: attachedOf(resource),
    inline: fields.each("inline_policy").flatMap((policy): InlinePolicy[] => {
      // An empty block stands for no policy at all.
      if (policy.text("policy") === "") return [];
      const open: Document = { content: notYet(unresolved(`${address}.inline_policy`)), at: policy.at };
      const document = policy.document("policy") ?? open;
      return [{ name: policy.text("name") ?? "", document, address, at: policy.at }];
    }),
    groups: [],
  };
};

/** Terraform does not know which policies are attached to a new role that says nothing of it: those that other resources attach. */
const attachedOf = ({ fields, isConfigured }: ResourceToRead): Fact<readonly string[]> => {
  const attached = fields.knownTexts("managed_policy_arns");
  return attached.known || isConfigured("managed_policy_arns") ? attached : known([]);
};

const refs = (kind: PrincipalKind, names: readonly string[]): readonly PrincipalRef[] =>
  names.map((name) => ({ kind, name }));

const inlinePolicy =
  (kind: PrincipalKind) =>
  (resource: ResourceToRead): readonly Declaration[] => {
    const { address, at, fields } = resource;
    const of = refs(kind, [required(resource, kind, kind)]);
    return [
      {
        type: "inlinePolicy",
        name: fields.text("name") ?? address,
        document: requiredDocument(resource, "policy"),
        of,
        address,
        at,
      },
    ];
  };

const policyArnOf = (resource: ResourceToRead): string => {
  const planned = source(resource, "policy_arn", "aws_iam_policy");
  if (planned) return plannedPolicyArn(planned, resource.accountId);
  return resource.fields.text("policy_arn") ?? unresolved(`${resource.address}.policy_arn`);
};

const attachment =
  (kind: PrincipalKind) =>
  (resource: ResourceToRead): readonly Declaration[] => {
    const { address, at } = resource;
    const to = refs(kind, [required(resource, kind, kind)]);
    return [{ type: "attachment", policyArn: policyArnOf(resource), to, address, at }];
  };

/** Of a list in which Terraform leaves open what is not made yet. */
const policyArnsOf = (resource: ResourceToRead): readonly string[] => {
  const { address, resources, referencesOf, accountId } = resource;
  const { policy_arns: given } = resources.get(address)?.values ?? {};
  const listed = Array.isArray(given) ? given : [null];
  const known = listed.flatMap((each) => textOf(each) ?? []);
  const made = referencesOf("policy_arns")
    .flatMap(({ addresses }) => addresses.flatMap((each) => resources.get(each) ?? []))
    .filter(({ type }) => type === "aws_iam_policy")
    .map((planned) => plannedPolicyArn(planned, accountId));
  // Of a list that is not known at all nobody can tell either how many it has.
  const isWhole = Array.isArray(given) && known.length + made.length >= listed.length;
  return [...known, ...made, ...(isWhole ? [] : [unresolved(`${address}.policy_arns`)])];
};

/** What is attached to a principal, and nothing else. */
const attachments =
  (kind: PrincipalKind) =>
  (resource: ResourceToRead): readonly Declaration[] => {
    const { address, at } = resource;
    const to = refs(kind, [required(resource, `${kind}_name`, kind)]);
    return policyArnsOf(resource).map((policyArn) => ({ type: "attachment", policyArn, to, address, at }));
  };

/** A list of names, of which Terraform may know none before it is applied. */
const several = (resource: ResourceToRead, attribute: string, kind: PrincipalKind): readonly string[] => {
  const { addresses = [] } = resource.referenceOf(attribute) ?? {};
  const planned = addresses
    .flatMap((one) => resource.resources.get(one) ?? [])
    .filter((one) => one.type === `aws_iam_${kind}`);
  return planned.length > 0
    ? planned.map(nameOf)
    : resource.fields.texts(attribute).filter((name) => !isUnresolved(name));
};

const readers: Readonly<Record<string, (resource: ResourceToRead) => readonly Declaration[]>> = {
  aws_iam_role: (resource) => [
    { type: "principal", ...principal("role", resource), trust: requiredDocument(resource, "assume_role_policy") },
  ],
  aws_iam_user: (resource) => [{ type: "principal", ...principal("user", resource) }],
  aws_iam_group: (resource) => [{ type: "principal", ...principal("group", resource) }],
  aws_iam_role_policy: inlinePolicy("role"),
  aws_iam_user_policy: inlinePolicy("user"),
  aws_iam_group_policy: inlinePolicy("group"),
  aws_iam_role_policy_attachment: attachment("role"),
  aws_iam_user_policy_attachment: attachment("user"),
  aws_iam_group_policy_attachment: attachment("group"),
  aws_iam_role_policy_attachments_exclusive: attachments("role"),
  aws_iam_user_policy_attachments_exclusive: attachments("user"),
  aws_iam_group_policy_attachments_exclusive: attachments("group"),
  aws_iam_policy_attachment: (resource) => {
    const { address, at } = resource;
    const to = (["role", "user", "group"] as const).flatMap((kind) => refs(kind, several(resource, `${kind}s`, kind)));
    return [{ type: "attachment", policyArn: policyArnOf(resource), to, address, at }];
  },
  aws_iam_policy: (resource) => {
    const { address, at, fields, accountId } = resource;
    const planned = resource.resources.get(address);
    const name = planned ? nameOf(planned) : address;
    const arn = planned ? plannedPolicyArn(planned, accountId) : address;
    const document = requiredDocument(resource, "policy");
    return [{ type: "managedPolicy", name, path: fields.text("path") ?? "/", arn, document, to: [], address, at }];
  },
  aws_iam_user_group_membership: (resource) => {
    const { address, at } = resource;
    const users = [required(resource, "user", "user")];
    return [{ type: "membership", users, groups: several(resource, "groups", "group"), address, at }];
  },
  aws_iam_group_membership: (resource) => {
    const { address, at } = resource;
    const groups = [required(resource, "group", "group")];
    return [{ type: "membership", users: several(resource, "users", "user"), groups, address, at }];
  },
  aws_iam_user_login_profile: (resource) => {
    const { address, at } = resource;
    return [{ type: "loginProfile", user: required(resource, "user", "user"), address, at }];
  },
  aws_iam_access_key: (resource) => {
    const { address, at, fields } = resource;
    const isActive = fields.text("status") !== "Inactive";
    return [{ type: "accessKey", user: required(resource, "user", "user"), isActive, address, at }];
  },
  aws_iam_openid_connect_provider: ({ address, at, fields }) => [
    {
      ...{ type: "oidcProvider", address, at },
      name: issuerOf(fields.text("url") ?? address),
      clientIds: fields.knownTexts("client_id_list"),
      tags: fields.tags("tags"),
    },
  ],
  aws_organizations_policy: (resource) => {
    const { address, at, fields } = resource;
    if ((fields.text("type") ?? "SERVICE_CONTROL_POLICY") !== "SERVICE_CONTROL_POLICY") return [];
    return [{ type: "otherPolicy", of: "scp", document: requiredDocument(resource, "content"), address, at }];
  },
};

/** The types of resources that are read. @internal for tests */
export const planTypes: readonly string[] = Object.keys(readers);
