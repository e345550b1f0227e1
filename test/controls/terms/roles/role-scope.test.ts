import { describe, expect, it } from "vitest";
import type { RoleExclusions } from "../../../../shared/control.ts";
import { builtInExclusions, outOfScope } from "../../../../shared/controls/terms/roles/role-scope.ts";
import { roleFacts } from "../../../support/facts.ts";

const none = { names: [], paths: [], tags: {}, trustTags: false };
const builtIn = (name: string, path = "/") => outOfScope(roleFacts({ name, path }), none);

describe("built-in exclusions", () => {
  const excluded: Record<string, [name: string, path?: string]> = {
    "path /aws-service-role/": ["AWSServiceRoleForConfig", "/aws-service-role/config.amazonaws.com/"],
    "path /aws-reserved/": [
      "AWSReservedSSO_AdministratorAccess_0123456789abcdef",
      "/aws-reserved/sso.amazonaws.com/eu-central-1/",
    ],
    "stacksets-exec-*": ["stacksets-exec-0123456789abcdef0123456789abcdef"],
    "AWSCloudFormationStackSet*": ["AWSCloudFormationStackSetExecutionRole"],
    AWSControlTowerExecution: ["AWSControlTowerExecution"],
    "aws-controltower-*": ["aws-controltower-ConfigRecorderRole"],
    OrganizationAccountAccessRole: ["OrganizationAccountAccessRole"],
    "cdk-QUALIFIER-{deploy,file-publishing,image-publishing,lookup,cfn-exec}-role-ACCOUNT-REGION": [
      "cdk-hnb659fds-cfn-exec-role-111122223333-us-east-1",
    ],
    "iam-warden-*": ["iam-warden-audit"],
  };
  for (const [rule, [name, path]] of Object.entries(excluded)) {
    it(`${rule} excludes ${path ?? "/"}${name}`, () => {
      expect(builtIn(name, path)).toMatch(new RegExp(`^Role ${name} is out of scope: .+ \\(built-in rule `));
      expect(builtIn(name, path)).toContain(`(built-in rule ${rule}).`);
    });
  }

  it("are all in the table", () => expect(builtInExclusions.map(({ rule }) => rule)).toEqual(Object.keys(excluded)));

  it.each([
    "cdk-hnb659fds-deploy-role-111122223333-eu-central-1",
    "cdk-hnb659fds-file-publishing-role-111122223333-us-gov-west-1",
    "cdk-my_quali-9-image-publishing-role-111122223333-ap-southeast-2",
    "cdk-Q-lookup-role-111122223333-me-central-1",
  ])("excludes %s, as cdk bootstrap names it", (name) => expect(builtIn(name)).toBeDefined());

  it.each([
    ["a name that merely begins like one of AWS CDK's", "cdk-evil"],
    ["a CDK application's own role", "cdk-app-LambdaServiceRole-1ABC"],
    ["a bootstrap role of no known purpose", "cdk-hnb659fds-admin-role-111122223333-us-east-1"],
    ["a bootstrap name with something after it", "cdk-hnb659fds-deploy-role-111122223333-us-east-1-evil"],
    ["a bootstrap name with something before it", "my-cdk-hnb659fds-deploy-role-111122223333-us-east-1"],
    ["a qualifier that is too long", "cdk-hnb659fds-x-deploy-role-111122223333-us-east-1"],
    ["an account id that is too short", "cdk-hnb659fds-deploy-role-11112222333-us-east-1"],
    ["a bootstrap name and a line break", "cdk-hnb659fds-deploy-role-111122223333-us-east-1\n"],
    ["other letters", "Stacksets-Exec-0123456789abcdef"],
    ["other letters", "organizationaccountaccessrole"],
    ["a name that is longer", "OrganizationAccountAccessRole2"],
    ["a name that is longer", "AWSControlTowerExecutionHelper"],
    ["a name that is shorter", "iam-warden"],
    ["a name that contains one", "my-iam-warden-audit"],
    ["a letter that looks alike", "iаm-warden-audit"],
    ["a hyphen that looks alike", "stacksets‑exec-0123"],
    ["a letter with an accent apart", "OrganizationAccountAccessRole\u0301"],
    ["a zero-width space", "iam-\u200bwarden-audit"],
  ])("does not exclude %s", (_, name) => expect(builtIn(name)).toBeUndefined());

  it.each(["/service-role/", "/aws-service-rolex/", "/AWS-Service-Role/", "/x/aws-service-role/", "/aws-reserve/"])(
    "does not exclude path %s",
    (path) => expect(builtIn("app", path)).toBeUndefined(),
  );
});

describe("exclusions by the settings", () => {
  const role = roleFacts({ name: "legacy-batch", path: "/vendor/acme/", tags: { team: "network", "": "x" } });

  it.each([
    [{ names: ["legacy-batch"] }, "the name pattern legacy-batch"],
    [{ names: ["app", "*-batch"] }, "the name pattern *-batch"],
    [{ paths: ["/vendor/*"] }, "the path pattern /vendor/*"],
    [{ paths: ["/vendor/acme/"] }, "the path pattern /vendor/acme/"],
    [{ tags: { team: "network" }, trustTags: true }, "the tag team=network"],
    [{ tags: { team: "net*" }, trustTags: true }, "the tag team=net*"],
    [{ tags: { owner: "x", team: "*" }, trustTags: true }, "the tag team=*"],
  ])("%j", (excluded, what) => {
    expect(outOfScope(role, { ...none, ...excluded })).toBe(
      `Role legacy-batch is out of scope: the settings exclude ${what}.`,
    );
  });

  const others: readonly Partial<RoleExclusions>[] = [
    { names: ["Legacy-batch"] },
    { names: ["legacy-"] },
    { names: ["legacy-?atch"] },
    { names: ["legacy.batch"] },
    { names: ["/vendor/*"] },
    { paths: ["/vendor/"] },
    { paths: ["/Vendor/*"] },
    { paths: ["legacy-batch"] },
    { tags: { team: "network" }, trustTags: false },
    { tags: { Team: "network" }, trustTags: true },
    { tags: { team: "Network" }, trustTags: true },
    { tags: { constructor: "*", toString: "*" }, trustTags: true },
  ];
  it.each(others.map((excluded) => [excluded]))("%j does not", (excluded) =>
    expect(outOfScope(role, { ...none, ...excluded })).toBeUndefined(),
  );
});
