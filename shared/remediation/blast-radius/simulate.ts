import { type EvaluationResult, SimulateCustomPolicyCommand } from "@aws-sdk/client-iam";
import { call } from "../../aws/errors.ts";
import { MalformedInputError } from "../../errors.ts";
import { maxItems, pages } from "../../facts/reading.ts";
import type { AccountAccess } from "../account-access.ts";

/** Asked for in one call: well below where the simulator's requests and answers become too long. */
const actionsPerCall = 25;
const resourcesPerCall = 20;

export interface Asked {
  /** `service:Action`. */
  readonly action: string;
  readonly resources: readonly string[];
}

/** What the simulator says of an action on a resource. */
export type Answers = (action: string, resource: string) => EvaluationResult;

/**
 * Asks the policy simulator of each action on each of its resources, without any context values.
 * @param boundary the texts of the boundary; none if there is none
 * @throws AccessDeniedError | ThrottledError, or the SDK's own error (`InvalidInput` for an action that does not exist)
 */
export const simulate = async (
  { accountId, iam }: AccountAccess,
  { policies, boundary }: { readonly policies: readonly string[]; readonly boundary: readonly string[] },
  asked: readonly Asked[],
): Promise<Answers> => {
  const alike = Map.groupBy(asked, ({ resources }) => JSON.stringify(resources));
  const answers = new Map<string, EvaluationResult>();
  for (const group of alike.values())
    for (const some of chunks(group, actionsPerCall))
      for (const ResourceArns of chunks(some[0]?.resources ?? [], resourcesPerCall)) {
        const input = {
          PolicyInputList: [...policies],
          ...(boundary.length > 0 && { PermissionsBoundaryPolicyInputList: [...boundary] }),
          ActionNames: some.map(({ action }) => action),
          ResourceArns,
          MaxItems: maxItems,
        };
        const list = pages((marker) =>
          call("iam:SimulateCustomPolicy", accountId, () =>
            iam.send(new SimulateCustomPolicyCommand({ ...input, ...marker })),
          ),
        );
        for await (const { EvaluationResults = [] } of list)
          for (const one of EvaluationResults)
            answers.set(keyOf(one.EvalActionName ?? "", one.EvalResourceName ?? "*"), one);
      }
  return (action, resource) => {
    const answer = answers.get(keyOf(action, resource));
    if (answer === undefined)
      throw new MalformedInputError(`iam:SimulateCustomPolicy did not answer for ${action} on ${resource}`);
    return answer;
  };
};

const keyOf = (action: string, resource: string): string => `${action.toLowerCase()} ${resource}`;

const chunks = <T>(items: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));
