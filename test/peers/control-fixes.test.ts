import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { IAM } from "@aws-sdk/client-iam";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSandbox } from "../../sandbox/sandbox.ts";
import { placeholdersIn } from "../../scripts/docs/placeholders.ts";
import type { AnyControl } from "../../shared/control.ts";
import { controlById, controls } from "../../shared/controls/catalogue.ts";
import type { AnyFacts } from "../../shared/facts/facts.ts";
import { readSnapshot } from "../../shared/facts/snapshot.ts";
import { judge } from "../../shared/judgement/judge.ts";
import { fixesFor, fixFor } from "../../shared/notify/fix.ts";
import { parsePolicy } from "../../shared/policy/language/document.ts";
import { requestContext } from "../../shared/policy/language/variables.ts";
import { evaluatePolicies } from "../../shared/policy/request/evaluate.ts";
import { defaultSettings, type Settings } from "../../shared/settings/settings.ts";
import type { Subject } from "../../shared/subject.ts";
import { aFinding } from "../support/findings.ts";
import { accountWith, memberId } from "../support/iam-account.ts";
import { describeWithPeers, peerEnvironment, run } from "../support/peers.ts";

const boundaryArn = `arn:aws:iam::${memberId}:policy/TeamBoundary`;
const settings: Settings = {
  ...defaultSettings(),
  controls: {
    ...defaultSettings().controls,
    "role-with-unapproved-boundary": { mode: "notify", options: { approvedBoundaries: ["TeamBoundary"] }, ladder: [] },
  },
};
const trust = JSON.stringify({
  Version: "2012-10-17",
  Statement: { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" },
});
const openTrust = JSON.stringify({
  Version: "2012-10-17",
  Statement: { Effect: "Allow", Principal: { AWS: "*" }, Action: "sts:AssumeRole" },
});

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "fixes-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const snippetsOf = (id: string): AnyControl["guidance"]["fix"] => {
  const control = controlById(id);
  if (!control) throw new Error(`there is no control ${id}`);
  return control.guidance.fix;
};

/** A member account with something wrong for each control, served over HTTP. */
const neglected = async () => {
  const sandbox = createSandbox();
  const world = accountWith(sandbox, [
    {
      name: "two-keys",
      keys: [
        { age: 80, usedAgo: 40 },
        { age: 3, usedAgo: 1 },
      ],
    },
    { name: "old-key", path: "/team/", keys: [{ age: 200, usedAgo: 1 }] },
    { name: "idle-key", keys: [{ age: 80 }] },
    { name: "idle-password", password: { age: 200, usedAgo: 100 }, mfa: "virtual" },
    { name: "no-mfa", path: "/team/", password: { age: 20, usedAgo: 1 } },
  ]);
  const credentials = sandbox.credentialsFor(memberId, "root");
  const iam = new IAM(sandbox.clientConfig(credentials));
  await iam.createPolicy({ PolicyName: "TeamBoundary", PolicyDocument: JSON.stringify(boundaryDocument) });
  await iam.createRole({ RoleName: "unbounded", AssumeRolePolicyDocument: trust });
  await iam.createRole({ RoleName: "open", AssumeRolePolicyDocument: openTrust });
  await iam.createRole({
    RoleName: "loose",
    AssumeRolePolicyDocument: trust,
    PermissionsBoundary: "arn:aws:iam::aws:policy/AdministratorAccess",
  });
  const operations: string[] = [];
  sandbox.intercept((call) => void operations.push(call.operation));
  const server = await sandbox.listen();

  /** What a control says of a subject, by a report made now. */
  const outcomes = async (control: string, name: string): Promise<readonly string[]> => {
    sandbox.clock.advance(5 * 3_600_000);
    const snapshot = await readSnapshot(world.aws, world.ref, world);
    const facts: readonly AnyFacts[] = [...snapshot.users, ...snapshot.roles, snapshot.root];
    const times = { asOf: sandbox.clock.now(), now: sandbox.clock.now() };
    return facts
      .flatMap((one) => judge(one, settings, times))
      .filter((judgement) => judgement.control === control && judgement.subject.name === name)
      .map((judgement) => judgement.verdict.outcome);
  };

  /** Runs a control's AWS CLI snippet as a notice about this subject shows it, with the reader's own values put in. */
  const fix = async (
    control: string,
    subject: Subject,
    filled: Readonly<Record<string, string>> = {},
    environment: Readonly<Record<string, string>> = {},
  ) => {
    const finding = aFinding({ control, subject, account: world.ref });
    const { commands, open } = fixFor(snippetsOf(control).cli, finding);
    expect(open).toEqual(Object.keys(filled).sort());
    const whole = Object.entries(filled).reduce((text, [name, value]) => text.replaceAll(name, value), commands);
    const env = { ...peerEnvironment(credentials), AWS_ENDPOINT_URL: server.url, ...environment };
    return run("bash", ["-c", `cd '${folder}'\n${whole}`], { env });
  };

  return { ...world, iam, sandbox, outcomes, fix, operations, close: () => server.close() };
};

const boundaryDocument = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "s3:*", Resource: "*" }] };

/** What the AWS CLI says of options or values that it does not know. */
const misuse = /usage:|Unknown options|Parameter validation failed|Invalid choice|Error parsing parameter/i;

describeWithPeers(["aws"], "the fixes, run by the AWS CLI", () => {
  let world: Awaited<ReturnType<typeof neglected>>;
  beforeAll(async () => {
    world = await neglected();
  });
  afterAll(() => world.close());

  const user = (name: string, path = "/"): Subject => ({
    kind: "user",
    name,
    arn: `arn:aws:iam::${memberId}:user${path}${name}`,
  });
  const oldestKey = (name: string) => world.account.users.get(name)?.accessKeys[0]?.id ?? "";
  const key = (name: string): Subject => ({ ...user(name), kind: "accessKey", accessKeyId: oldestKey(name) });
  const role = (name: string): Subject => ({ kind: "role", name, arn: `arn:aws:iam::${memberId}:role/${name}` });

  const cases: readonly {
    readonly control: string;
    readonly subject: () => Subject;
    readonly filled?: () => Readonly<Record<string, string>>;
    readonly after: readonly string[];
  }[] = [
    {
      control: "two-active-access-keys",
      subject: () => user("two-keys"),
      filled: () => ({ KEY_ID: oldestKey("two-keys") }),
      after: ["compliant"],
    },
    { control: "stale-access-key", subject: () => key("old-key"), after: ["compliant"] },
    { control: "unused-access-key", subject: () => key("idle-key"), after: [] },
    { control: "unused-console-password", subject: () => user("idle-password"), after: ["notApplicable"] },
    {
      control: "role-without-boundary",
      subject: () => role("unbounded"),
      filled: () => ({ BOUNDARY_ARN: boundaryArn }),
      after: ["compliant"],
    },
    {
      control: "role-with-unapproved-boundary",
      subject: () => role("loose"),
      filled: () => ({ BOUNDARY_ARN: boundaryArn }),
      after: ["compliant"],
    },
  ];

  for (const { control, subject, filled, after } of cases) {
    it(`${control} is gone afterwards`, async () => {
      const about = subject();
      expect(await world.outcomes(control, about.name)).toContain("violation");
      const result = await world.fix(control, about, filled?.());
      expect(result, result.stderr).toMatchObject({ status: 0, stderr: "" });
      expect(await world.outcomes(control, about.name)).toEqual(after);
    });
  }

  it("trust-open-to-anyone: the trust policy is edited before it is written", async () => {
    const about = role("open");
    const control = "trust-open-to-anyone";
    const filled = { ORGANIZATION_ID: "o-exampleorg1" };
    expect(await world.outcomes(control, "open")).toEqual(["violation"]);
    const unedited = await world.fix(control, about, filled, { EDITOR: "test -s" });
    expect(unedited, unedited.stderr).toMatchObject({ status: 0, stderr: "" });
    expect(await world.outcomes(control, "open")).toEqual(["violation"]);
    const edited = await world.fix(control, about, filled, { EDITOR: `sed -i s/"\\*"/"${memberId}"/` });
    expect(edited, edited.stderr).toMatchObject({ status: 0, stderr: "" });
    expect(await world.outcomes(control, "open")).toEqual(["compliant"]);
  });

  it("console-user-without-mfa: the console session can do nothing but add a device, and access keys keep working", async () => {
    const subject = user("no-mfa", "/team/");
    expect(await world.outcomes("console-user-without-mfa", "no-mfa")).toEqual(["violation"]);
    const result = await world.fix("console-user-without-mfa", subject);
    expect(result, result.stderr).toMatchObject({ status: 0, stderr: "" });
    const answer = await world.iam.getUserPolicy({ UserName: "no-mfa", PolicyName: "deny-until-mfa" });
    const document = decodeURIComponent(answer.PolicyDocument ?? "");
    expect(document.replace(/\s/g, "").length).toBeLessThanOrEqual(2048);

    const allowsAll = parsePolicy({ Statement: { Effect: "Allow", Action: "*", Resource: "*" } });
    const decide = (action: string, resource: string, mfa?: "true" | "false", more = [allowsAll]) =>
      evaluatePolicies([parsePolicy(JSON.parse(document)), ...more], {
        action,
        resource,
        context: requestContext({
          "aws:username": "no-mfa",
          ...(mfa !== undefined && { "aws:MultiFactorAuthPresent": mfa }),
        }),
      }).decision;
    expect(decide("s3:ListAllMyBuckets", "*", "false")).toBe("explicitDeny");
    expect(decide("iam:CreateAccessKey", subject.arn, "false")).toBe("explicitDeny");
    expect(decide("iam:DeactivateMFADevice", subject.arn, "false")).toBe("explicitDeny");
    expect(decide("s3:ListAllMyBuckets", "*", "true")).toBe("allow");
    expect(decide("s3:ListAllMyBuckets", "*")).toBe("allow");
    const device = `arn:aws:iam::${memberId}:mfa/no-mfa`;
    expect(decide("iam:CreateVirtualMFADevice", device, "false", [])).toBe("allow");
    expect(decide("iam:EnableMFADevice", subject.arn, "false", [])).toBe("allow");
    expect(decide("iam:EnableMFADevice", `arn:aws:iam::${memberId}:user/somebody-else`, "false", [])).toBe(
      "implicitDeny",
    );
  });

  it.each(controls.filter(({ subjects }) => subjects.includes("root")).map(({ id }) => id))(
    "%s: where no session as root can be had, nothing is deleted",
    async (id) => {
      const from = world.operations.length;
      const cli = snippetsOf(id).cli;
      const stop = world.sandbox.intercept((call) => {
        if (call.operation === "AssumeRoot") throw new Error("AssumeRoot is refused");
      });
      const open = placeholdersIn(cli).filter((name) => !["ACCOUNT_ID", "FINDING_ID"].includes(name));
      const root: Subject = { kind: "root", name: "root", arn: `arn:aws:iam::${memberId}:root` };
      const result = await world.fix(id, root, Object.fromEntries(open.map((name) => [name, "p-abcdefgh12345678"])));
      stop();
      expect(result.stderr).not.toMatch(misuse);
      expect(result.stderr).toContain("AssumeRoot");
      expect(world.operations.slice(from).filter((name) => /^(?:Delete|Deactivate|Update)/.test(name))).toEqual([]);
    },
  );
});

const values: Readonly<Record<string, string>> = {
  ACCOUNT_ID: memberId,
  BOUNDARY_ARN: boundaryArn,
  BUCKET_NAME: "trail-logs",
  CERTIFICATE_NAME: "www.example.com",
  CREDENTIAL_ID: "ACCAQEXAMPLEGIT000001",
  EXTERNAL_ID: "f3b1c0de-7a52",
  KEY_ID: "AKIAQEXAMPLEBOB00001",
  ORGANIZATION_ID: "o-ab12cd34ef",
  OU_ID: "ou-ab12-11111111",
  POLICY_ID: "p-ab12cd34",
  PROVIDER_ARN: `arn:aws:iam::${memberId}:oidc-provider/issuer.example.com`,
  REGION_NAME: "eu-central-1",
  ROLE_NAME: "app",
  USER_NAME: "bob",
  VENDOR_ACCOUNT_ID: "999988887777",
};
const filledIn = (snippet: string): string =>
  placeholdersIn(snippet).reduce((text, name) => {
    const value = values[name];
    if (value === undefined) throw new Error(`values has nothing to put in place of ${name}`);
    // A whole word: ACCOUNT_ID is part of VENDOR_ACCOUNT_ID.
    return text.replaceAll(new RegExp(`\\b${name}\\b`, "g"), value);
  }, snippet);

/** What is written for one finding of each control that writes something of its own. */
const ofFindings = controls.flatMap(({ id, guidance }) =>
  (["user", "role"] as const).flatMap((kind) => {
    const finding = aFinding({
      ...{ control: id, subject: { kind, name: "app", arn: `arn:aws:iam::${memberId}:${kind}/app` } },
      evidence: {
        grants: [{ policy: "own", statement: "Statement[0]" }],
        services: ["s3:*", "*"],
        paths: ["create-and-invoke-function *", "update-function-code *"],
      },
    });
    const fix = fixesFor(guidance, finding);
    return fix === guidance.fix ? [] : [{ id: `${id}-of-${kind}`, fix }];
  }),
);
const allFixes = () => [
  ...controls.map(({ id, guidance: { fix } }) => ({
    id,
    fix: { cloudFormation: filledIn(fix.cloudFormation), terraform: filledIn(fix.terraform) },
  })),
  ...ofFindings,
];

describeWithPeers(["cfn-lint"], "the fixes, read by cfn-lint", () => {
  it("are templates that CloudFormation takes, or say that it cannot help", async () => {
    const templates: string[] = [];
    expect(ofFindings).toHaveLength(8);
    for (const { id, fix } of allFixes()) {
      if (!fix.cloudFormation.includes("Resources:")) {
        expect(fix.cloudFormation, id).toMatch(/^# CloudFormation cannot /);
        continue;
      }
      const path = join(folder, `${id}.yaml`);
      writeFileSync(path, `${fix.cloudFormation}\n`);
      templates.push(path);
    }
    expect(templates.length).toBeGreaterThan(8);
    const result = await run("cfn-lint", ["--non-zero-exit-code", "warning", ...templates]);
    expect(result, result.stdout + result.stderr).toMatchObject({ status: 0 });
  });
});

/** A folder with the AWS provider, as `terraform init -plugin-dir` takes it: nothing is downloaded in a test. */
const pluginFolder = process.env.IAM_WARDEN_TERRAFORM_PLUGINS;
const terraform = (args: readonly string[], cwd: string) =>
  spawnSync("terraform", [...args], { cwd, encoding: "utf8", env: { ...process.env, CHECKPOINT_DISABLE: "1" } });
const hasTerraform = spawnSync("terraform", ["version"]).status === 0;

describe.skipIf(!hasTerraform)("the fixes, read by Terraform (where it is installed)", () => {
  it("are formatted as Terraform formats them", () => {
    for (const { id, fix } of allFixes()) {
      const path = join(folder, `${id}.tf`);
      writeFileSync(path, `${fix.terraform}\n`);
      const result = terraform(["fmt", "-check", "-diff", path], folder);
      expect(result.status, `${id}: ${result.stdout}`).toBe(0);
    }
  });

  it("are valid for the AWS provider, where it is at hand", ({ skip }) => {
    if (pluginFolder === undefined) return skip("IAM_WARDEN_TERRAFORM_PLUGINS names no folder with the AWS provider");
    const top = join(folder, "terraform");
    const all = allFixes();
    for (const { id, fix } of all) {
      mkdirSync(join(top, id), { recursive: true });
      // Terraform takes an import block in the root module alone.
      writeFileSync(join(top, id, "main.tf"), `${fix.terraform.replace(/^import \{[^}]*\}\n/m, "")}\n`);
    }
    // One configuration with a module for each: the provider is started once.
    const modules = all.map(({ id }) => `module "${id}" {\n  source = "./${id}"\n}\n`).join("");
    writeFileSync(join(top, "main.tf"), modules);
    const init = terraform(["init", `-plugin-dir=${pluginFolder}`], top);
    expect(init.status, init.stderr).toBe(0);
    const result = terraform(["validate", "-no-color"], top);
    expect(result.status, result.stdout + result.stderr).toBe(0);
  }, 240_000);
});
