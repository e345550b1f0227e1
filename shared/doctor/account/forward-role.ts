import { isDeepStrictEqual } from "node:util";
import { GetRoleCommand } from "@aws-sdk/client-iam";
import { call, isNoSuchEntity } from "../../aws/errors.ts";
import { parsePolicy, type Statement } from "../../policy/language/document.ts";
import { rolePolicies } from "../../remediation/blast-radius/role-policies.ts";
import { type Check, problem, type Trouble } from "../check.ts";
import type { AccountContext } from "../dependencies.ts";

/** The role that the rules send to the hub with; the templates name it so. */
export const forwardRoleName = "iam-warden-forward";

const todo = "Find out who changed it (CloudTrail in the account knows), then deploy the stack there again.";

/**
 * The rules may all stand, and the mark arrive, where this role lets through only some events: both a policy and a trust may
 * have conditions on that.
 */
export const forwardRole: Check<AccountContext> = {
  id: "forward-role",
  title: "the role that the rules forward with lets every event through",
  severity: "critical",
  isWatching: true,
  look: async ({ aws, account, deployed }) => {
    const { id: accountId } = account;
    const iam = aws.iam(accountId);
    try {
      const { Role } = await call("iam:GetRole", accountId, () =>
        iam.send(new GetRoleCommand({ RoleName: forwardRoleName })),
      );
      const { statements } = await rolePolicies({ accountId, iam }, forwardRoleName);
      const rules = `arn:${aws.partition}:events:*:${accountId}:rule/iam-warden-*`;
      const trust = parsePolicy(Role?.AssumeRolePolicyDocument).statements;
      return [
        ...changed("policies", statements, sends(deployed.eventBusArn)),
        ...changed("trust", trust, trusts(accountId, rules)),
        ...(Role?.PermissionsBoundary === undefined
          ? []
          : [problem("the role that the rules forward with has a permissions boundary", todo)]),
      ];
    } catch (error) {
      if (!isNoSuchEntity(error)) throw error;
      return [problem("the role that the rules forward with is not there", todo)];
    }
  },
};

const changed = (
  what: string,
  found: readonly Statement[],
  deployed: Readonly<Record<string, unknown>>,
): readonly Trouble[] =>
  isDeepStrictEqual(
    found.map(withoutSid),
    parsePolicy({ Version: "2012-10-17", Statement: deployed }).statements.map(withoutSid),
  )
    ? []
    : [problem(`the role that the rules forward with has other ${what} than were deployed`, todo)];

const withoutSid = ({ sid: _, ...statement }: Statement) => statement;

const sends = (eventBusArn: string) => ({ Effect: "Allow", Action: "events:PutEvents", Resource: eventBusArn });

const trusts = (accountId: string, rules: string) => ({
  Effect: "Allow",
  Principal: { Service: "events.amazonaws.com" },
  Action: "sts:AssumeRole",
  Condition: { StringEquals: { "aws:SourceAccount": accountId }, ArnLike: { "aws:SourceArn": rules } },
});
