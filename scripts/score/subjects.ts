import { stringify } from "csv-stringify/sync";
import * as z from "zod";
import { awsManagedPolicies } from "../../sandbox/iam/aws-policies.ts";
import { nameOfArn, parseArn, roleArn } from "../../shared/aws/arn.ts";
import { type CredentialReport, parseCredentialReport, type ReportRow } from "../../shared/facts/credential-report.ts";
import {
  type Fact,
  known,
  type OwnPolicies,
  type PolicyFacts,
  type PrincipalPolicies,
  type RoleFacts,
  type RootFacts,
  type UserFacts,
  unknownFact,
} from "../../shared/facts/facts.ts";
import { policyFacts, unreadPolicy } from "../../shared/facts/policies.ts";
import { policyQuotas, roleFacts, rootFacts, userIdentity } from "../../shared/facts/shapes.ts";
import { userFacts } from "../../shared/facts/snapshot.ts";
import type { AccountRef } from "../../shared/subject.ts";

// Makes of what a case describes the facts that the readers would have made of an account with just that.

const accountId = "123456789012";
export const account: AccountRef = { id: accountId };
const longAgo = new Date("2020-01-01T00:00:00.000Z");
const quotas = policyQuotas(known({}));
const nothing: OwnPolicies = { inline: [], attached: [] };

const policyText = (document: unknown): string => JSON.stringify(document);

const attachedSchema = z.array(z.object({ PolicyArn: z.string() }));
const roleSchema = z.object({
  name: z.string(),
  arn: z.string(),
  assume_role_policy: z.unknown(),
  attached_policies: attachedSchema,
});
const userSchema = z.object({
  name: z.string(),
  arn: z.string(),
  attached_policies: attachedSchema,
  inline_policies: z.array(z.string()),
});
const rowSchema = z.record(z.string(), z.string());

/** A managed policy as the account has it; a case names them without their documents. */
const attachedPolicy = ({ PolicyArn: arn }: { readonly PolicyArn: string }): PolicyFacts => {
  const text = awsManagedPolicies.get(arn)?.versions[0]?.document;
  return text === undefined
    ? unreadPolicy(arn, "the case has no document of it")
    : policyFacts(nameOfArn(arn), arn, text);
};

const withPolicies = (own: Partial<PrincipalPolicies>): Fact<PrincipalPolicies> =>
  known({ ...nothing, groups: [], boundary: null, ...own });

const pathOf = (arn: string): string => /:(?:role|user)(\/(?:.*\/)?)[^/]+$/.exec(arn)?.[1] ?? "/";

const role = (arn: string, policies: Fact<PrincipalPolicies>, trust: unknown = { Statement: [] }): RoleFacts =>
  roleFacts(
    { id: parseArn(arn).accountId },
    {
      RoleName: nameOfArn(arn),
      Path: pathOf(arn),
      RoleId: "AROACASE",
      Arn: arn,
      CreateDate: longAgo,
      AssumeRolePolicyDocument: policyText(trust),
    },
    { policies, quotas },
  );

const user = (
  name: string,
  policies: Fact<PrincipalPolicies>,
  report: Fact<ReportRow> = unknownFact("the case says nothing of credentials"),
): UserFacts =>
  userFacts(
    account,
    userIdentity(
      account,
      {
        UserName: name,
        Path: "/",
        UserId: "AIDACASE",
        Arn: `arn:aws:iam::${accountId}:user/${name}`,
        CreateDate: longAgo,
      },
      { policies, quotas },
    ),
    {
      row: report,
      passwordUses: unknownFact("the case has only a report"),
      virtualMfa: known({ root: false, userNames: new Set() }),
      serviceCredentials: known(new Map()),
      credentialsAsOf: longAgo,
    },
  );

/**
 * Everybody whom a policy of a case can make able to do something: him to whom it is attached, else a user and a role that would
 * have it.
 */
export const holdersOf = (document: unknown, attachedTo: unknown): readonly (UserFacts | RoleFacts)[] => {
  const inline = [policyFacts("policy", null, policyText(document))];
  const asUser = user("holder", withPolicies({ inline }));
  const asRole = role(roleArn("aws", accountId, "/holder"), withPolicies({ inline }));
  if (typeof attachedTo !== "string") return [asUser, asRole];
  if (attachedTo.includes(":role/")) return [asRole];
  if (attachedTo.includes(":user/")) return [asUser];
  return [user("holder", withPolicies({ groups: [{ name: "group", inline, attached: [] }] }))];
};

/** A role as a case has it, with the policies of AWS itself that are attached to it. */
export const describedRole = (value: unknown): RoleFacts => {
  const { arn, attached_policies, assume_role_policy } = roleSchema.parse(value);
  return role(arn, withPolicies({ attached: attached_policies.map(attachedPolicy) }), assume_role_policy);
};

/** A role that trusts whom a statement names, if its conditions hold; what it says of actions and resources does not matter. */
export const roleTrusting = (statements: readonly unknown[]): RoleFacts => {
  const trust = statements.map((statement) => {
    const { Effect = "Allow", Principal, NotPrincipal, Condition } = z.looseObject({}).parse(statement);
    return {
      Effect,
      ...(Principal !== undefined && { Principal }),
      ...(NotPrincipal !== undefined && { NotPrincipal }),
      Action: "sts:AssumeRole",
      ...(Condition !== undefined && { Condition }),
    };
  });
  const arn = roleArn("aws", accountId, "/trusting");
  return role(arn, withPolicies({}), { Version: "2012-10-17", Statement: trust });
};

/** A user as a case has it; of the policies embedded in it there are only the names. */
export const describedUser = (value: unknown): UserFacts => {
  const { name, attached_policies, inline_policies } = userSchema.parse(value);
  const inline = inline_policies.map((policy) => ({
    ...{ name: policy, arn: null, size: 0 },
    document: unknownFact("the case has no document of it"),
  }));
  return user(name, withPolicies({ inline, attached: attached_policies.map(attachedPolicy) }));
};

/** Somebody who is in a group as a case has it. */
export const memberOf = (value: unknown): UserFacts => {
  const { name, attached_policies } = z.object({ name: z.string(), attached_policies: attachedSchema }).parse(value);
  return user(
    "member",
    withPolicies({ groups: [{ name, inline: [], attached: attached_policies.map(attachedPolicy) }] }),
  );
};

const reportOf = (value: unknown): CredentialReport & { readonly user: string } => {
  const row = rowSchema.parse(value);
  return { ...parseCredentialReport(stringify([Object.keys(row), Object.values(row)])), user: row.user ?? "" };
};

/** The user of a row of a credential report. */
export const reportedUser = (value: unknown): UserFacts => {
  const { users, user: name } = reportOf(value);
  const row = users.get(name);
  return user(name, withPolicies({}), row ? known(row) : unknownFact("the report has no such row"));
};

/** The root user by its row of a credential report, and by what the account's summary says of its MFA (0 or 1). */
export const reportedRoot = (value: unknown, mfaEnabled: unknown, virtualDevices: unknown): RootFacts => {
  const { root } = reportOf(value);
  const summary: Readonly<Record<string, number>> =
    typeof mfaEnabled === "number" ? { AccountMFAEnabled: mfaEnabled } : {};
  const devices = z.array(z.unknown()).optional().parse(virtualDevices) ?? [];
  return rootFacts(
    account,
    "aws",
    { summary: known(summary), virtualMfa: known({ root: devices.length > 0, userNames: new Set() }) },
    { row: root ? known(root) : unknownFact("the report has no row of root"), fresh: false },
  );
};
