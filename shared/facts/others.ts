import {
  GetGroupCommand,
  GetOpenIDConnectProviderCommand,
  type GetOpenIDConnectProviderResponse,
  GetPolicyCommand,
  type Group,
  type GroupDetail,
  type IAMClient,
  ListOpenIDConnectProvidersCommand,
  ListSAMLProvidersCommand,
  ListServerCertificatesCommand,
  type ManagedPolicyDetail,
  type Policy,
  type ServerCertificateMetadata,
} from "@aws-sdk/client-iam";
import { nameOfArn, oidcProviderArn, parseArn, policyArn } from "../aws/arn.ts";
import { call } from "../aws/errors.ts";
import { byCodeUnit } from "../order.ts";
import type { AccountRef } from "../subject.ts";
import {
  type CustomerPolicyFacts,
  type Fact,
  type GroupFacts,
  known,
  type OidcProviderFacts,
  type OwnPolicies,
  type PolicyFacts,
  type PolicyQuotas,
  type ResourceFacts,
  type SamlProviderFacts,
  type ServerCertificateFacts,
  unknownFact,
} from "./facts.ts";
import type { PolicyReader } from "./live-policies.ts";
import type { LiveReader } from "./readers.ts";
import { ifExists, maxItems, pages, type Read } from "./reading.ts";
import { required, tagsOf } from "./shapes.ts";

// What IAM says of subjects that are neither principals nor credentials, for both readers alike.

/** AWS's own managed policies belong to no account. */
export const isOfAws = (policyArn: string): boolean => parseArn(policyArn).accountId === "aws";

export const groupFacts = (
  account: AccountRef,
  group: Group | GroupDetail,
  { policies, quotas }: { readonly policies: Fact<OwnPolicies>; readonly quotas: Fact<PolicyQuotas> },
): GroupFacts => ({
  kind: "group",
  account,
  name: required(group.GroupName, "GroupName"),
  path: required(group.Path, "Path"),
  arn: required(group.Arn, "Arn"),
  createdAt: required(group.CreateDate, "CreateDate"),
  policies,
  quotas,
});

export const customerPolicyFacts = (
  account: AccountRef,
  policy: Policy | ManagedPolicyDetail,
  { document, size }: PolicyFacts,
  quotas: Fact<PolicyQuotas>,
): CustomerPolicyFacts => ({
  kind: "policy",
  account,
  name: `${required(policy.Path, "Path").slice(1)}${required(policy.PolicyName, "PolicyName")}`,
  arn: required(policy.Arn, "Arn"),
  createdAt: required(policy.CreateDate, "CreateDate"),
  document,
  size,
  quotas,
  attachments: policy.AttachmentCount ?? 0,
  boundaryOf: policy.PermissionsBoundaryUsageCount ?? 0,
});

type ReadQuotas = () => Promise<Fact<PolicyQuotas>>;

/** A policy of the account by its name with its path; `undefined` if there is none. */
const readCustomerPolicy = async (
  iam: IAMClient,
  account: AccountRef,
  arn: string,
  { managed }: PolicyReader,
  quotas: ReadQuotas,
): Promise<CustomerPolicyFacts | undefined> =>
  ifExists(
    (async () => {
      const { Policy: policy } = await call("iam:GetPolicy", account.id, () =>
        iam.send(new GetPolicyCommand({ PolicyArn: arn })),
      );
      return policy && customerPolicyFacts(account, policy, ...(await Promise.all([managed(arn), quotas()])));
    })(),
  );

/** A group by its name; `undefined` if there is none. */
const readGroup = (
  iam: IAMClient,
  account: AccountRef,
  GroupName: string,
  reader: PolicyReader,
  readQuotas: ReadQuotas,
): Promise<GroupFacts | undefined> =>
  ifExists(
    (async () => {
      const { Group: group } = await call("iam:GetGroup", account.id, () =>
        iam.send(new GetGroupCommand({ GroupName, MaxItems: 1 })),
      );
      if (group === undefined) return undefined;
      const [policies, quotas] = await Promise.all([reader.group(GroupName), readQuotas()]);
      return groupFacts(account, group, { policies, quotas });
    })(),
  );

/** `token.actions.githubusercontent.com` of the provider's ARN. */
const issuerOf = (arn: string): string => parseArn(arn).resource.replace(/^oidc-provider\//, "");

const oidcProviderFacts = (
  account: AccountRef,
  arn: string,
  provider: Fact<GetOpenIDConnectProviderResponse>,
): OidcProviderFacts => ({
  kind: "oidcProvider",
  account,
  name: issuerOf(arn),
  arn,
  createdAt: !provider.known
    ? provider
    : provider.value.CreateDate
      ? known(provider.value.CreateDate)
      : unknownFact("IAM answered without CreateDate"),
  clientIds: provider.known ? known((provider.value.ClientIDList ?? []).toSorted(byCodeUnit)) : provider,
  tags: provider.known ? tagsOf(provider.value.Tags) : {},
});

/** One provider; `undefined` if there is none. */
const readOidcProvider = async (
  iam: IAMClient,
  account: AccountRef,
  arn: string,
  read: Read,
): Promise<OidcProviderFacts | undefined> =>
  ifExists(
    (async () => {
      const provider = await read("iam:GetOpenIDConnectProvider", account.id, () =>
        iam.send(new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: arn })),
      );
      return oidcProviderFacts(account, arn, provider);
    })(),
  );

/** The account's providers, of which most accounts have none or a few: a call for the list and one for each. Ordered by name. */
export const readOidcProviders = async (
  iam: IAMClient,
  account: AccountRef,
  read: Read,
): Promise<Fact<readonly OidcProviderFacts[]>> => {
  const listed = await read("iam:ListOpenIDConnectProviders", account.id, async () => {
    const answer = await iam.send(new ListOpenIDConnectProvidersCommand({}));
    return (answer.OpenIDConnectProviderList ?? []).flatMap(({ Arn }) => (Arn === undefined ? [] : [Arn]));
  });
  if (!listed.known) return listed;
  const providers: OidcProviderFacts[] = [];
  for (const arn of listed.value) {
    const provider = await readOidcProvider(iam, account, arn, read);
    if (provider !== undefined) providers.push(provider);
  }
  return known(providers.sort((a, b) => byCodeUnit(a.name, b.name)));
};

const listSamlProviders = async (iam: IAMClient, account: AccountRef): Promise<readonly SamlProviderFacts[]> => {
  const { SAMLProviderList = [] } = await iam.send(new ListSAMLProvidersCommand({}));
  return SAMLProviderList.map(({ Arn, CreateDate }): SamlProviderFacts => {
    const arn = required(Arn, "Arn");
    const createdAt = CreateDate ? known(CreateDate) : unknownFact("IAM answered without CreateDate");
    return { kind: "samlProvider", account, name: nameOfArn(arn), arn, createdAt };
  }).sort((a, b) => byCodeUnit(a.name, b.name));
};

/** The account's SAML providers, of which most accounts have one or none. Ordered by name. */
export const readSamlProviders = (
  iam: IAMClient,
  account: AccountRef,
  read: Read,
): Promise<Fact<readonly SamlProviderFacts[]>> =>
  read("iam:ListSAMLProviders", account.id, () => listSamlProviders(iam, account));

/** One of them: their list says all that is asked, without the metadata. */
const readSamlProvider = async (
  iam: IAMClient,
  account: AccountRef,
  name: string,
): Promise<SamlProviderFacts | undefined> => {
  const all = await call("iam:ListSAMLProviders", account.id, () => listSamlProviders(iam, account));
  return all.find((one) => one.name === name);
};

const serverCertificateFacts = (
  account: AccountRef,
  certificate: ServerCertificateMetadata,
): ServerCertificateFacts => ({
  kind: "serverCertificate",
  account,
  name: required(certificate.ServerCertificateName, "ServerCertificateName"),
  arn: required(certificate.Arn, "Arn"),
  expiresAt: certificate.Expiration ? known(certificate.Expiration) : unknownFact("IAM answered without Expiration"),
});

const listServerCertificates = async (
  iam: IAMClient,
  account: AccountRef,
): Promise<readonly ServerCertificateFacts[]> => {
  const found: ServerCertificateFacts[] = [];
  const list = pages((marker) => iam.send(new ListServerCertificatesCommand({ MaxItems: maxItems, ...marker })));
  for await (const page of list)
    found.push(...(page.ServerCertificateMetadataList ?? []).map((one) => serverCertificateFacts(account, one)));
  return found.sort((a, b) => byCodeUnit(a.name, b.name));
};

/** The account's server certificates, of which most accounts have none. Ordered by name. */
export const readServerCertificates = (
  iam: IAMClient,
  account: AccountRef,
  read: Read,
): Promise<Fact<readonly ServerCertificateFacts[]>> =>
  read("iam:ListServerCertificates", account.id, () => listServerCertificates(iam, account));

/** One of them: their list says all that is asked, without the certificate itself. */
const readServerCertificate = async (
  iam: IAMClient,
  account: AccountRef,
  name: string,
): Promise<ServerCertificateFacts | undefined> => {
  const all = await call("iam:ListServerCertificates", account.id, () => listServerCertificates(iam, account));
  return all.find((one) => one.name === name);
};

/** Reads one of them live, by the name that its facts have; `undefined` if there is none. */
export const createOtherReader =
  (
    iam: IAMClient,
    { account, partition }: { readonly account: AccountRef; readonly partition: string },
    {
      policies,
      quotas,
      read,
      readResource,
    }: {
      readonly policies: PolicyReader;
      readonly quotas: ReadQuotas;
      readonly read: Read;
      readonly readResource: (arn: string) => Promise<ResourceFacts>;
    },
  ): LiveReader["other"] =>
  async (kind, name) => {
    switch (kind) {
      case "group":
        return readGroup(iam, account, name, policies, quotas);
      case "policy":
        return readCustomerPolicy(iam, account, policyArn(partition, account.id, name), policies, quotas);
      case "serverCertificate":
        return readServerCertificate(iam, account, name);
      case "samlProvider":
        return readSamlProvider(iam, account, name);
      case "resource":
        return readResource(name);
      case "oidcProvider":
        return readOidcProvider(iam, account, oidcProviderArn(partition, account.id, name), read);
    }
  };
