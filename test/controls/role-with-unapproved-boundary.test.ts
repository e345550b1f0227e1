import { roleWithUnapprovedBoundary } from "../../shared/controls/role-with-unapproved-boundary.ts";
import { describeControl } from "../support/describe-control.ts";
import { roleFacts } from "../support/facts.ts";

const own = "arn:aws:iam::111122223333:policy/boundaries/TeamBoundary";
const bounded = roleFacts({ permissionsBoundaryArn: own });

const refused = (permissionsBoundaryArn: string, approvedBoundaries: string[]) => ({
  facts: roleFacts({ permissionsBoundaryArn }),
  options: { approvedBoundaries },
  reason: `Role app has the permissions boundary ${permissionsBoundaryArn}, which the settings do not approve.`,
  evidence: { permissionsBoundary: permissionsBoundaryArn, approvedBoundaries },
});

describeControl(roleWithUnapprovedBoundary, {
  violates: {
    "a boundary that is not on the list": refused("arn:aws:iam::111122223333:policy/Mine", ["TeamBoundary"]),
    "a policy of AWS that limits nothing": refused("arn:aws:iam::aws:policy/AdministratorAccess", ["TeamBoundary"]),
    "another account's policy of the approved name": {
      ...refused("arn:aws:iam::444455556666:policy/TeamBoundary", ["TeamBoundary"]),
      repair: { unreal: "IAM takes no other account's policy as a boundary" },
    },
    "a policy of AWS of the approved name": refused("arn:aws:iam::aws:policy/TeamBoundary", ["TeamBoundary"]),
    "a name in other letters": refused("arn:aws:iam::111122223333:policy/teamboundary", ["TeamBoundary"]),
    "a name that is longer": refused("arn:aws:iam::111122223333:policy/TeamBoundaryX", ["TeamBoundary"]),
    "a path that ends in the approved name": refused("arn:aws:iam::111122223333:policy/TeamBoundary/Mine", [
      "TeamBoundary",
    ]),
    "a pattern that comes near": {
      ...refused("arn:aws:iam::111122223333:policy/other/Team", ["arn:aws:iam::*:policy/boundaries/*", "Team-*"]),
      repair: {
        held: "The boundary arn:aws:iam::111122223333:policy/TeamBoundary that the settings name is not among approvedBoundaries.",
      },
    },
    "a boundary, where the settings name none to attach": {
      ...refused("arn:aws:iam::111122223333:policy/Mine", ["TeamBoundary"]),
      repair: {
        context: { boundaryArn: null },
        held: "The settings name no permissions boundary for account 111122223333.",
      },
    },
    "an ARN that is none": {
      ...refused("TeamBoundary", ["TeamBoundary"]),
      repair: { unreal: "IAM takes nothing but the ARN of a policy" },
    },
  },
  complies: {
    "the ARN": { facts: bounded, options: { approvedBoundaries: [own] } },
    "the name, whatever the path": { facts: bounded, options: { approvedBoundaries: ["Other", "TeamBoundary"] } },
    "a pattern of names": { facts: bounded, options: { approvedBoundaries: ["Team*"] } },
    "a pattern of ARNs": { facts: bounded, options: { approvedBoundaries: ["arn:aws:iam::*:policy/boundaries/*"] } },
    "a policy of AWS by its ARN": {
      facts: roleFacts({ permissionsBoundaryArn: "arn:aws:iam::aws:policy/PowerUserAccess" }),
      options: { approvedBoundaries: ["arn:aws:iam::aws:policy/PowerUserAccess"] },
    },
    "another partition": {
      facts: roleFacts({ permissionsBoundaryArn: "arn:aws-us-gov:iam::111122223333:policy/TeamBoundary" }),
      options: { approvedBoundaries: ["TeamBoundary"] },
    },
  },
  notApplicable: {
    "no boundary is approved": {
      facts: bounded,
      reason: "The settings approve no permissions boundary (option approvedBoundaries is empty).",
    },
    "a role without a boundary, the matter of another control": {
      facts: roleFacts(),
      options: { approvedBoundaries: ["TeamBoundary"] },
      reason: "Role app has no permissions boundary.",
    },
    "a role out of scope": {
      facts: roleFacts({ name: "OrganizationAccountAccessRole", permissionsBoundaryArn: own }),
      options: { approvedBoundaries: ["Other"] },
      reason:
        "Role OrganizationAccountAccessRole is out of scope: it is the organization's way into the account (built-in rule OrganizationAccountAccessRole).",
    },
  },
});
