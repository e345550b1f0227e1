import type { Guidance } from "../../../control.ts";

/** How templates attach a boundary to a role, whatever is wrong with the one it has. */
export const boundaryTemplates: Pick<Guidance["fix"], "cloudFormation" | "terraform"> = {
  cloudFormation: `Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: ROLE_NAME
      PermissionsBoundary: BOUNDARY_ARN
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: { Service: lambda.amazonaws.com }
            Action: sts:AssumeRole`,
  terraform: `resource "aws_iam_role" "role" {
  name                 = "ROLE_NAME"
  permissions_boundary = "BOUNDARY_ARN"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}`,
};
