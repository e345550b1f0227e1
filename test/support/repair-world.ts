import { analyzerIn } from "../../sandbox/analyzers/state.ts";
import { newReport } from "../../sandbox/iam/credential-report.ts";
import { addRole, addUser, trusting } from "../../sandbox/iam/state.ts";
import { createSandbox, type Sandbox } from "../../sandbox/sandbox.ts";
import type { AccountState } from "../../sandbox/state.ts";
import type { AnyStateControl, PlanContext } from "../../shared/control.ts";
import { WardenError } from "../../shared/errors.ts";
import type { AnyFacts, PasswordPolicyFacts } from "../../shared/facts/facts.ts";
import { type Finding, findingId } from "../../shared/findings/finding.ts";
import { subjectOf } from "../../shared/judgement/judge.ts";
import { authorize, type Interlocks } from "../../shared/remediation/authorization.ts";
import { type ExecutorDependencies, execute } from "../../shared/remediation/executor.ts";
import { createMemoryRemediationStore } from "../../shared/remediation/memory-store.ts";
import { type Approval, type Preparation, prepare, type RepairRequest } from "../../shared/remediation/prepare.ts";
import type { Remediation, Stage } from "../../shared/remediation/remediation.ts";
import { isIrreversible } from "../../shared/remediation/step.ts";
import type { RemediationStore } from "../../shared/remediation/store.ts";
import { undo } from "../../shared/remediation/undo.ts";
import { parseSettings } from "../../shared/settings/parse-yaml.ts";
import type { Subject } from "../../shared/subject.ts";
import { awsOf } from "./aws-of.ts";
import { createFaults, type Faults, faultyHandler } from "./faults.ts";
import { aFinding } from "./findings.ts";
import { memberOf } from "./iam-account.ts";
import { putWardenRoles } from "./warden-roles.ts";

/** All interlocks hold. */
export const nothingHolds: Interlocks = {
  optedIn: async () => undefined,
  notExempt: async () => undefined,
  notProtected: async () => undefined,
  stillViolating: async () => undefined,
  withinBreaker: async () => undefined,
  blastRadius: async () => undefined,
  breakerSlot: async () => undefined,
};

/** As far as these settings allow, and no further, the roles are granted. */
const everythingRepairs = parseSettings(
  `version: 1
controls:
  access-analyzer-missing: { mode: remediate }
  console-user-without-mfa: { mode: remediate }
  role-without-boundary: { mode: remediate }
  role-with-unapproved-boundary: { mode: remediate, options: { approvedBoundaries: [TeamBoundary] } }
  root-access-key-exists: { mode: remediate }
  stale-access-key: { mode: remediate }
  unused-access-key: { mode: remediate }
  unused-role: { mode: remediate }
  trust-open-to-anyone: { mode: remediate }
  weak-password-policy: { mode: remediate }
repairs: { permissionsBoundary: TeamBoundary, centralRootAccess: true }
`,
  "warden.config.yaml",
);

/** Those that the rows of `access-analyzer-missing` speak of. */
const watchedRegions = ["us-east-1", "eu-central-1"];

const auditRole = "iam-warden-audit";
const writeRole = "iam-warden-remediate";

export interface RepairWorld {
  readonly sandbox: Sandbox;
  readonly account: AccountState;
  readonly store: RemediationStore;
  /** Writes that reached IAM, as `Operation by role`, refused ones too. */
  readonly writes: string[];
  /** Everything in the account but the traces of who reads it. */
  state(): unknown;
  /** The dependencies of one run, whose calls to AWS and to the store go through `faults`. */
  run(faults?: Faults): ExecutorDependencies;
}

/** A member account that the roles of iam-warden read and write, at `start`, with what `arrange` puts there. */
export const repairWorld = (
  { accountId, start }: { readonly accountId: string; readonly start: Date },
  arrange: (account: AccountState, sandbox: Sandbox) => void,
): RepairWorld => {
  const sandbox = createSandbox({ start });
  const { account } = memberOf(sandbox, accountId);
  const { managementAccountId: hub, rootFeatures } = sandbox.state.organization;
  rootFeatures.add("RootSessions");
  const trustPolicy = trusting({ AWS: `arn:aws:iam::${hub}:root` });
  putWardenRoles(sandbox, account, { trustPolicy, settings: everythingRepairs });
  addPolicy(account, `arn:aws:iam::${accountId}:policy/TeamBoundary`);
  arrange(account, sandbox);
  const store = createMemoryRemediationStore();
  const writes: string[] = [];
  sandbox.intercept(({ operation, service, caller }) => {
    if ((service !== "iam" && service !== "access-analyzer") || /^(?:Get|List)/.test(operation)) return;
    const { principal } = caller;
    writes.push(`${operation} by ${principal.type === "role" ? principal.roleName : principal.type}`);
  });
  const credentials = awsOf(sandbox) && sandbox.credentialsFor(hub, { role: "hub" });
  const { requestHandler } = sandbox.clientConfig(credentials);

  return {
    sandbox,
    account,
    store,
    writes,
    state: () => {
      const copy = structuredClone(account);
      for (const role of [auditRole, writeRole]) copy.roles.delete(role);
      delete copy.credentialReport;
      // When a repair came through is not what it made.
      for (const [arn, one] of copy.analyzers) copy.analyzers.set(arn, { ...one, createdAt: copy.joinedAt });
      return copy;
    },
    run: (faults = createFaults()) => {
      const faulty = faultyHandler(requestHandler, faults);
      const access = (roleName: string) =>
        awsOf(sandbox, {
          watchedRegions,
          roleName,
          sessionName: roleName,
          assumeInOwnAccount: true,
          requestHandler: faulty,
        });
      return {
        audit: access(auditRole),
        remediate: access(writeRole),
        store: {
          get: (...args) => faults.call("store.get", () => store.get(...args)),
          put: (...args) => faults.call("store.put", () => store.put(...args)),
          ofFinding: (...args) => faults.call("store.ofFinding", () => store.ofFinding(...args)),
        },
        clock: () => sandbox.clock.now(),
        sleep: async (ms) => sandbox.clock.advance(ms),
      };
    },
  };
};

/** Whether this is what a fault, or an error that hands the work back to its queue, ends a run with. */
export const isBroken = (error: unknown): boolean =>
  (error instanceof WardenError && error.retryable) ||
  (error instanceof Error && /^(?:The invocation died|socket hang up) at call \d+/.test(error.message));

/** Puts a customer managed policy into the account, of which only the ARN counts. */
export const addPolicy = (account: AccountState, arn: string): void => {
  const document = JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "s3:*", Resource: "*" }],
  });
  const { joinedAt: createdAt } = account;
  account.policies.set(arn, {
    name: arn.slice(arn.lastIndexOf("/") + 1),
    path: "/",
    id: "ANPAQEXAMPLETEAM00001",
    arn,
    description: "",
    createdAt,
    updatedAt: createdAt,
    tags: new Map(),
    versions: [{ id: "v1", document, createdAt }],
    defaultVersionId: "v1",
    nextVersion: 2,
  });
};

const bystander = JSON.stringify({
  Version: "2012-10-17",
  Statement: { Effect: "Allow", Action: "s3:*", Resource: "*" },
});

const inIamsWords = (policy: PasswordPolicyFacts): Record<string, number | boolean> => ({
  MinimumPasswordLength: policy.minimumLength,
  RequireSymbols: policy.requireSymbols,
  RequireNumbers: policy.requireNumbers,
  RequireUppercaseCharacters: policy.requireUppercase,
  RequireLowercaseCharacters: policy.requireLowercase,
  AllowUsersToChangePassword: policy.usersMayChange,
  ...(policy.maxAgeDays !== null && { MaxPasswordAge: policy.maxAgeDays }),
  ...(policy.remembered !== null && { PasswordReusePrevention: policy.remembered }),
  ...(policy.hardExpiry && { HardExpiry: true }),
});

/** Makes an account such that its live facts say what `facts` say, with some more about it that no repair may touch. */
export const place = (facts: AnyFacts, account: AccountState, { ids, clock }: Sandbox): Subject => {
  const subject = subjectOf(facts);
  const key = (id: string, createdAt: Date, active: boolean, lastUsedAt?: Date) => ({
    id,
    secret: "secret",
    status: active ? ("Active" as const) : ("Inactive" as const),
    createdAt,
    ...(lastUsedAt && { lastUsed: { at: lastUsedAt, service: "s3", region: "eu-west-1" } }),
  });
  switch (facts.kind) {
    case "user": {
      const { console: access } = facts;
      const changedAt = facts.createdAt;
      addUser(account, ids, {
        name: facts.name,
        path: facts.path,
        id: facts.id,
        createdAt: facts.createdAt,
        tags: new Map(Object.entries(facts.tags)),
        inlinePolicies: new Map([["own", bystander]]),
        accessKeys: [key("AKIAQEXAMPLEUSED00001", facts.createdAt, true)],
        ...(access.known &&
          access.value.enabled && { loginProfile: { createdAt: changedAt, changedAt, resetRequired: false } }),
      });
      return subject;
    }
    case "accessKey": {
      const id = facts.id.known ? facts.id.value : "AKIAQEXAMPLEBOB00001";
      const used = facts.lastUsedAt.known ? (facts.lastUsedAt.value ?? undefined) : undefined;
      const fresh = key("AKIAQEXAMPLEFRESH0001", account.joinedAt, true, new Date(facts.createdAt.getTime()));
      addUser(account, ids, {
        name: facts.userName,
        path: facts.userPath,
        createdAt: account.joinedAt,
        accessKeys: [fresh, key(id, facts.createdAt, facts.active, used)],
      });
      return { ...subject, accessKeyId: id };
    }
    case "role":
      if (facts.permissionsBoundaryArn !== null) addPolicy(account, facts.permissionsBoundaryArn);
      addRole(account, ids, {
        name: facts.name,
        path: facts.path,
        id: facts.id,
        createdAt: facts.createdAt,
        tags: new Map(Object.entries(facts.tags)),
        inlinePolicies: new Map([["own", bystander]]),
        ...(facts.trustPolicy.known && { trustPolicy: JSON.stringify(facts.trustPolicy.value, null, 2) }),
        ...(facts.permissionsBoundaryArn !== null && { boundary: facts.permissionsBoundaryArn }),
        ...(facts.lastUsedAt !== null && { lastUsed: { at: facts.lastUsedAt, region: "eu-west-1" } }),
      });
      return subject;
    case "root": {
      const { root } = account;
      root.passwordEnabled = facts.passwordEnabled.known && facts.passwordEnabled.value;
      const present = facts.accessKeysPresent.known ? facts.accessKeysPresent.value : true;
      const keys =
        facts.accessKeys.known && facts.accessKeys.value.length > 0 ? facts.accessKeys.value : [{ active: true }];
      for (const [index, { active }] of present ? keys.entries() : [])
        root.accessKeys.push(key(`AKIAQEXAMPLEROOT0000${index}`, account.joinedAt, active));
      return subject;
    }
    case "account": {
      const { passwordPolicy } = facts;
      const { joinedAt: createdAt } = account;
      addUser(account, ids, {
        name: "ann",
        createdAt,
        loginProfile: { createdAt, changedAt: createdAt, resetRequired: false },
      });
      account.credentialReport = { ...newReport(account, clock.now()), complete: true };
      delete account.passwordPolicy;
      if (passwordPolicy.known && passwordPolicy.value !== null)
        account.passwordPolicy = inIamsWords(passwordPolicy.value);
      account.analyzers.clear();
      for (const { region, analyzers } of facts.analyzers)
        for (const { name, status } of analyzers.known ? analyzers.value : []) {
          const analyzer = { ...analyzerIn(account.id, region, { createdAt: account.joinedAt, name }) };
          account.analyzers.set(analyzer.arn, Object.assign(analyzer, { status }));
        }
      // Access Analyzer's own role, which stays.
      addRole(account, ids, {
        ...{ name: "AWSServiceRoleForAccessAnalyzer", path: "/aws-service-role/access-analyzer.amazonaws.com/" },
        createdAt: account.joinedAt,
      });
      return subject;
    }
    default:
      throw new Error(`nothing repairs a ${facts.kind}: there is none to place`);
  }
};

export const findingOf = (control: AnyStateControl, facts: AnyFacts, subject: Subject): Finding =>
  aFinding({
    id: findingId(facts.account.id, control.id, subject),
    account: facts.account,
    control: control.id,
    severity: control.severity,
    subject,
  });

export type Repaired =
  | Exclude<Preparation, { outcome: "ready" }>
  | { readonly outcome: "done"; readonly remediation: Remediation };

/** Prepares, approves what has to be approved, authorizes and executes, as the remediation function will. */
export const repairWith = async (
  run: ExecutorDependencies,
  request: RepairRequest,
  { approves = true, interlocks = nothingHolds }: { approves?: boolean; interlocks?: Interlocks } = {},
): Promise<Repaired> => {
  let preparation = await prepare(run, request);
  if (preparation.outcome === "ready" && approves) {
    const { steps, digest } = preparation.prepared;
    if (steps.some(({ step }) => isIrreversible(step))) {
      const approval: Approval = {
        by: "arn:aws:iam::999999999999:user/ann",
        at: run.clock(),
        stage: preparation.prepared.stage,
        digest,
      };
      preparation = await prepare(run, { ...request, approval });
    }
  }
  if (preparation.outcome !== "ready") return preparation;
  const authorized = await authorize(interlocks, preparation.prepared, { by: "ladder", why: "7 days open" });
  if (authorized.outcome === "held") return { outcome: "held", why: `${authorized.interlock}: ${authorized.why}` };
  return { outcome: "done", remediation: await execute(run, authorized.authorization) };
};

export const undoWith = (
  run: ExecutorDependencies,
  { account, id }: Remediation,
  force = false,
): Promise<Remediation> => undo(run, { accountId: account.id, id, by: "ann", why: "the nightly job broke", force });

export const requestFor = (
  control: AnyStateControl,
  finding: Finding,
  context: PlanContext<never>,
  stage: Stage = "repair",
): RepairRequest => ({ control, finding, context, stage });
