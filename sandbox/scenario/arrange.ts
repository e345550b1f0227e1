import { CreatePolicyCommand } from "@aws-sdk/client-iam";
import { ruleArn } from "../events/bus.ts";
import type { Rule } from "../events/state.ts";
import { addRole, addUser, administratorAccess, trusting } from "../iam/state.ts";
import type { AccountState } from "../state.ts";
import { dayMs, type Stage } from "./stage.ts";

export const allowing = (Action: string): string =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action, Resource: "*" }] });

/** The accounts in which everything is wrong: of a stack set, and of the stack of the management account. */
export const troubled = ({ data, management }: Stage): readonly AccountState[] => [data, management];

/** The one Region of the settings besides the hub's own. */
export const watched = "eu-west-1";
export const expiredCertificate = "www.example.com";

const workload = trusting({ Service: "lambda.amazonaws.com" });

/**
 * Everything wrong that iam-warden repairs, in an account, and `limited`, which nobody uses: `bob` without MFA and with a stale key, `robot` with another, `app`
 * without a boundary and `loose` with one that allows everything; `open`, whom anyone can assume; no password policy; a server certificate whose time is over; no
 * analyzer in a Region; and an OIDC provider that nobody approved.
 */
const trouble = async (stage: Stage, account: AccountState): Promise<void> => {
  const { sandbox, iam } = stage;
  const { ids, clock } = sandbox;
  const createdAt = new Date(clock.now().getTime() - 200 * dayMs);
  const key = (name: string) => ({ id: `AKIA${name}${account.id}`, secret: "x", status: "Active" as const, createdAt });
  const tags = new Map([["owner", "payments"]]);
  addUser(account, ids, {
    ...{ name: "bob", createdAt, tags, accessKeys: [key("BOB0")] },
    loginProfile: { createdAt, changedAt: createdAt, resetRequired: false },
    passwordLastUsedAt: new Date(clock.now().getTime() - dayMs),
    inlinePolicies: new Map([["own", allowing("s3:GetObject")]]),
  });
  addUser(account, ids, { name: "robot", createdAt, tags: new Map(tags), accessKeys: [key("ROBO")] });
  addRole(account, ids, {
    ...{ name: "app", createdAt, trustPolicy: workload },
    attachedPolicies: new Set([administratorAccess]),
    inlinePolicies: new Map([["own", allowing("s3:GetObject")]]),
  });
  const loose = `arn:aws:iam::${account.id}:policy/loose`;
  await iam(account).send(new CreatePolicyCommand({ PolicyName: "loose", PolicyDocument: allowing("*") }));
  addRole(account, ids, {
    ...{ name: "loose", createdAt, trustPolicy: workload, boundary: loose },
    attachedPolicies: new Set([loose]),
  });
  addRole(account, ids, {
    ...{
      name: "limited",
      createdAt,
      trustPolicy: workload,
      boundary: `arn:aws:iam::${account.id}:policy/iam-warden-boundary`,
    },
    attachedPolicies: new Set([administratorAccess]),
  });
  account.serverCertificates.set(expiredCertificate, {
    ...{ name: expiredCertificate, path: "/", id: ids.entity("ASCA"), body: "" },
    arn: `arn:aws:iam::${account.id}:server-certificate/${expiredCertificate}`,
    ...{ uploadedAt: createdAt, expiresAt: new Date(clock.now().getTime() - dayMs) },
  });
  addRole(account, ids, {
    ...{ name: "open", createdAt, trustPolicy: trusting({ AWS: "*" }) },
    boundary: `arn:aws:iam::${account.id}:policy/iam-warden-boundary`,
  });
  delete account.passwordPolicy;
  for (const [arn, { region }] of account.analyzers) if (region === watched) account.analyzers.delete(arn);
  const saml = `arn:aws:iam::${account.id}:saml-provider/Mine`;
  account.samlProviders.set(saml, { arn: saml, name: "Mine", metadata: "", createdAt });
  const arn = `arn:aws:iam::${account.id}:oidc-provider/ci.example.com`;
  account.oidcProviders.set(arn, {
    ...{
      arn,
      url: "ci.example.com",
      clientIds: new Set(["sts.amazonaws.com"]),
      thumbprints: [],
      createdAt,
      tags: new Map([["owner", "identity"]]),
    },
  });
  // What they used makes what the boundary would break a question for the simulator.
  for (const role of ["app", "loose"])
    sandbox.use(account.id, { role }, { service: "s3", action: "ListAllMyBuckets", eventName: "ListBuckets" });
};

/** Before anything of it runs: what is wrong in two accounts, and an account whose events somebody stopped. */
export const arrange = async (stage: Stage): Promise<void> => {
  for (const account of troubled(stage)) await trouble(stage, account);
  const { data, web, management, sandbox } = stage;
  data.root.accessKeys.push({
    ...{ id: `AKIAROOT${data.id}`, secret: "x", status: "Active" as const },
    createdAt: new Date(sandbox.clock.now().getTime() - 200 * dayMs),
  });
  // Without any credentials root needs no device.
  for (const { root } of [web, management]) {
    root.passwordEnabled = false;
    root.mfaDevices.length = 0;
  }
  forwarding(stage, web).state = "DISABLED";
  await stage.wiring.settle();
};

/** The rule by which changes of IAM leave an account. @throws Error if it is not deployed */
export const forwarding = ({ sandbox }: Stage, account: AccountState): Rule => {
  const arn = ruleArn(account.id, "us-east-1", "default", "iam-warden-iam-changes-1");
  const found = [...sandbox.state.buses.values()]
    .flatMap(({ rules }) => [...rules.values()])
    .find((rule) => rule.arn === arn);
  if (found === undefined) throw new Error(`there is no rule ${arn}`);
  return found;
};
