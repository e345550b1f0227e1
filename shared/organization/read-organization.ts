import type { IAMClient } from "@aws-sdk/client-iam";
import { DescribeOrganizationCommand, type OrganizationsClient } from "@aws-sdk/client-organizations";
import type { AwsAccess } from "../aws/access.ts";
import { isCode } from "../aws/errors.ts";
import { AccessDeniedError, MalformedInputError } from "../errors.ts";
import { type Fact, known, unknownFact } from "../facts/facts.ts";
import { deniedWhy } from "../facts/reading.ts";
import { byCodeUnit } from "../order.ts";
import { readOrganizationAnalyzers } from "./analyzers.ts";
import { ask } from "./ask.ts";
import { isActive, listMembers, type Member } from "./members.ts";
import type {
  Organization,
  OrganizationNode,
  OrganizationReading,
  ServiceControlPolicy,
  Tree,
} from "./organization.ts";
import { createPlaces, type Places } from "./places.ts";
import { readRootFeatures } from "./root-features.ts";
import { readServiceControl } from "./service-control.ts";
import { unlimited } from "./view.ts";

export interface ReadOrganizationOptions {
  readonly organizations: OrganizationsClient;
  /** With the caller's own credentials, in the management account or that of IAM's delegated administrator. */
  readonly iam: IAMClient;
  readonly clock: () => Date;
  /** Reads accounts, for what the organization has in some of them. */
  readonly aws: AwsAccess;
  /** What whoever reads has asked for already. */
  readonly members?: readonly Member[];
  readonly places?: Places;
  /** When they began to ask for that. Absent: now. What changed since may be missing in it. */
  readonly begunAt?: Date;
  /** Policies whose documents need not be read again, by id. */
  readonly unchanged?: ReadonlyMap<string, Pick<ServiceControlPolicy, "text" | "readAt">>;
  /** How long it may still take. Absent: as long as it takes. */
  readonly remainingMs?: () => number;
}

/** What may not be read is a fact that is not known, with the permission named. */
export const factOr = async <T>(reading: () => Promise<T>): Promise<Fact<T>> => {
  try {
    return known(await reading());
  } catch (error) {
    if (error instanceof AccessDeniedError) return unknownFact(deniedWhy(error));
    throw error;
  }
};

/**
 * Reads an organization once: its accounts, where they are, the service control policies with their documents and targets,
 * and what is centralized of root. The calls grow with the policies, and with the units that hold accounts; with the accounts
 * only as pages do, twenty a page, where Organizations tells the accounts' `Paths` (else each is asked for its parent).
 * Organizations answers few calls a second: they are made one after the other. A part that is denied is an unknown fact.
 * @throws ThrottledError; OutOfTimeError; MalformedInputError for an answer that lacks what AWS promises
 */
export const readOrganization = async (options: ReadOrganizationOptions): Promise<OrganizationReading> => {
  const readAt = options.begunAt ?? options.clock();
  return { readAt: readAt.toISOString(), organization: await organizationOf(options, readAt) };
};

const organizationOf = async (options: ReadOrganizationOptions, readAt: Date): Promise<Fact<Organization>> => {
  const { organizations, iam, places = createPlaces(organizations) } = options;
  try {
    const { Organization: described } = await ask("DescribeOrganization", () =>
      organizations.send(new DescribeOrganizationCommand({})),
    );
    const { Id: id, MasterAccountId: managementAccountId } = described ?? {};
    if (id === undefined || managementAccountId === undefined)
      throw new MalformedInputError("organizations:DescribeOrganization answered without the id or management account");
    const members = options.members ?? (await listMembers(organizations));
    return known({
      id,
      managementAccountId,
      accountIds: members.map(({ Id }) => Id),
      tree: await factOr(() => readTree(places, members)),
      serviceControl: await readServiceControl({
        ...{ organizations, places, readAt, described, unchanged: options.unchanged ?? new Map() },
        remainingMs: options.remainingMs ?? (() => Number.POSITIVE_INFINITY),
      }),
      rootFeatures: await readRootFeatures(iam),
      ...(await readOrganizationAnalyzers(organizations, options.aws, managementAccountId)),
    });
  } catch (error) {
    if (error instanceof AccessDeniedError) return unknownFact(deniedWhy(error));
    if (isCode(error, "AWSOrganizationsNotInUse")) return unlimited("the account is in no organization");
    throw error;
  }
};

const readTree = async (places: Places, members: readonly Member[]): Promise<Tree> => {
  const nodes = new Map<string, OrganizationNode>();
  const accounts: Record<string, Tree["accounts"][string]> = {};
  for (const account of members.filter(isActive)) {
    let parentId: string | null = null;
    for (const { id, name } of await places.above(account)) {
      nodes.set(id, { id, name, parentId });
      parentId = id;
    }
    if (parentId !== null) accounts[account.Id] = { name: account.Name ?? account.Id, parentId };
  }
  return { nodes: [...nodes.values()].sort((a, b) => byCodeUnit(a.id, b.id)), accounts };
};
