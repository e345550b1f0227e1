import type { Guidance } from "../../../control.ts";
import { hclAttributes, type SnippetElements, yamlItem } from "../snippets.ts";

/** How the AWS CLI changes a role's trust policy: by hand, in between, since the whole of it has to be written. */
export const trustCommands = (why: string, edit: string): string => {
  const comment = (text: string) => text.replaceAll(/^/gm, "# ");
  return `${comment(why)}
aws iam get-role --role-name ROLE_NAME --query Role.AssumeRolePolicyDocument --output json > trust.json
${comment(edit)}
\${EDITOR:-vi} trust.json
aws iam update-assume-role-policy --role-name ROLE_NAME --policy-document file://trust.json`;
};

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
