import type { Found, Guidance } from "../../../control.ts";
import { hclAttributes, jsonObject, quoted, quotedHcl, type SnippetElements, yamlItem } from "../snippets.ts";
import { type EvidentStatement, grantsIn } from "./permission-words.ts";

/** A statement that gives what is needed and no more. Exactly one of `actions` and `notActions`. */
export interface SmallerStatement {
  readonly actions?: readonly string[];
  readonly notActions?: readonly string[];
  readonly resources: readonly string[];
  /** Operator, key and value. */
  readonly condition?: readonly [operator: string, key: string, value: string];
}

/** Whom a fix is for, and what it takes the place of: each as it stands in the snippets. */
interface Whom {
  /** A line of YAML: `Roles: [ROLE_NAME]`. */
  readonly attachment: string;
  /** `role = "ROLE_NAME"`, and the resource that attaches to it. */
  readonly attribute: string;
  readonly attaching: string;
  /** The statement, in words. */
  readonly place: string;
  /** What to take away once nothing is missing, as comments. */
  readonly removal: { readonly cli: string; readonly files: string };
}

const example: Whom = {
  place: "STATEMENT_NAME of POLICY_NAME",
  attachment: "Roles: [ROLE_NAME] # or Users: [USER_NAME]",
  attribute: 'role       = "ROLE_NAME"',
  attaching: `"aws_iam_role_policy_attachment" "smaller" { # or aws_iam_user_policy_attachment`,
  removal: {
    cli: `# When nothing is missing, take the statement out of POLICY_NAME, or POLICY_NAME off the PRINCIPAL_KIND. If it is managed:
#   aws iam detach-PRINCIPAL_KIND-policy --PRINCIPAL_KIND-name PRINCIPAL_NAME --policy-arn POLICY_ARN
# If it is inline:
#   aws iam delete-PRINCIPAL_KIND-policy --PRINCIPAL_KIND-name PRINCIPAL_NAME --policy-name POLICY_NAME`,
    files: "",
  },
};

const inWords = ({ policy, statement, group }: EvidentStatement): string =>
  `${quoted(statement)} of policy ${quoted(policy)}${group === undefined ? "" : ` of group ${quoted(group)}`}`;

const whomOf = (
  kind: "user" | "role",
  name: string,
  grants: readonly [EvidentStatement, ...EvidentStatement[]],
): Whom => {
  const [first, ...others] = grants;
  const { policy, group } = first;
  const isManaged = policy.startsWith("arn:");
  const off =
    group !== undefined
      ? "aws iam remove-user-from-group --group-name GROUP_NAME --user-name PRINCIPAL_NAME"
      : isManaged
        ? "aws iam detach-PRINCIPAL_KIND-policy --PRINCIPAL_KIND-name PRINCIPAL_NAME --policy-arn POLICY_ARN"
        : "aws iam delete-PRINCIPAL_KIND-policy --PRINCIPAL_KIND-name PRINCIPAL_NAME --policy-name POLICY_NAME";
  const whole =
    group === undefined
      ? "or the whole policy, if nothing else in it is needed"
      : "or the user out of the group, if nothing else of it is needed";
  const more = others.map((grant) => `\n# Take away as well: statement ${inWords(grant)}.`).join("");
  const Kind = kind === "user" ? "Users" : "Roles";
  return {
    place: `statement ${inWords(first)}`,
    attachment: `${Kind}: [${quoted(name)}]`,
    attribute: `${kind}       = ${quotedHcl(name)}`,
    attaching: `"aws_iam_${kind}_policy_attachment" "smaller" {`,
    removal: {
      cli: `# When nothing is missing, take the statement away, ${whole}:\n#   ${off}${more}`,
      files: `# In place of what these allow the ${kind} ${quoted(name)}; take them away when nothing is missing:\n${grants
        .map((grant) => `#   statement ${inWords(grant)}\n`)
        .join("")}`,
    },
  };
};

const elementsOf = ({ actions, notActions, resources, condition }: SmallerStatement): SnippetElements => ({
  Effect: "Allow",
  ...(actions && { Action: actions }),
  ...(notActions && { NotAction: notActions }),
  Resource: resources,
  ...(condition && { Condition: { [condition[0]]: { [condition[1]]: condition[2] } } }),
});

const hclList = (statements: readonly SnippetElements[]): string => {
  const [only, ...others] = statements;
  if (only !== undefined && others.length === 0) return `[{\n${hclAttributes(only, "      ")}\n    }]`;
  return `[\n${statements.map((one) => `      {\n${hclAttributes(one, "        ")}\n      }`).join(",\n")}\n    ]`;
};

const snippets = (before: string, smaller: readonly SmallerStatement[], whom: Whom): Guidance["fix"] => {
  const statements = smaller.map(elementsOf);
  return {
    cli: `${before}
aws iam generate-service-last-accessed-details --arn PRINCIPAL_ARN
# Then let it have that and no more, in place of what ${whom.place} allows it:
cat > smaller.json <<'JSON'
{
  "Version": "2012-10-17",
  "Statement": [
${statements.map((one) => jsonObject(one, "    ")).join(",\n")}
  ]
}
JSON
aws iam put-PRINCIPAL_KIND-policy --PRINCIPAL_KIND-name PRINCIPAL_NAME --policy-name smaller --policy-document file://smaller.json
${whom.removal.cli}`,
    cloudFormation: `${whom.removal.files}Resources:
  Smaller:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      ${whom.attachment}
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
${statements.map((one) => yamlItem(one, "          ")).join("\n")}`,
    terraform: `${whom.removal.files}resource "aws_iam_policy" "smaller" {
  name = "smaller"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = ${hclList(statements)}
  })
}

resource ${whom.attaching}
  ${whom.attribute}
  policy_arn = aws_iam_policy.smaller.arn
}`,
  };
};

/**
 * How to give a user or role a smaller statement in place of one that is too wide, in each tool.
 * @param before what to look at first, as lines of comment
 * @param shown the statement on the control's page
 * @param smaller what takes the place of a finding's statements; none: what is on the page
 */
export const smallerPolicy = (
  before: string,
  shown: SmallerStatement,
  smaller: (found: Found) => readonly SmallerStatement[],
): Pick<Guidance, "fix" | "fixOf"> => {
  const fix = snippets(before, [shown], example);
  return {
    fix,
    fixOf: (found) => {
      const { kind, name } = found.subject;
      const [first, ...others] = grantsIn(found.evidence);
      const statements = smaller(found);
      if ((kind !== "user" && kind !== "role") || first === undefined || statements.length === 0) return fix;
      return snippets(before, statements, whomOf(kind, name, [first, ...others]));
    },
  };
};
