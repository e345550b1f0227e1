import * as z from "zod";
import { list, type Operation, operation, sortBy } from "../protocol/service.ts";
import type { AccountState } from "../state.ts";
import * as shape from "./shapes.ts";
import type { OidcProvider } from "./state.ts";

const thumbprints = list(z.string().length(40));
const clientId = z.string().min(1).max(255);
const named = { OpenIDConnectProviderArn: shape.arn };

const find = (account: AccountState, arn: string): OidcProvider => {
  const provider = account.oidcProviders.get(arn);
  if (!provider) throw shape.noSuchEntity(`OpenIDConnect Provider not found for arn ${arn}`);
  return provider;
};

/** Identity providers that roles may trust. */
export const oidcOperations: Record<string, Operation> = {
  CreateOpenIDConnectProvider: operation(
    {
      Url: z.string().min(1).max(255),
      ClientIDList: list(clientId).optional(),
      ThumbprintList: thumbprints.optional(),
      Tags: shape.tagList.optional(),
    },
    ({ account, now }, { Url, ClientIDList = [], ThumbprintList = [], Tags }) => {
      if (!/^https:\/\/[^?#]+$/.test(Url)) throw shape.invalidInput("Invalid Open ID Connect Provider URL");
      const url = Url.slice("https://".length);
      const arn = `arn:aws:iam::${account.id}:oidc-provider/${url}`;
      if (account.oidcProviders.has(arn)) throw shape.alreadyExists(`Provider with url ${Url} already exists.`);
      const tags = shape.tagMap(Tags);
      const provider = {
        arn,
        url,
        clientIds: new Set(ClientIDList),
        thumbprints: ThumbprintList,
        createdAt: now,
        tags,
      };
      account.oidcProviders.set(arn, provider);
      return { OpenIDConnectProviderArn: arn, Tags: shape.someTags(tags) };
    },
  ),

  GetOpenIDConnectProvider: operation(named, ({ account }, input) => {
    const provider = find(account, input.OpenIDConnectProviderArn);
    return {
      Url: provider.url,
      ClientIDList: [...provider.clientIds],
      ThumbprintList: provider.thumbprints,
      CreateDate: provider.createdAt,
      Tags: shape.someTags(provider.tags),
    };
  }),

  ListOpenIDConnectProviders: operation({}, ({ account }) => ({
    OpenIDConnectProviderList: sortBy(account.oidcProviders.keys(), (arn) => arn).map((Arn) => ({ Arn })),
  })),

  DeleteOpenIDConnectProvider: operation(named, ({ account }, input) => {
    find(account, input.OpenIDConnectProviderArn);
    account.oidcProviders.delete(input.OpenIDConnectProviderArn);
  }),

  UpdateOpenIDConnectProviderThumbprint: operation({ ...named, ThumbprintList: thumbprints }, ({ account }, input) => {
    find(account, input.OpenIDConnectProviderArn).thumbprints = input.ThumbprintList;
  }),

  AddClientIDToOpenIDConnectProvider: operation({ ...named, ClientID: clientId }, ({ account }, input) => {
    find(account, input.OpenIDConnectProviderArn).clientIds.add(input.ClientID);
  }),

  RemoveClientIDFromOpenIDConnectProvider: operation({ ...named, ClientID: clientId }, ({ account }, input) => {
    find(account, input.OpenIDConnectProviderArn).clientIds.delete(input.ClientID);
  }),
};
