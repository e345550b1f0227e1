import { CreateRoleCommand } from "@aws-sdk/client-iam";
import {
  AttachPolicyCommand,
  CreateAccountCommand,
  CreatePolicyCommand,
  MoveAccountCommand,
} from "@aws-sdk/client-organizations";
import { viewOf } from "../../../shared/organization/account-view.ts";
import { addRole, administratorAccess, trusting } from "../../iam/state.ts";
import type { AccountState } from "../../state.ts";
import { forwarding } from "../arrange.ts";
import { demand, demandEqual } from "../demand.ts";
import { adminRole, type Stage } from "../stage.ts";

/** An account that is blind, one that moves, one that is limited, and one that joins. */
export const organization = async (stage: Stage): Promise<void> => {
  await seesAgain(stage);
  await moves(stage);
  await isLimited(stage);
  await joins(stage);
};

const makeRole = async ({ iam, wiring }: Stage, account: AccountState, RoleName: string): Promise<void> => {
  const AssumeRolePolicyDocument = trusting({ Service: "lambda.amazonaws.com" });
  await iam(account).send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
  await wiring.settle();
};

const seesAgain = async (stage: Stage): Promise<void> => {
  const { web, told } = stage;
  const blind = () => told("critical@example.com", web).filter((kind) => kind === "blindAccounts");
  demandEqual(blind().length, 1, "an account whose mark does not arrive is told as blind");
  forwarding(stage, web).state = "ENABLED";
  await stage.hours(2);
  demandEqual(blind().length, 2, "that it sees again is told");
};

const moves = async (stage: Stage): Promise<void> => {
  const { organizations, web, data, sandbox, wiring, told } = stage;
  const hooks = "https://hooks.example.com/prod";
  demandEqual(told(hooks, web), [], "who asked for an OU hears of no account outside it");
  // The intake keeps a list of accounts for an hour, and lists anew at once only if it hears of a change.
  await makeRole(stage, web, "old");
  sandbox.clock.advance(5 * 60_000);
  const { rootId } = sandbox.state.organization;
  await organizations().send(
    new MoveAccountCommand({ AccountId: web.id, SourceParentId: rootId, DestinationParentId: data.parentId }),
  );
  await wiring.settle();
  await makeRole(stage, web, "new");
  demand(told(hooks, web).includes("opened"), "the account that moved is told under its new OU", told(hooks, web));
  await stage.hours(1);
  const own = `arn:aws:iam::${web.id}:policy/iam-warden-boundary`;
  demandEqual(web.roles.get("new")?.boundary, own, "a new role is given its boundary within the hour");
};

const isLimited = async (stage: Stage): Promise<void> => {
  const { organizations: client, organizationStore, data, sandbox, wiring } = stage;
  /** The policies that limit an account, and what else of the organization it takes permissions to know. */
  const limits = async (): Promise<readonly string[]> => {
    const { organization } = (await organizationStore.latest()) ?? { organization: { known: false } };
    if (!organization.known) return [];
    const { serviceControl, rootFeatures, analyzers } = viewOf(organization.value, data.id);
    const policies = serviceControl.known ? serviceControl.value.flatMap((node) => node.policies) : [];
    const read = policies.map(({ name, document }) => (document.known ? name : `unread ${name}`));
    return [...read, ...(rootFeatures.known ? ["root features"] : []), ...(analyzers.known ? ["analyzers"] : [])];
  };
  const atFirst = [...Array(3).fill("FullAWSAccess"), "root features", "analyzers"];
  demandEqual(await limits(), atFirst, "what limits an account is known since the sweep");
  sandbox.clock.advance(5 * 60_000);
  const statement = { Effect: "Deny", Action: "s3:DeleteBucket", Resource: "*" };
  const { Policy } = await client().send(
    new CreatePolicyCommand({
      ...{ Name: "keep-buckets", Description: "", Type: "SERVICE_CONTROL_POLICY" },
      Content: JSON.stringify({ Version: "2012-10-17", Statement: [statement] }),
    }),
  );
  await client().send(new AttachPolicyCommand({ PolicyId: Policy?.PolicySummary?.Id, TargetId: data.parentId }));
  await wiring.settle();
  const after = atFirst.toSpliced(2, 0, "keep-buckets");
  demandEqual(await limits(), after, "a policy that limits an account is known at once");
};

const joins = async (stage: Stage): Promise<void> => {
  const { organizations, sandbox, findings, ask } = stage;
  const { state, ids, clock } = sandbox;
  const known = new Set(state.accounts.keys());
  await organizations().send(new CreateAccountCommand({ AccountName: "new", Email: "new@example.com" }));
  const joined = [...state.accounts.values()].find(({ id }) => !known.has(id));
  if (joined === undefined) throw new Error("no account was made");
  addRole(joined, ids, {
    ...{ name: adminRole, path: "/aws-reserved/sso.amazonaws.com/", createdAt: clock.now() },
    attachedPolicies: new Set([administratorAccess]),
  });
  await stage.wiring.settle();
  await makeRole(stage, joined, "new");
  demand(
    (await findings(joined)).some((line) => line.startsWith("role-without-boundary role/new")),
    "an account that joins is watched",
    await findings(joined),
  );
  const { accounts } = await ask("doctor", { command: "accounts" });
  demandEqual(accounts.length, 5, "the doctor knows the account that joined");
};
