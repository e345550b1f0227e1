import type { Guidance } from "../../../control.ts";
import { hclAttributes, type SnippetElements, yamlItem } from "../snippets.ts";

/** How templates give a role a trust policy of one statement. */
export const trustTemplates = (statement: SnippetElements): Pick<Guidance["fix"], "cloudFormation" | "terraform"> => ({
  cloudFormation: `Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: ROLE_NAME
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
${yamlItem(statement, "          ")}`,
  terraform: `resource "aws_iam_role" "role" {
  name = "ROLE_NAME"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
${hclAttributes(statement, "      ")}
    }]
  })
}`,
});
