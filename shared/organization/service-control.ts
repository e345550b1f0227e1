import {
  type Organization as Described,
  DescribePolicyCommand,
  ListPoliciesCommand,
  ListTargetsForPolicyCommand,
  type OrganizationsClient,
  type PolicySummary,
} from "@aws-sdk/client-organizations";
import { isCode } from "../aws/errors.ts";
import { AccessDeniedError, MalformedInputError, OutOfTimeError } from "../errors.ts";
import { type Fact, known, unknownFact } from "../facts/facts.ts";
import { deniedWhy, read } from "../facts/reading.ts";
import { byCodeUnit } from "../order.ts";
import { ask, items } from "./ask.ts";
import type { ServiceControlPolicy } from "./organization.ts";
import type { Places } from "./places.ts";

const type = "SERVICE_CONTROL_POLICY";

/** Time that calls of one policy may take, throttled ones included. */
const neededMs = 10_000;

interface Options {
  readonly organizations: OrganizationsClient;
  readonly places: Places;
  readonly readAt: Date;
  readonly described: Described | undefined;
  readonly unchanged: ReadonlyMap<string, Pick<ServiceControlPolicy, "text" | "readAt">>;
  readonly remainingMs: () => number;
}

/**
 * The service control policies that are attached to something, ordered by id; `null` where the organization has none in
 * force: it has not all features, or its root does not have the policy type enabled. Of a denied document only the text is
 * unknown.
 * @see https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
 */
export const readServiceControl = async (options: Options): Promise<Fact<readonly ServiceControlPolicy[] | null>> => {
  const { organizations, places, described, remainingMs } = options;
  if (described?.FeatureSet === "CONSOLIDATED_BILLING") return known(null);
  try {
    const roots = await places.roots();
    if (roots.length === 0) throw new MalformedInputError("organizations:ListRoots answered without a root");
    const isEnabled = roots.some(({ PolicyTypes }) =>
      PolicyTypes?.some(({ Type, Status }) => Type === type && Status === "ENABLED"),
    );
    if (!isEnabled) return known(null);
    const summaries = await Array.fromAsync(
      items(async (at) => {
        const answer = await ask("ListPolicies", () =>
          organizations.send(new ListPoliciesCommand({ Filter: type, ...at })),
        );
        return { page: answer.Policies, next: answer.NextToken };
      }),
    );
    const policies: ServiceControlPolicy[] = [];
    for (const [index, summary] of summaries.entries()) {
      const inTime = (): void => {
        if (remainingMs() < neededMs)
          throw new OutOfTimeError(`The time was up after ${index} of ${summaries.length} service control policies`);
      };
      const policy = await ifStillThere(() => readPolicy(options, summary, inTime));
      if (policy !== undefined && policy.targets.length > 0) policies.push(policy);
    }
    return known(policies.sort((a, b) => byCodeUnit(a.id, b.id)));
  } catch (error) {
    if (error instanceof AccessDeniedError) return unknownFact(deniedWhy(error));
    throw error;
  }
};

/** A policy that is deleted between two calls limits nobody. */
const ifStillThere = async <T>(reading: () => Promise<T>): Promise<T | undefined> => {
  try {
    return await reading();
  } catch (error) {
    if (isCode(error, "PolicyNotFound")) return undefined;
    throw error;
  }
};

/** Where nothing has it attached, nobody needs its document. */
const readPolicy = async (
  { organizations, readAt, unchanged }: Options,
  { Id: id = "", Name: name = id, Arn: arn = "" }: PolicySummary,
  inTime: () => void,
): Promise<ServiceControlPolicy> => {
  const targets: string[] = [];
  const listed = items(async (at) => {
    inTime();
    const answer = await ask("ListTargetsForPolicy", () =>
      organizations.send(new ListTargetsForPolicyCommand({ PolicyId: id, ...at })),
    );
    return { page: answer.Targets, next: answer.NextToken };
  });
  for await (const { TargetId } of listed) if (TargetId !== undefined) targets.push(TargetId);
  targets.sort(byCodeUnit);
  const before = unchanged.get(id);
  if (before !== undefined || targets.length === 0)
    return {
      id,
      name,
      arn,
      targets,
      ...(before ?? { text: unknownFact("nobody read it"), readAt: readAt.toISOString() }),
    };
  const described = await read("organizations:DescribePolicy", "the organization", () =>
    organizations.send(new DescribePolicyCommand({ PolicyId: id })),
  );
  const content = described.known ? described.value.Policy?.Content : undefined;
  const text = !described.known
    ? described
    : content === undefined
      ? unknownFact("organizations:DescribePolicy answered without the policy document")
      : known(content);
  return { id, name, arn, targets, text, readAt: readAt.toISOString() };
};
