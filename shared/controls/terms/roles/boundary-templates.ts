import type { Guidance } from "../../../control.ts";

/** How templates attach a boundary to a role, whatever is wrong with the one it has. */
export const boundaryTemplates: Pick<Guidance["fix"], "cloudFormation" | "terraform"> = {
  cloudFormation: `Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: ROLE_NAME
      PermissionsBoundary: BOUNDARY_ARN
      # The role's own trust policy, as it is now, takes the place of this one:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: { Service: lambda.amazonaws.com }
            Action: sts:AssumeRole`,
  terraform: `# Whom the role trusts stays as it is:
data "aws_iam_role" "now" {
  name = "ROLE_NAME"
}

resource "aws_iam_role" "role" {
  name                 = "ROLE_NAME"
  permissions_boundary = "BOUNDARY_ARN"
  assume_role_policy   = data.aws_iam_role.now.assume_role_policy
}`,
};
