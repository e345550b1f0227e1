import * as z from "zod";
import { type Operation, operation, sortBy } from "../protocol/service.ts";
import type { AccountState } from "../state.ts";
import * as shape from "./shapes.ts";
import type { SamlProvider } from "./state.ts";

const metadata = z.string().min(1000).max(10_000_000);
const named = { SAMLProviderArn: shape.arn };

const find = (account: AccountState, arn: string): SamlProvider => {
  const provider = account.samlProviders.get(arn);
  if (!provider) throw shape.noSuchEntity(`Manifest not found for arn ${arn}`);
  return provider;
};

/** SAML identity providers. Their metadata is kept, and nobody reads it. */
export const samlOperations: Record<string, Operation> = {
  CreateSAMLProvider: operation(
    { Name: z.string().regex(/^[\w.-]{1,128}$/), SAMLMetadataDocument: metadata },
    ({ account, now }, { Name, SAMLMetadataDocument }) => {
      const arn = `arn:aws:iam::${account.id}:saml-provider/${Name}`;
      if (account.samlProviders.has(arn)) throw shape.alreadyExists(`SAMLProvider with name ${Name} already exists.`);
      account.samlProviders.set(arn, { arn, name: Name, metadata: SAMLMetadataDocument, createdAt: now });
      return { SAMLProviderArn: arn };
    },
  ),

  UpdateSAMLProvider: operation({ ...named, SAMLMetadataDocument: metadata }, ({ account }, input) => {
    find(account, input.SAMLProviderArn).metadata = input.SAMLMetadataDocument;
    return { SAMLProviderArn: input.SAMLProviderArn };
  }),

  DeleteSAMLProvider: operation(named, ({ account }, input) => {
    find(account, input.SAMLProviderArn);
    account.samlProviders.delete(input.SAMLProviderArn);
  }),

  ListSAMLProviders: operation({}, ({ account }) => ({
    SAMLProviderList: sortBy(account.samlProviders.values(), ({ arn }) => arn).map(({ arn, createdAt }) => ({
      Arn: arn,
      CreateDate: createdAt,
    })),
  })),
};
