import {
  CreateOpenIDConnectProviderCommand,
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  PutGroupPolicyCommand,
  UploadServerCertificateCommand,
} from "@aws-sdk/client-iam";
import { beforeAll, describe, expect, it } from "vitest";
import { defaultBus, ruleArn } from "../../sandbox/events/bus.ts";
import { centralizeRoot } from "../../sandbox/iam/central-root.ts";
import { addGroup, addRole, addUser, trusting } from "../../sandbox/iam/state.ts";
import { auditReads } from "../../shared/aws/audit-reads.ts";
import { eventPatterns } from "../../shared/events/patterns.ts";
import type { Finding } from "../../shared/findings/finding.ts";
import { markEvent } from "../../shared/marks/mark.ts";
import { permissionsFor } from "../../shared/remediation/writes.ts";
import { optedIn, writesOfAll } from "../../shared/settings/opted-in.ts";
import { certificateBody, certificateKey } from "../support/certificate.ts";
import { settingsOf } from "../support/settings.ts";
import { type SmallOrganization, smallOrganization } from "../support/small-organization.ts";

// The whole product at work on an account in which everything is wrong: what its roles there call, and are granted.

const hourMs = 3_600_000;
const everyRepair = settingsOf(`version: 1
controls:
  access-analyzer-missing: { mode: remediate, ladder: [{ after: 0d, do: remediate }] }
  console-user-without-mfa: { mode: remediate, ladder: [{ after: 0d, do: remediate }] }
  role-without-boundary: { mode: remediate, ladder: [{ after: 0d, do: remediate }] }
  stale-access-key: { mode: remediate, ladder: [{ after: 0d, do: remediate }, { after: 1d, do: finish }] }
  unused-role: { mode: remediate, ladder: [{ after: 0d, do: remediate }] }
  trust-open-to-anyone: { mode: remediate, ladder: [{ after: 0d, do: remediate }] }
  weak-password-policy: { mode: remediate, ladder: [{ after: 0d, do: remediate }] }
  root-access-key-exists: { mode: remediate, ladder: [{ after: 0d, do: remediate }] }
breaker: { perAccount: { count: 50, percent: 100 }, organization: { count: 50, percent: 100 } }
repairs: { permissionsBoundary: developer-boundary, centralRootAccess: true }
`);
const statement = (Action: string) =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action, Resource: "*" }] });

/** The services that are called with an account's roles. */
const inAccounts = new Set(["access-analyzer", "iam", "events", "cloudtrail"]);
/** The operations of these that each role called in the members, by the role's name. */
const called = new Map<string, Set<string>>();
let organization: SmallOrganization;

const arrange = async ({ data, sandbox, iam }: SmallOrganization): Promise<void> => {
  const createdAt = new Date(sandbox.clock.now().getTime() - 200 * 24 * hourMs);
  delete data.passwordPolicy;
  data.analyzers.clear();
  const staff = addGroup(data, sandbox.ids, { name: "staff", createdAt });
  staff.attachedPolicies.add("arn:aws:iam::aws:policy/ReadOnlyAccess");
  const key = { id: "AKIAROBOT00000000001", secret: "x", status: "Active" as const, createdAt };
  addUser(data, sandbox.ids, {
    name: "bob",
    createdAt,
    loginProfile: { createdAt, changedAt: createdAt, resetRequired: false },
    inlinePolicies: new Map([["own", statement("s3:GetObject")]]),
    attachedPolicies: new Set(["arn:aws:iam::aws:policy/ReadOnlyAccess"]),
    groups: new Set(["staff"]),
    accessKeys: [key],
  });
  data.root.accessKeys.push({ ...key, id: "AKIAROOT000000000001" });
  await iam(data).send(
    new CreatePolicyCommand({ PolicyName: "developer-boundary", PolicyDocument: statement("s3:*") }),
  );
  // Both change what bob and app may do, without naming them.
  await iam(data).send(
    new PutGroupPolicyCommand({
      GroupName: "staff",
      PolicyName: "logs",
      PolicyDocument: statement("logs:GetLogEvents"),
    }),
  );
  const PolicyArn = `arn:aws:iam::${data.id}:policy/developer-boundary`;
  await iam(data).send(
    new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: statement("s3:*"), SetAsDefault: true }),
  );
  await iam(data).send(new CreateOpenIDConnectProviderCommand({ Url: "https://token.actions.githubusercontent.com" }));
  await iam(data).send(
    new UploadServerCertificateCommand({
      ...{ ServerCertificateName: "www.example.com", CertificateBody: certificateBody, PrivateKey: certificateKey },
    }),
  );
  addRole(data, sandbox.ids, {
    name: "app",
    createdAt,
    trustPolicy: trusting({ Service: "lambda.amazonaws.com" }),
    attachedPolicies: new Set(["arn:aws:iam::aws:policy/AdministratorAccess"]),
    inlinePolicies: new Map([["own", statement("s3:GetObject")]]),
  });
  addRole(data, sandbox.ids, { name: "idle", createdAt });
  addRole(data, sandbox.ids, { name: "open", createdAt, trustPolicy: trusting({ AWS: "*" }) });
  // What the role used makes the boundary's losses a question for the simulator.
  sandbox.use(data.id, { role: "app" }, { service: "s3", action: "ListAllMyBuckets", eventName: "ListBuckets" });
};

const pass = async ({ sandbox, functions, wiring }: SmallOrganization, hours: number): Promise<void> => {
  for (let hour = 0; hour < hours; hour++) {
    sandbox.clock.advance(hourMs);
    await functions.escalate();
    await wiring.settle();
  }
};

const undoAll = async ({ data, store, remediations, repairs, wiring }: SmallOrganization): Promise<void> => {
  for (const { id } of await store.listAll(data.id))
    for (const { id: remediationId, state } of await remediations.ofFinding(data.id, id)) {
      if (state !== "verified") continue;
      const asked = { accountId: data.id, remediationId, by: "alice", why: "It broke the build.", force: false };
      await repairs.send({ kind: "undo", ...asked });
    }
  await wiring.settle();
};

const approveWhatWaits = async ({ data, store, repairs, wiring, sandbox }: SmallOrganization): Promise<Finding[]> => {
  const waiting = (await store.listAll(data.id)).filter(({ repair }) => repair?.interlock === "approved");
  for (const finding of waiting) {
    const { stage = "repair", digest = "" } = finding.repair ?? {};
    const approval = { by: "alice", at: sandbox.clock.now().toISOString(), stage, digest, why: "Nobody missed it." };
    await store.put({ ...finding, approval, version: finding.version + 1 });
    await repairs.send({ kind: "repair", accountId: data.id, findingId: finding.id, stage });
  }
  await wiring.settle();
  return waiting;
};

beforeAll(async () => {
  organization = smallOrganization({ settings: everyRepair });
  const { sandbox, wiring, hub } = organization;
  centralizeRoot(sandbox.state.organization, hub.id, sandbox.clock.now());
  sandbox.intercept(({ operation, service, caller }) => {
    const { principal } = caller;
    if (!inAccounts.has(service) || principal.type !== "role") return;
    called.set(principal.roleName, (called.get(principal.roleName) ?? new Set()).add(`${service}:${operation}`));
  });
  await arrange(organization);
  await wiring.settle();
  await wiring.sweep();
  await pass(organization, 30);
  const waited = await approveWhatWaits(organization);
  expect(waited.map(({ control }) => control).sort()).toEqual(["root-access-key-exists", "stale-access-key"]);
  await undoAll(organization);
  // The doctor, in an account with a rule to look at.
  const { data, doctor, place } = organization;
  const bus = defaultBus(sandbox.state, data.id, "us-east-1");
  for (const { name, pattern } of eventPatterns()) {
    const ruleName = `iam-warden-${name}`;
    const arn = ruleArn(data.id, "us-east-1", "default", ruleName);
    const state = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS";
    bus.rules.set(ruleName, { arn, name: ruleName, busArn: bus.arn, pattern, state, targets: new Map() });
  }
  const caller = { arn: `arn:aws:iam::${place.accountId}:user/ann` };
  await doctor(JSON.stringify({ command: "account", account: data.id }), caller);
}, 120_000);

const callsOf = (role: string): string[] => [...(called.get(role) ?? [])].sort();

describe("the audit role", () => {
  it("is declared to read exactly what the functions read with it, and leaves its marks", () => {
    expect(callsOf("iam-warden-audit")).toEqual([...Object.values(auditReads).flat(), markEvent].toSorted());
  });

  it("is granted nothing that changes anything but what is to be read", () => {
    const changing = Object.values(auditReads)
      .flat()
      .filter(
        (action) => !/^(?:access-analyzer|cloudtrail|events|iam):(?:Describe|Get|List|Simulate)[A-Z]/.test(action),
      );
    expect(changing.toSorted()).toEqual(["iam:GenerateCredentialReport", "iam:GenerateServiceLastAccessedDetails"]);
  });
});

describe("the remediation role", () => {
  it("is granted exactly what repairs and undos of the controls that opted in write with it", () => {
    const written = writesOfAll(optedIn(everyRepair));
    // What making an analyzer needs besides is no call: without it the sandbox refuses, as AWS does.
    const besides = ["access-analyzer:TagResource", "iam:CreateServiceLinkedRole"];
    expect(permissionsFor(written)).toEqual([...callsOf("iam-warden-remediate"), ...besides].toSorted());
    expect(written).toContain("root:DeleteAccessKey");
    expect(organization.data.root.accessKeys).toEqual([]);
  });

  it("is granted nothing where nothing opted in", () => {
    const quiet = settingsOf("version: 1\n");
    expect(permissionsFor(writesOfAll(optedIn(quiet)))).toEqual([]);
  });
});
