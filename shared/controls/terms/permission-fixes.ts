import type { Guidance } from "../../control.ts";

/** A statement that gives what is needed and no more, as an example. */
export interface SmallerStatement {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** Operator, key and value. */
  readonly condition?: readonly [operator: string, key: string, value: string];
}

const quoted = (items: readonly string[]): string => `[${items.map((item) => `"${item}"`).join(", ")}]`;

/**
 * How to give a user or role a smaller statement in place of one that is too wide, in each tool.
 * @param before what to look at first, as lines of comment
 */
export const smallerPolicy = (before: string, { actions, resources, condition }: SmallerStatement): Guidance["fix"] => {
  const [operator, key, value] = condition ?? [];
  return {
    cli: `${before}
aws iam generate-service-last-accessed-details --arn PRINCIPAL_ARN
# Then let it have that and no more, in place of what STATEMENT_NAME of POLICY_NAME allows it:
cat > smaller.json <<'JSON'
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": ${quoted(actions)},
      "Resource": ${quoted(resources)}${condition ? `,\n      "Condition": { "${operator}": { "${key}": "${value}" } }` : ""}
    }
  ]
}
JSON
aws iam put-PRINCIPAL_KIND-policy --PRINCIPAL_KIND-name PRINCIPAL_NAME --policy-name smaller --policy-document file://smaller.json
# When nothing is missing, take the statement out of POLICY_NAME, or POLICY_NAME off the PRINCIPAL_KIND. If it is managed:
#   aws iam detach-PRINCIPAL_KIND-policy --PRINCIPAL_KIND-name PRINCIPAL_NAME --policy-arn POLICY_ARN
# If it is inline:
#   aws iam delete-PRINCIPAL_KIND-policy --PRINCIPAL_KIND-name PRINCIPAL_NAME --policy-name POLICY_NAME`,
    cloudFormation: `Resources:
  Smaller:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      Roles: [ROLE_NAME] # or Users: [USER_NAME]
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Action: ${quoted(actions)}
            Resource: ${quoted(resources)}${condition ? `\n            Condition: { ${operator}: { "${key}": ${value} } }` : ""}`,
    terraform: `resource "aws_iam_policy" "smaller" {
  name = "smaller"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   ${condition ? " " : ""}= "Allow"
      Action   ${condition ? " " : ""}= ${quoted(actions)}
      Resource ${condition ? " " : ""}= ${quoted(resources)}${condition ? `\n      Condition = { ${operator} = { "${key}" = "${value}" } }` : ""}
    }]
  })
}

resource "aws_iam_role_policy_attachment" "smaller" { # or aws_iam_user_policy_attachment
  role       = "ROLE_NAME"
  policy_arn = aws_iam_policy.smaller.arn
}`,
  };
};
