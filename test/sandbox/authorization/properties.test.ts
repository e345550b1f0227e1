import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addRole, addUser } from "../../../sandbox/iam/state.ts";
import { limitTo } from "../../../sandbox/organizations/attachments.ts";
import { createSandbox } from "../../../sandbox/sandbox.ts";
import { addAccount } from "../../../sandbox/state.ts";

const memberId = "222222222222";
const users = ["ann", "bob"] as const;
const userArn = (name: string) => `arn:aws:iam::${memberId}:user/${name}`;
const roleArn = `arn:aws:iam::${memberId}:role/app`;
const boundaryArn = `arn:aws:iam::${memberId}:policy/boundary`;

const condition = fc.constantFrom<object>(
  {},
  { Condition: { StringEquals: { "aws:PrincipalAccount": memberId } } },
  { Condition: { StringEquals: { "aws:PrincipalAccount": "999999999999" } } },
  { Condition: { ArnNotLike: { "aws:PrincipalArn": roleArn } } },
);
const actions = fc.constantFrom("*", "iam:*", "iam:Get*", "iam:GetUser", "iam:ListGroupsForUser", "s3:*");
const resources = fc.constantFrom("*", userArn("*"), userArn("bob"), userArn("a??"), "arn:aws:s3:::*");
const statementOf = (effect: fc.Arbitrary<"Allow" | "Deny">) =>
  fc
    .tuple(effect, actions, fc.boolean(), resources, fc.boolean(), condition)
    .map(([Effect, action, notAction, resource, notResource, more]) => ({
      Effect,
      [notAction ? "NotAction" : "Action"]: action,
      [notResource ? "NotResource" : "Resource"]: resource,
      ...more,
    }));
const statement = statementOf(fc.constantFrom("Allow", "Allow", "Deny"));
const statements = fc.array(statement, { minLength: 1, maxLength: 4 });
const policies = fc.record({
  identity: statements,
  boundary: fc.option(statements, { nil: undefined }),
  session: fc.option(statements, { nil: undefined }),
  serviceControl: fc.option(statements, { nil: undefined }),
});
interface Policies {
  readonly identity: readonly object[];
  readonly boundary?: readonly object[] | undefined;
  readonly session?: readonly object[] | undefined;
  readonly serviceControl?: readonly object[] | undefined;
}

const documentOf = (Statement: readonly object[]) => JSON.stringify({ Version: "2012-10-17", Statement });
const requests = ["GetUser", "ListGroupsForUser"].flatMap((operation) =>
  users.map((UserName) => ({ operation, UserName })),
);
const region = "us-east-1";

/** Which of the requests a role with these policies may make, and what the simulator says that it may. */
const allowedBy = async ({ identity, boundary, session, serviceControl }: Policies) => {
  const sandbox = createSandbox();
  const { state, ids, clock } = sandbox;
  const createdAt = clock.now();
  const member = addAccount(state, { id: memberId, name: "member", joinedAt: createdAt });
  for (const name of users) addUser(member, ids, { name, createdAt });
  const role = addRole(member, ids, {
    name: "app",
    createdAt,
    inlinePolicies: new Map([["own", documentOf(identity)]]),
  });
  if (boundary) {
    const versions = [{ id: "v1", document: documentOf(boundary), createdAt }];
    member.policies.set(boundaryArn, {
      ...{
        name: "boundary",
        path: "/",
        id: "ANPA1",
        arn: boundaryArn,
        description: "",
        createdAt,
        updatedAt: createdAt,
      },
      ...{ tags: new Map(), versions, defaultVersionId: "v1", nextVersion: 2 },
    });
    role.boundary = boundaryArn;
  }
  if (serviceControl) limitTo(state.organization, memberId, [documentOf(serviceControl)]);
  const credentials = sandbox.credentialsFor(memberId, { role: "app" });
  if (session) Object.assign(state.sessions.get(credentials.accessKeyId) ?? {}, { policies: [documentOf(session)] });
  const made: string[] = [];
  for (const { operation, UserName } of requests) {
    const call = sandbox.call(credentials, { service: "iam", operation, region, input: { UserName } });
    if (
      await call.then(
        () => true,
        () => false,
      )
    )
      made.push(`${operation} ${UserName}`);
  }
  // The simulator is asked by root, whom an SCP may keep from it.
  if (serviceControl) return { made, simulated: undefined };
  const { EvaluationResults } = Object(
    await sandbox.call(sandbox.credentialsFor(memberId, "root"), {
      ...{ service: "iam", operation: "SimulatePrincipalPolicy", region },
      input: {
        PolicySourceArn: role.arn,
        ActionNames: ["iam:GetUser", "iam:ListGroupsForUser"],
        ResourceArns: users.map(userArn),
        ContextEntries: [
          { ContextKeyName: "aws:PrincipalAccount", ContextKeyValues: [memberId], ContextKeyType: "string" },
          { ContextKeyName: "aws:PrincipalArn", ContextKeyValues: [roleArn], ContextKeyType: "string" },
        ],
      },
    }),
  );
  const simulated = EvaluationResults.filter(
    ({ EvalDecision }: { EvalDecision: string }) => EvalDecision === "allowed",
  ).map(
    ({ EvalActionName, EvalResourceName }: { EvalActionName: string; EvalResourceName: string }) =>
      `${EvalActionName.slice("iam:".length)} ${EvalResourceName.slice(userArn("").length)}`,
  );
  return { made, simulated };
};

const layers = ["identity", "boundary", "session", "serviceControl"] as const;
const runs = { numRuns: 150 };

describe("whatever the policies", () => {
  test("one more deny, in whichever layer, allows nothing more", async () => {
    const deny = statementOf(fc.constant("Deny"));
    await fc.assert(
      fc.asyncProperty(policies, deny, fc.constantFrom(...layers), async (before, more, layer) => {
        const { made } = await allowedBy(before);
        const own = before[layer];
        fc.pre(own !== undefined);
        const after = await allowedBy({ ...before, [layer]: [...(own ?? []), more] });
        expect(made).toEqual(expect.arrayContaining(after.made));
      }),
      runs,
    );
  });

  test("one allow less, in whichever layer, allows nothing more", async () => {
    await fc.assert(
      fc.asyncProperty(policies, fc.constantFrom(...layers), async (before, layer) => {
        const { made } = await allowedBy(before);
        const at = before[layer]?.findIndex(({ Effect }) => Effect === "Allow") ?? -1;
        fc.pre(at >= 0);
        const after = await allowedBy({ ...before, [layer]: before[layer]?.toSpliced(at, 1) });
        expect(made).toEqual(expect.arrayContaining(after.made));
      }),
      runs,
    );
  });

  test("one more layer that limits allows nothing more", async () => {
    await fc.assert(
      fc.asyncProperty(policies, fc.constantFrom("boundary", "session", "serviceControl"), async (with_, layer) => {
        const without = await allowedBy({ ...with_, [layer]: undefined });
        expect(without.made).toEqual(expect.arrayContaining((await allowedBy(with_)).made));
      }),
      runs,
    );
  });

  test("a role may call what the simulator says of its policies and boundary", async () => {
    let allowed = 0;
    await fc.assert(
      fc.asyncProperty(policies, async ({ identity, boundary }) => {
        const { made, simulated } = await allowedBy({ identity, boundary });
        allowed += made.length;
        expect(made).toEqual(simulated);
      }),
      { numRuns: 300 },
    );
    expect(allowed).toBeGreaterThan(0);
  });
});
