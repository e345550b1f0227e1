import type { PolicyDocument } from "../../shared/policy/language/document.ts";
import type { PolicyLayers } from "../../shared/policy/request/authorize.ts";
import type { Role, User } from "../iam/state.ts";
import { policiesOn } from "../organizations/attachments.ts";
import { hasServiceControl } from "../organizations/tree.ts";
import type { Caller } from "../protocol/service.ts";
import type { AccountState, Principal, SandboxState } from "../state.ts";
import { boundaryOf, fullAccess, type HeldPolicy, identityPolicies, policyOf } from "./policies.ts";

/** The user or role behind a principal; undefined for root, and for one that is gone. */
export const entityOf = ({ users, roles }: AccountState, principal: Principal): User | Role | undefined => {
  if (principal.type === "root") return undefined;
  return principal.type === "user"
    ? users.get(principal.userName.toLowerCase())
    : roles.get(principal.roleName.toLowerCase());
};

/** The policies of a caller, those on resources left out. */
export interface CallerPolicies {
  readonly layers: Omit<PolicyLayers, "resource">;
  /** The caller's own, its groups' included. */
  readonly own: readonly HeldPolicy[];
  readonly boundary: readonly HeldPolicy[];
}

const documentsOf = (held: readonly HeldPolicy[]): PolicyDocument[] => held.map(({ document }) => document);
const rootPolicies: readonly HeldPolicy[] = [{ name: "root", document: fullAccess }];

/** Documents for each node from the root down to the account; undefined where SCPs have no say. */
const serviceControl = (
  state: SandboxState,
  account: AccountState,
  entity: User | Role | undefined,
): PolicyDocument[][] | undefined => {
  const { organization } = state;
  const { managementAccountId, rootId, serviceControlPolicies, withoutFullAccess, units } = organization;
  const isFree = account.id === managementAccountId || account.standalone === true;
  const isUnlimited = serviceControlPolicies.size === 0 && withoutFullAccess.size === 0;
  if (isFree || isUnlimited || !hasServiceControl(state) || entity?.path.startsWith("/aws-service-role/"))
    return undefined;
  const nodes = [account.id];
  for (let id = account.parentId; id !== rootId; id = units.get(id)?.parentId ?? rootId) nodes.unshift(id);
  return [rootId, ...nodes].map((id) => policiesOn(organization, id).map(({ document }) => policyOf(document)));
};

/** Everything that has a say in what a caller may do, by layer. Root may do what SCPs and its session allow. */
export const policiesOf = (state: SandboxState, { account, principal, session }: Caller): CallerPolicies => {
  const entity = entityOf(account, principal);
  const own = entity ? identityPolicies(account, entity) : principal.type === "root" ? rootPolicies : [];
  const boundary = entity && boundaryOf(account, entity);
  const scps = serviceControl(state, account, entity);
  return {
    layers: {
      identity: documentsOf(own),
      ...(boundary && { boundary: documentsOf(boundary) }),
      ...(session?.policies && { session: session.policies.map(policyOf) }),
      ...(scps && { serviceControl: scps }),
    },
    own,
    boundary: boundary ?? [],
  };
};
