import type { Guidance } from "../../../control.ts";

/** Nested objects of texts. */
interface Nested {
  readonly [name: string]: string | Nested;
}

/** How templates give a role a trust policy of one statement. */
export const trustTemplates = (statement: Nested): Pick<Guidance["fix"], "cloudFormation" | "terraform"> => {
  const entries = Object.entries(statement);
  // terraform fmt aligns the equals signs of lines that follow each other.
  const width = Math.max(...entries.map(([name]) => name.length));
  return {
    cloudFormation: `Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: ROLE_NAME
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
${entries.map(([name, value], index) => `          ${index === 0 ? "-" : " "} ${name}: ${inYaml(value)}`).join("\n")}`,
    terraform: `resource "aws_iam_role" "role" {
  name = "ROLE_NAME"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
${entries.map(([name, value]) => `      ${name.padEnd(width)} = ${inHcl(value)}`).join("\n")}
    }]
  })
}`,
  };
};

const isPlain = (text: string): boolean => /^[A-Za-z_][A-Za-z0-9_]*$/.test(text);

/** A map on one line; both tools take names that are not plain in quotes. */
const inLine =
  (between: string) =>
  (value: string | Nested): string =>
    typeof value === "string"
      ? JSON.stringify(value)
      : `{ ${Object.entries(value)
          .map(([name, each]) => `${isPlain(name) ? name : JSON.stringify(name)}${between}${inLine(between)(each)}`)
          .join(", ")} }`;

const inYaml = inLine(": ");
const inHcl = inLine(" = ");
