import { DescribeOrganizationsAccessCommand } from "@aws-sdk/client-cloudformation";
import { ListOrganizationsFeaturesCommand } from "@aws-sdk/client-iam";
import {
  paginateListAWSServiceAccessForOrganization,
  paginateListDelegatedServicesForAccount,
} from "@aws-sdk/client-organizations";
import { classify, errorCodeOf } from "../../shared/aws/errors.ts";
import { messageOf } from "../../shared/errors.ts";
import { type Fact, known, unknownFact } from "../../shared/facts/facts.ts";
import type { Clients, Observed } from "./steps.ts";

/** IAM's codes come with and without `Exception` at their end. */
const isCode = (error: unknown, code: string): boolean => errorCodeOf(error).replace(/Exception$/, "") === code;

/**
 * Makes a read that may fail; `none` names the refusal that says that there is nothing.
 */
const read = async <T>(
  permission: string,
  send: () => Promise<T>,
  none?: { readonly code: string; readonly value: T },
): Promise<Fact<T>> => {
  try {
    return known(await send());
  } catch (error) {
    if (none !== undefined && isCode(error, none.code)) return known(none.value);
    return unknownFact(messageOf(classify(error, permission) ?? error));
  }
};

const collected = async (pages: AsyncIterable<readonly (string | undefined)[]>): Promise<ReadonlySet<string>> => {
  const all = new Set<string>();
  for await (const page of pages) for (const name of page) if (name !== undefined) all.add(name);
  return all;
};

/** Reads what is switched on already, changing nothing. */
export const observe = async ({ organizations, iam, cloudFormation }: Clients, hub: string): Promise<Observed> => {
  async function* trusted() {
    for await (const page of paginateListAWSServiceAccessForOrganization({ client: organizations }, {}))
      yield (page.EnabledServicePrincipals ?? []).map(({ ServicePrincipal }) => ServicePrincipal);
  }
  async function* delegated() {
    for await (const page of paginateListDelegatedServicesForAccount({ client: organizations }, { AccountId: hub }))
      yield (page.DelegatedServices ?? []).map(({ ServicePrincipal }) => ServicePrincipal);
  }
  return {
    trusted: await read("organizations:ListAWSServiceAccessForOrganization", () => collected(trusted())),
    delegated: await read("organizations:ListDelegatedServicesForAccount", () => collected(delegated()), {
      code: "AccountNotRegistered",
      value: new Set(),
    }),
    stackSetsActivated: await read("cloudformation:DescribeOrganizationsAccess", async () => {
      const { Status } = await cloudFormation.send(new DescribeOrganizationsAccessCommand({}));
      return Status === "ENABLED";
    }),
    rootFeatures: await read<ReadonlySet<string>>(
      "iam:ListOrganizationsFeatures",
      async () => new Set((await iam.send(new ListOrganizationsFeaturesCommand({}))).EnabledFeatures ?? []),
      { code: "ServiceAccessNotEnabled", value: new Set() },
    ),
  };
};
