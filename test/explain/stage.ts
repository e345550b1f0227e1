import { IAM } from "@aws-sdk/client-iam";
import { Organizations } from "@aws-sdk/client-organizations";
import { STS } from "@aws-sdk/client-sts";
import type { AwsCredentialIdentity } from "@smithy/types";
import { liveOrganization } from "../../cli/audit/live-organization.ts";
import type { Sources } from "../../cli/explain/read-layers.ts";
import type { ExplainReport, Quote, ReportedObstacle } from "../../cli/explain/report.ts";
import { explainRecord, type Given } from "../../cli/explain/run-explain.ts";
import { addRole, addUser, trusting } from "../../sandbox/iam/state.ts";
import { createSandbox, type EventBridgeEvent, type Sandbox } from "../../sandbox/sandbox.ts";
import { addAccount } from "../../sandbox/state.ts";
import { createAwsAccess } from "../../shared/aws/aws-access.ts";
import { parseRecord } from "../../shared/events/envelope.ts";

export const json = (...Statement: readonly object[]): string => JSON.stringify({ Version: "2012-10-17", Statement });
export const allow = (Action: string, more: object = { Resource: "*" }) => ({ Effect: "Allow", Action, ...more });
export const deny = (Action: string, more: object = {}) => ({ Effect: "Deny", Action, Resource: "*", ...more });
export const inline = (name: string, ...statements: readonly object[]) => ({
  inlinePolicies: new Map([[name, json(...statements)]]),
});

/** An organization with one member and a person who may read it all; what AWS refuses there, and its explanation. */
export const createStage = (sandbox: Sandbox = createSandbox()) => {
  const { state, ids, clock } = sandbox;
  const managementId = state.organization.managementAccountId;
  const createdAt = clock.now();
  const management = state.accounts.get(managementId);
  if (!management) throw new Error("no management account");
  const account = addAccount(state, { id: ids.account(), name: "payments", joinedAt: createdAt });
  addUser(management, ids, { name: "auditor", createdAt, ...inline("all", allow("*")) });
  const trustPolicy = trusting({ AWS: `arn:aws:iam::${managementId}:root` });
  addRole(account, ids, {
    name: "OrganizationAccountAccessRole",
    createdAt,
    trustPolicy,
    ...inline("all", allow("*")),
  });

  const refused: EventBridgeEvent[] = [];
  sandbox.subscribe((event) => {
    if (event.detail.errorCode !== undefined) refused.push(event);
  });
  const config = (credentials: AwsCredentialIdentity, region?: string) => ({
    ...sandbox.clientConfig(credentials, region === undefined ? {} : { region }),
    maxAttempts: 1,
  });
  const root = sandbox.credentialsFor(account.id, "root");
  const iam = new IAM(config(root));
  const organizations = new Organizations(config(sandbox.credentialsFor(managementId, "root")));

  const sources = async (): Promise<Sources> => {
    const aws = createAwsAccess({
      ...sandbox.clientConfig(sandbox.credentialsFor(managementId, { user: "auditor" })),
      ...{ ownAccountId: managementId, roleName: "OrganizationAccountAccessRole", clock: () => clock.now() },
    });
    return { aws, viewOf: await liveOrganization(aws, managementId, { clock: () => clock.now() }) };
  };

  /** Of the last call that was refused. */
  const explainLast = async (given: Given = {}): Promise<ExplainReport> => {
    const detail = refused.at(-1)?.detail;
    if (detail === undefined) throw new Error("nothing was refused");
    return explainRecord(await sources(), parseRecord(detail), detail, given);
  };

  return {
    ...{ sandbox, account, managementId, createdAt, refused, iam, organizations, sources, explainLast },
    iamAs: (credentials: AwsCredentialIdentity, region?: string) => new IAM(config(credentials, region)),
    stsAs: (credentials: AwsCredentialIdentity) => new STS(config(credentials)),
    user: (name: string, over: Partial<Parameters<typeof addUser>[2]> = {}) =>
      addUser(account, ids, { name, createdAt, ...over }),
    role: (name: string, over: Partial<Parameters<typeof addRole>[2]> = {}) =>
      addRole(account, ids, { name, createdAt, ...over }),
    /** Credentials of a user without a session, as an access key has them. */
    keyOf: async (UserName: string): Promise<AwsCredentialIdentity> => {
      const { AccessKey } = await iam.createAccessKey({ UserName });
      return { accessKeyId: AccessKey?.AccessKeyId ?? "", secretAccessKey: AccessKey?.SecretAccessKey ?? "" };
    },
    /** Attaches a service control policy to the member; returns its id. */
    limit: async (name: string, ...statements: readonly object[]): Promise<string> => {
      const { Policy } = await organizations.createPolicy({
        ...{ Name: name, Description: "", Type: "SERVICE_CONTROL_POLICY", Content: json(...statements) },
      });
      const PolicyId = Policy?.PolicySummary?.Id ?? "";
      await organizations.attachPolicy({ PolicyId, TargetId: account.id });
      return PolicyId;
    },
  };
};

export type Stage = ReturnType<typeof createStage>;

interface Document {
  readonly Statement: Record<string, unknown>[];
}

const read = (text: string | undefined): Document => JSON.parse(decodeURIComponent(text ?? ""));
const listed = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value]);

/** A document with the statement that a quote names made another. */
const edited = (text: string | undefined, quote: Quote, edit: (statement: Record<string, unknown>) => void): string => {
  const document = read(text);
  const statement = document.Statement.find(({ Sid }, index) => (Sid ?? `Statement[${index}]`) === quote.name);
  if (!statement) throw new Error(`${quote.policy} has no statement ${quote.name}`);
  edit(statement);
  return JSON.stringify(document);
};

/** Makes a change of policies that was suggested, as the account's administrator would. */
export const applyChange = async (
  { iam, organizations }: Stage,
  { layer, node, change }: ReportedObstacle,
  of: { readonly user?: string; readonly role?: string; readonly boundary?: string },
): Promise<void> => {
  const { user: UserName = "", role: RoleName = "", boundary: PolicyArn = "" } = of;
  const changeTrust = async (edit: (text: string | undefined) => string): Promise<void> => {
    const { Role } = await iam.getRole({ RoleName });
    await iam.updateAssumeRolePolicy({ RoleName, PolicyDocument: edit(Role?.AssumeRolePolicyDocument) });
  };
  const appended = (text: string | undefined, statement: unknown): string => {
    const document = read(text);
    return JSON.stringify({ ...document, Statement: [...listed(document.Statement), statement] });
  };
  if (change.kind === "addStatement" && layer === "identity") {
    await iam.putUserPolicy({ UserName, PolicyName: "suggested", PolicyDocument: json(change.statement) });
  } else if (change.kind === "addStatement" && layer === "trust") {
    await changeTrust((text) => appended(text, change.statement));
  } else if (change.kind === "addStatement" && layer === "boundary") {
    const { PolicyVersion } = await iam.getPolicyVersion({ PolicyArn, VersionId: "v1" });
    const PolicyDocument = appended(PolicyVersion?.Document, change.statement);
    await iam.createPolicyVersion({ PolicyArn, PolicyDocument, SetAsDefault: true });
  } else if (change.kind === "addStatement" && layer === "serviceControl") {
    const { Policy } = await organizations.createPolicy({
      ...{ Name: "suggested", Description: "", Type: "SERVICE_CONTROL_POLICY", Content: json(change.statement) },
    });
    await organizations.attachPolicy({ PolicyId: Policy?.PolicySummary?.Id ?? "", TargetId: node?.id ?? "" });
  } else if (change.kind === "addResource") {
    const { PolicyDocument: text } = await iam.getUserPolicy({ UserName, PolicyName: change.to.policy });
    const PolicyDocument = edited(text, change.to, (statement) => {
      statement.Resource = [...listed(statement.Resource), change.resource];
    });
    await iam.putUserPolicy({ UserName, PolicyName: change.to.policy, PolicyDocument });
  } else if (change.kind === "addConditionValues" && layer === "trust") {
    await changeTrust((text) =>
      edited(text, change.to, (statement) => {
        const conditions = statement.Condition as Record<string, Record<string, unknown>>;
        for (const { operator, key, values } of change.conditions) {
          const keys = conditions[operator] ?? {};
          keys[key] = [...listed(keys[key]), ...values];
        }
      }),
    );
  } else throw new Error(`nothing to apply: ${change.kind} in ${layer}`);
};
