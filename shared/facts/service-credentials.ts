import {
  type IAMClient,
  ListServiceSpecificCredentialsCommand,
  type ServiceSpecificCredentialMetadata,
} from "@aws-sdk/client-iam";
import { byCodeUnit } from "../order.ts";
import { type Fact, known, type ServiceCredentialFacts } from "./facts.ts";
import { maxItems, pages, type Read } from "./reading.ts";
import { required } from "./shapes.ts";

/** Those of each user who has any, by the user's name. */
export type ServiceCredentialsByUser = Fact<ReadonlyMap<string, readonly ServiceCredentialFacts[]>>;

const factsOf = (credential: ServiceSpecificCredentialMetadata): ServiceCredentialFacts => ({
  id: required(credential.ServiceSpecificCredentialId, "ServiceSpecificCredentialId"),
  service: required(credential.ServiceName, "ServiceName"),
  // Whatever else IAM may call one some day, it is not known to be out of use.
  active: credential.Status !== "Inactive" && credential.Status !== "Expired",
  createdAt: required(credential.CreateDate, "CreateDate"),
  expiresAt: credential.ExpirationDate ?? null,
});

const list = async (
  iam: IAMClient,
  of: { readonly UserName: string } | { readonly AllUsers: true },
): Promise<readonly ServiceSpecificCredentialMetadata[]> => {
  const found: ServiceSpecificCredentialMetadata[] = [];
  const listed = pages((marker) =>
    iam.send(new ListServiceSpecificCredentialsCommand({ ...of, MaxItems: maxItems, ...marker })),
  );
  for await (const page of listed) found.push(...(page.ServiceSpecificCredentials ?? []));
  return found;
};

const inOrder = (a: ServiceCredentialFacts, b: ServiceCredentialFacts): number =>
  a.createdAt.getTime() - b.createdAt.getTime() || byCodeUnit(a.id, b.id);

/** One user's. @throws the SDK's own error `NoSuchEntity` if there is no such user */
export const readServiceCredentials = async (
  iam: IAMClient,
  accountId: string,
  userName: string,
  read: Read,
): Promise<Fact<readonly ServiceCredentialFacts[]>> => {
  const found = await read("iam:ListServiceSpecificCredentials", accountId, () => list(iam, { UserName: userName }));
  return found.known ? known(found.value.map(factsOf).sort(inOrder)) : found;
};

/** Those of all users of the account, in one list. */
export const readAllServiceCredentials = async (
  iam: IAMClient,
  accountId: string,
  read: Read,
): Promise<ServiceCredentialsByUser> => {
  const found = await read("iam:ListServiceSpecificCredentials", accountId, () => list(iam, { AllUsers: true }));
  if (!found.known) return found;
  const byUser = Map.groupBy(found.value, ({ UserName }) => required(UserName, "UserName"));
  return known(new Map([...byUser].map(([name, some]) => [name, some.map(factsOf).sort(inOrder)])));
};
