import type { Needs } from "../protocol/service.ts";
import type { SandboxState } from "../state.ts";
import { policyArnOf } from "./attachments.ts";
import { arnOf } from "./tree.ts";

const fields = [
  ...["AccountId", "ParentId", "SourceParentId", "DestinationParentId", "ChildId", "OrganizationalUnitId"],
  ...["ResourceId", "PolicyId", "TargetId", "RootId"],
];

const arnById = (state: SandboxState, id: string): string => {
  if (id.startsWith("p-")) return policyArnOf(state, id);
  if (id.startsWith("r-")) return arnOf(state, "root", `/${id}`);
  return arnOf(state, id.startsWith("ou-") ? "ou" : "account", `/${id}`);
};

/**
 * What an operation of Organizations asks its caller's policies for: its action, on each root, unit and account that its input
 * names. They are the management account's, and a delegated administrator needs no policy of theirs.
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsorganizations.html
 */
export const organizationNeeds: Needs<Readonly<Record<string, unknown>>> = ({ account, state }, input) => {
  const ids = fields.map((name) => input[name]).filter((id) => typeof id === "string");
  const resources = ids.length === 0 ? ["*"] : ids.map((id) => arnById(state, id));
  return resources.map((resource) => ({ resource, accountId: account.id }));
};
