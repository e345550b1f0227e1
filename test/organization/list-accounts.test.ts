import { expect, test } from "vitest";
import { AwsError } from "../../sandbox/protocol/service.ts";
import { createSandbox, type Sandbox } from "../../sandbox/sandbox.ts";
import { addAccount } from "../../sandbox/state.ts";
import { AccessDeniedError } from "../../shared/errors.ts";
import { listAccounts } from "../../shared/organization/list-accounts.ts";
import { awsOf } from "../support/aws-of.ts";
import { recordedTelemetry } from "../support/recorded-telemetry.ts";

/** Root / Workloads / (Prod, Test, "R/D"), with an account in each place. */
const started = () => {
  const sandbox = createSandbox();
  const { organization } = sandbox.state;
  const joinedAt = sandbox.clock.now();
  const unit = (name: string, parentId: string): string => {
    const id = `ou-${organization.rootId.slice(2)}-${sandbox.ids.lower(8)}`;
    organization.units.set(id, { id, name, parentId, tags: new Map() });
    return id;
  };
  const workloads = unit("Workloads", organization.rootId);
  const places = {
    prod: unit("Prod", workloads),
    test: unit("Test", workloads),
    odd: unit("R/D", workloads),
  };
  const account = (id: string, name: string, parentId: string) =>
    addAccount(sandbox.state, { id, name, parentId, joinedAt });
  account("900000000001", "shop", places.prod);
  account("800000000001", "shop-test", places.test);
  account("700000000001", "lab", places.odd);
  return { sandbox, organization, account, places };
};

const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1);

const expected = (sandbox: Sandbox) =>
  [
    { id: sandbox.state.organization.managementAccountId, name: "management", ouPath: "Root" },
    { id: "700000000001", name: "lab", ouPath: "Root/Workloads/R%2FD" },
    { id: "800000000001", name: "shop-test", ouPath: "Root/Workloads/Test" },
    { id: "900000000001", name: "shop", ouPath: "Root/Workloads/Prod" },
  ].sort(byId);

test.each([true, false])("accounts come ordered, with names and OU paths (paths inline: %s)", async (listsPaths) => {
  const { sandbox, organization } = started();
  organization.listsPaths = listsPaths;
  const aws = awsOf(sandbox);
  expect(await listAccounts(aws)).toEqual(expected(sandbox));
  const calls = aws.calls()[aws.ownAccountId] ?? {};
  expect(calls["organizations:DescribeOrganizationalUnit"]).toBe(4);
  expect(calls["organizations:ListRoots"]).toBe(1);
  // Each account's parent, and each unit's, once.
  expect(calls["organizations:ListParents"]).toBe(listsPaths ? undefined : 4 + 4);
});

test.each(["SUSPENDED", "PENDING_CLOSURE", "PENDING_ACTIVATION", "CLOSED"] as const)(
  "an account that is %s is left out",
  async (status) => {
    const { sandbox, account, places } = started();
    account("100000000001", "gone", places.prod).status = status;
    expect(await listAccounts(awsOf(sandbox))).toEqual(expected(sandbox));
  },
);

test("an endpoint that says only Status, as before State came, is understood", async () => {
  const { sandbox, account, places } = started();
  account("100000000001", "gone", places.prod).status = "SUSPENDED";
  const { requestHandler } = sandbox.clientConfig(
    sandbox.credentialsFor(sandbox.state.organization.managementAccountId, "root"),
  );
  const withoutState: typeof requestHandler = {
    ...requestHandler,
    handle: async (request, options) => {
      const { response } = await requestHandler.handle(request, options);
      const body = Buffer.from(String(response.body).replaceAll(/"State":"[A-Z_]+",?/g, ""));
      return { response: Object.assign(response, { body }) };
    },
  };
  expect(await listAccounts(awsOf(sandbox, { requestHandler: withoutState }))).toEqual(expected(sandbox));
});

test("empty pages do not end the list", async () => {
  const { sandbox, account, organization, places } = started();
  organization.listsEmptyPages = true;
  for (let index = 0; index < 45; index += 1) account(String(200000000000 + index), `bulk-${index}`, places.test);
  const accounts = await listAccounts(awsOf(sandbox));
  expect(accounts).toHaveLength(49);
  expect(accounts).toEqual([...accounts].sort(byId));
});

test.each(["ListParents", "DescribeOrganizationalUnit", "ListRoots"])(
  "where %s is denied, accounts have no OU path, and it is not asked again for each",
  async (operation) => {
    const { sandbox, organization } = started();
    organization.listsPaths = operation !== "ListParents";
    let asked = 0;
    sandbox.intercept((call) => {
      if (call.operation !== operation) return;
      asked += 1;
      throw new AwsError("AccessDeniedException", "You don't have permissions to access this resource.");
    });
    const accounts = await listAccounts(awsOf(sandbox));
    expect(accounts.map(({ id }) => id)).toEqual(expected(sandbox).map(({ id }) => id));
    expect(accounts.filter(({ ouPath }) => ouPath?.includes("undefined"))).toEqual([]);
    if (operation === "ListRoots") expect(accounts.every(({ ouPath }) => ouPath === undefined)).toBe(true);
    expect(asked).toBe(1);
  },
);

test("where ListAccounts is denied, the permission is named", async () => {
  const { sandbox, account } = started();
  account("300000000001", "member", sandbox.state.organization.rootId);
  const listing = listAccounts(awsOf(sandbox, { ownAccountId: "300000000001" }));
  await expect(listing).rejects.toThrow(AccessDeniedError);
  await expect(listing).rejects.toMatchObject({ permission: "organizations:ListAccounts" });
});

test("accounts have the owner that their tag names, and whoever is not tagged has none", async () => {
  const { sandbox, account, places } = started();
  account("600000000001", "owned", places.prod).tags.set("team", "payments@example.com");
  account("600000000002", "tagged otherwise", places.prod).tags.set("Team", "nobody@example.com");
  const listed = await listAccounts(awsOf(sandbox), { ownerTag: "team" });
  expect(listed.filter(({ owner }) => owner !== undefined)).toEqual([
    { id: "600000000001", name: "owned", ouPath: "Root/Workloads/Prod", owner: "payments@example.com" },
  ]);
});

test("accounts have no owners where nobody may read their tags, which is asked once, counted and logged", async () => {
  const { sandbox, account, places } = started();
  account("600000000001", "owned", places.prod).tags.set("team", "payments@example.com");
  let asked = 0;
  sandbox.intercept(({ operation }) => {
    if (operation !== "ListTagsForResource") return;
    asked += 1;
    throw new AwsError("AccessDeniedException", "not allowed", 400);
  });
  const telemetry = recordedTelemetry();
  const listed = await listAccounts(awsOf(sandbox), { ownerTag: "team", telemetry });
  expect(listed.map(({ owner }) => owner)).toEqual(listed.map(() => undefined));
  expect(asked).toBe(1);
  expect(telemetry.counted("OwnersUnknown")).toBe(1);
  expect(telemetry.lines).toMatchObject([
    { level: "warn", fields: { error: { permission: "organizations:ListTagsForResource" } } },
  ]);
});
