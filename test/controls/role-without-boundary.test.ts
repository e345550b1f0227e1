import { roleWithoutBoundary } from "../../shared/controls/role-without-boundary.ts";
import { describeControl } from "../support/describe-control.ts";
import { roleFacts } from "../support/facts.ts";

const without = (name: string, path = "/") => ({
  facts: roleFacts({ name, path }),
  reason: `Role ${name} has no permissions boundary.`,
  evidence: { path, permissionsBoundary: null },
});

describeControl(roleWithoutBoundary, {
  violates: {
    "a role without a boundary": without("app"),
    "a service role: its path is an ordinary one": without("lambda-basic", "/service-role/"),
    "a role that the settings' tags would excuse, while tags are not trusted": {
      ...without("app"),
      facts: roleFacts({ tags: { team: "network" } }),
      excludedRoles: { tags: { team: "network" }, trustTags: false },
    },
    "a role, where the settings name no boundary": {
      ...without("app"),
      repair: {
        context: { boundaryArn: null },
        held: "The settings name no permissions boundary for account 111122223333.",
      },
    },
    "a role, where the account lacks the policy": {
      ...without("app"),
      repair: {
        context: { boundaryArn: "arn:aws:iam::111122223333:policy/NotDeployed" },
        held: "Account 111122223333 has no policy arn:aws:iam::111122223333:policy/NotDeployed to be a boundary.",
      },
    },
  },
  complies: {
    "a role with any boundary": {
      facts: roleFacts({ permissionsBoundaryArn: "arn:aws:iam::aws:policy/AdministratorAccess" }),
    },
  },
  notApplicable: {
    "a service-linked role": {
      facts: roleFacts({ name: "AWSServiceRoleForSupport", path: "/aws-service-role/support.amazonaws.com/" }),
      reason:
        "Role AWSServiceRoleForSupport is out of scope: AWS alone makes and changes it (built-in rule path /aws-service-role/).",
    },
    "a role out of scope that has a boundary": {
      facts: roleFacts({ name: "cdk-evil", permissionsBoundaryArn: "arn:aws:iam::aws:policy/X" }),
      excludedRoles: { names: ["cdk-*"] },
      reason: "Role cdk-evil is out of scope: the settings exclude the name pattern cdk-*.",
    },
  },
});
