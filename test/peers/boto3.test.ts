import { expect, it } from "vitest";
import { centralizeRoot } from "../../sandbox/iam/central-root.ts";
import { createSandbox, type EventBridgeEvent } from "../../sandbox/sandbox.ts";
import { createWorld } from "../../sandbox/world.ts";
import { describeWithPeers, peerEnvironment, runPython } from "../support/peers.ts";
import { callWithBoto3 } from "./boto3.ts";

const trust = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
});

/** Each call and the class that boto3 raises for its error. */
const failures = [
  ["iam.get_user", { UserName: "nobody" }, "NoSuchEntityException"],
  ["iam.create_user", { UserName: "alice" }, "EntityAlreadyExistsException"],
  ["iam.create_user", { UserName: "not a name" }, "ClientError"],
  ["iam.delete_user", { UserName: "alice" }, "DeleteConflictException"],
  ["iam.create_role", { RoleName: "r", AssumeRolePolicyDocument: "{" }, "MalformedPolicyDocumentException"],
  ["iam.get_credential_report", {}, "CredentialReportNotPresentException"],
  ["organizations.create_organization", {}, "AlreadyInOrganizationException"],
  ["organizations.describe_account", { AccountId: "999999999999" }, "AccountNotFoundException"],
  ["organizations.list_children", { ParentId: "r-none", ChildType: "ACCOUNT" }, "ParentNotFoundException"],
  ["organizations.list_accounts", { MaxResults: 21 }, "InvalidInputException"],
  ["sns.publish", { TopicArn: "nonsense", Message: "x" }, "InvalidParameterException"],
] as const;

const listing = `
import json, sys
import boto3
task = json.load(sys.stdin)
def client(name):
    return boto3.client(name, endpoint_url=task["url"], region_name="us-east-1")
def count(service, operation, key, **options):
    return sum(len(page[key]) for page in client(service).get_paginator(operation).paginate(**options))
json.dump({
    "users": count("iam", "list_users", "Users", PaginationConfig={"PageSize": 7}),
    "roles": count("iam", "list_roles", "Roles", PaginationConfig={"PageSize": 11}),
    "details": count("iam", "get_account_authorization_details", "RoleDetailList", PaginationConfig={"PageSize": 13}),
    "accounts": count("organizations", "list_accounts", "Accounts"),
}, sys.stdout)
`;

describeWithPeers(["boto3"], "boto3 against the sandbox", () => {
  it("makes things, raises the exceptions that it raises for AWS, and leaves a record of each call", async () => {
    const sandbox = createSandbox();
    const events: EventBridgeEvent[] = [];
    sandbox.subscribe((event) => events.push(event));
    const server = await sandbox.listen();
    try {
      const made = [
        { call: "iam.create_user", input: { UserName: "alice" } },
        { call: "iam.create_access_key", input: { UserName: "alice" } },
        { call: "iam.create_role", input: { RoleName: "app", AssumeRolePolicyDocument: trust } },
        { call: "iam.get_role", input: { RoleName: "app" } },
      ];
      const steps = [...made, ...failures.map(([call, input]) => ({ call, input }))];
      const root = sandbox.credentialsFor(sandbox.state.organization.managementAccountId, "root");
      const answers = await callWithBoto3(server.url, steps, root);
      expect(answers.slice(0, made.length)).toMatchObject([
        { output: { User: { UserName: "alice" } } },
        { output: { AccessKey: { UserName: "alice", Status: "Active" } } },
        { output: { Role: { RoleName: "app" } } },
        // boto3 decodes the URL-encoded document.
        { output: { Role: { AssumeRolePolicyDocument: JSON.parse(trust) } } },
      ]);
      const raised = answers.slice(made.length).map((one) => ("error" in one ? one.error.exception : "nothing"));
      expect(raised).toEqual(failures.map(([, , exception]) => exception));
      const names = ({ call }: { call: string }) =>
        (call.split(".")[1] ?? "").replace(/(^|_)(.)/g, (_all, _underscore, letter: string) => letter.toUpperCase());
      // Publishing is a data event, which a trail does not log by default.
      expect(events.map(({ detail }) => detail.eventName)).toEqual(
        steps.filter(({ call }) => call !== "sns.publish").map(names),
      );
    } finally {
      await server.close();
    }
  });

  it("pages through a large account", async () => {
    const sandbox = createSandbox();
    const { accounts } = createWorld(sandbox, { seed: 3, users: 40, roles: 60, accounts: 42 });
    const { organization } = sandbox.state;
    const { managementAccountId } = organization;
    centralizeRoot(organization, accounts[0] ?? "", sandbox.clock.now());
    const server = await sandbox.listen();
    try {
      const role = { role: "OrganizationAccountAccessRole" };
      const credentials = sandbox.credentialsFor(accounts[0] ?? "", role);
      const counts = await runPython(listing, { url: server.url }, peerEnvironment(credentials));
      expect(counts).toEqual({ users: 40, roles: 60, details: 60, accounts: 43 });
      expect(accounts).not.toContain(managementAccountId);
    } finally {
      await server.close();
    }
  });
});
