import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addGroup, addRole, addUser, type ManagedPolicy } from "../../sandbox/iam/state.ts";
import { createSandbox } from "../../sandbox/sandbox.ts";
import { readHasConsoleUsers } from "../../shared/facts/console-users.ts";
import { type Fact, known, type PrincipalPolicies } from "../../shared/facts/facts.ts";
import { createLiveReader } from "../../shared/facts/live.ts";
import { policyFacts } from "../../shared/facts/policies.ts";
import { readSnapshot } from "../../shared/facts/snapshot.ts";
import { unlimited } from "../../shared/organization/view.ts";
import { accountWith, failing, memberId } from "../support/iam-account.ts";

const document = (action: string): string =>
  JSON.stringify({ Version: "2012-10-17", Statement: { Effect: "Allow", Action: action, Resource: "*" } }, null, 2);

const arnOf = (name: string): string => `arn:aws:iam::${memberId}:policy/${name}`;
const providerArn = `arn:aws:iam::${memberId}:oidc-provider/token.actions.githubusercontent.com`;
const readOnly = "arn:aws:iam::aws:policy/ReadOnlyAccess";
const powerUser = "arn:aws:iam::aws:policy/PowerUserAccess";

const managedPolicy = (name: string, action: string): ManagedPolicy => ({
  name,
  path: "/",
  id: `ANPA${name.toUpperCase()}`,
  arn: arnOf(name),
  description: "",
  createdAt: new Date("2026-01-01T00:00:00Z"),
  updatedAt: new Date("2026-01-01T00:00:00Z"),
  tags: new Map(),
  versions: [
    { id: "v1", document: document("nothing:AtAll"), createdAt: new Date("2026-01-01T00:00:00Z") },
    { id: "v2", document: document(action), createdAt: new Date("2026-01-02T00:00:00Z") },
  ],
  defaultVersionId: "v2",
  nextVersion: 3,
});

/** An account whose user `ann`, in a group, and role `app` have policies of every kind. */
const start = () => {
  const sandbox = createSandbox();
  const world = accountWith(sandbox, []);
  const { account } = world;
  const { ids } = sandbox;
  const createdAt = new Date("2026-01-01T00:00:00Z");
  for (const policy of [managedPolicy("team", "s3:*"), managedPolicy("boundary", "*")])
    account.policies.set(policy.arn, policy);
  addGroup(account, ids, {
    name: "Staff",
    createdAt,
    inlinePolicies: new Map([["of-staff", document("ec2:Describe*")]]),
    attachedPolicies: new Set([readOnly]),
  });
  addUser(account, ids, {
    name: "ann",
    createdAt,
    inlinePolicies: new Map([
      ["z-last", document("sqs:*")],
      ["a-first", document("sns:*")],
    ]),
    attachedPolicies: new Set([arnOf("team")]),
    groups: new Set(["Staff"]),
    boundary: arnOf("boundary"),
  });
  addRole(account, ids, {
    name: "app",
    createdAt,
    inlinePolicies: new Map([["own", document("iam:PassRole")]]),
    attachedPolicies: new Set([arnOf("team"), readOnly]),
    boundary: powerUser,
  });
  account.oidcProviders.set(providerArn, {
    arn: providerArn,
    url: "token.actions.githubusercontent.com",
    clientIds: new Set(["sts.amazonaws.com", "a-client"]),
    thumbprints: [],
    createdAt,
    tags: new Map([["team", "ci"]]),
  });
  const samlArn = `arn:aws:iam::${memberId}:saml-provider/Okta`;
  account.samlProviders.set(samlArn, { arn: samlArn, name: "Okta", metadata: "", createdAt });
  account.serverCertificates.set("www", {
    ...{ name: "www", path: "/cloudfront/", id: "ASCA1", uploadedAt: createdAt, body: "" },
    arn: `arn:aws:iam::${memberId}:server-certificate/cloudfront/www`,
    expiresAt: createdAt,
  });
  const live = createLiveReader(world.aws, world.ref, world.clock, { readHasConsoleUsers });
  return {
    sandbox,
    account,
    live,
    snapshot: () => readSnapshot(world.aws, world.ref, { ...world, organization: unlimited("it is in none") }),
  };
};

const inForce = (fact: Fact<PrincipalPolicies> | undefined): PrincipalPolicies => {
  if (!fact?.known) throw new Error(`not known: ${fact?.why}`);
  return fact.value;
};

const actions = (policies: PrincipalPolicies["inline"]) =>
  policies.map(({ name, arn, document: text }) => [
    name,
    arn,
    text.known && JSON.stringify(text.value).match(/"(\w+:[\w*]+|\*)"/)?.[1],
  ]);

describe("the policies in force", () => {
  test("of a user are its own, its groups' and its boundary, by default version, ordered by name", async () => {
    const { live } = start();
    const user = await live.user("ann", { policies: true });
    const { inline, attached, groups, boundary } = inForce(user?.policies);
    expect(actions(inline)).toEqual([
      ["a-first", null, "sns:*"],
      ["z-last", null, "sqs:*"],
    ]);
    expect(actions(attached)).toEqual([["team", arnOf("team"), "s3:*"]]);
    expect(groups.map(({ name }) => name)).toEqual(["Staff"]);
    expect(actions(groups[0]?.inline ?? [])).toEqual([["of-staff", null, "ec2:Describe*"]]);
    expect(groups[0]?.attached.map(({ arn }) => arn)).toEqual([readOnly]);
    expect(boundary).toMatchObject({ name: "boundary", arn: arnOf("boundary") });
  });

  test("are the same for both readers, AWS's own policy as a boundary included", async () => {
    const { live, snapshot } = start();
    const bulk = await snapshot();
    const of = (list: readonly { name: string; policies: Fact<PrincipalPolicies> }[], name: string) =>
      list.find((one) => one.name === name)?.policies;
    expect(of(bulk.users, "ann")).toStrictEqual((await live.user("ann", { policies: true }))?.policies);
    expect(of(bulk.roles, "app")).toStrictEqual((await live.role("app", { policies: true }))?.policies);
    expect(inForce(of(bulk.roles, "app")).boundary).toMatchObject({ arn: powerUser, document: { known: true } });
  });

  test("are not read where nobody asks", async () => {
    const { live } = start();
    expect((await live.role("app"))?.policies).toEqual({ known: false, why: "the policies were not read" });
  });

  test.each([
    ["ListUserPolicies", "ListUserPolicies"],
    ["ListAttachedUserPolicies", "ListAttachedUserPolicies"],
    ["ListGroupsForUser", "ListGroupsForUser"],
    ["ListGroupPolicies", "ListGroupPolicies"],
    ["ListAttachedGroupPolicies", "ListAttachedGroupPolicies"],
  ])("are unknown where %s is denied", async (operation) => {
    const { sandbox, live } = start();
    failing(sandbox, operation);
    const user = await live.user("ann", { policies: true });
    expect(user?.policies).toEqual({ known: false, why: `iam:${operation} was denied` });
    expect(user?.mfaActive.known).toBe(true);
  });

  test.each(["GetUserPolicy", "GetGroupPolicy", "GetPolicy", "GetPolicyVersion"])(
    "have an unknown document where %s is denied, never a missing one",
    async (operation) => {
      const { sandbox, live } = start();
      failing(sandbox, operation);
      const { inline, attached, groups, boundary } = inForce((await live.user("ann", { policies: true }))?.policies);
      const all = [
        ...inline,
        ...attached,
        ...groups.flatMap((group) => [...group.inline, ...group.attached]),
        boundary,
      ];
      expect(all).toHaveLength(6);
      const unread = all.filter((policy) => policy?.document.known === false);
      expect(unread.length).toBeGreaterThan(0);
      for (const policy of unread)
        expect(policy?.document).toEqual({ known: false, why: `iam:${operation} was denied` });
    },
  );

  test("whose boundary does not exist any more are unknown in that", async () => {
    const { account, live } = start();
    account.policies.delete(arnOf("boundary"));
    const { boundary } = inForce((await live.user("ann", { policies: true }))?.policies);
    expect(boundary).toEqual({
      name: "boundary",
      arn: arnOf("boundary"),
      document: { known: false, why: "the policy does not exist" },
      size: 0,
    });
  });
});

describe("groups, the account's own policies and OIDC providers", () => {
  test("are the same for both readers", async () => {
    const { live, snapshot } = start();
    const { others, unlisted } = await snapshot();
    expect(others.map(({ kind, name }) => `${kind}/${name}`)).toEqual([
      "group/Staff",
      "policy/boundary",
      "policy/team",
      "oidcProvider/token.actions.githubusercontent.com",
      "samlProvider/Okta",
      "serverCertificate/www",
    ]);
    expect(unlisted).toEqual(new Map());
    for (const facts of others) expect(facts).toStrictEqual(await live.other(facts.kind, facts.name));
    expect(others[2]).toMatchObject({
      attachments: 2,
      boundaryOf: 0,
      size: document("s3:*").replace(/\s/g, "").length,
    });
    expect(others[3]).toMatchObject({ clientIds: known(["a-client", "sts.amazonaws.com"]), tags: { team: "ci" } });
  });

  test("that do not exist are undefined", async () => {
    const { live } = start();
    for (const kind of ["group", "policy", "oidcProvider", "samlProvider", "serverCertificate"] as const)
      expect(await live.other(kind, "no-such-thing")).toBeUndefined();
  });

  test("of which the list is denied are unlisted, and a gap", async () => {
    const { sandbox, snapshot } = start();
    failing(sandbox, "ListOpenIDConnectProviders");
    failing(sandbox, "ListSAMLProviders");
    failing(sandbox, "ListServerCertificates");
    const { others, unlisted, gaps } = await snapshot();
    expect(others.map(({ kind }) => kind)).toEqual(["group", "policy", "policy"]);
    const denied = ["OpenIDConnectProviders", "SAMLProviders", "ServerCertificates"].map(
      (what) => `iam:List${what} was denied`,
    );
    expect([...unlisted]).toEqual([
      ["oidcProvider", denied[0]],
      ["samlProvider", denied[1]],
      ["serverCertificate", denied[2]],
    ]);
    expect(gaps).toEqual(denied);
  });
});

test("a policy is measured in characters without white space, however it is encoded", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.nat(4), (value, indent) => {
      const text = JSON.stringify({ Statement: value }, null, indent);
      const size = text.replace(/\s/g, "").length;
      expect(policyFacts("p", null, text)).toMatchObject({ size, document: { known: true } });
      expect(policyFacts("p", null, encodeURIComponent(text)).size).toBe(size);
    }),
  );
});
