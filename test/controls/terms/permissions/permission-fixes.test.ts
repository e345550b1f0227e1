import { beforeAll, describe, expect, it, test } from "vitest";
import { demoSettings } from "../../../../sandbox/demo/settings.ts";
import { createSandbox } from "../../../../sandbox/sandbox.ts";
import { demoOrganization } from "../../../../sandbox/world.ts";
import { placeholdersIn } from "../../../../scripts/docs/placeholders.ts";
import { createAwsAccess } from "../../../../shared/aws/aws-access.ts";
import type { Json } from "../../../../shared/control.ts";
import { controlById } from "../../../../shared/controls/catalogue.ts";
import type { RoleFacts, UserFacts } from "../../../../shared/facts/facts.ts";
import { neighboursIn } from "../../../../shared/facts/neighbours.ts";
import { readSnapshot } from "../../../../shared/facts/snapshot.ts";
import type { Finding } from "../../../../shared/findings/finding.ts";
import { judge } from "../../../../shared/judgement/judge.ts";
import { fixesFor, fixFor } from "../../../../shared/notify/fix.ts";
import { escalationPaths } from "../../../../shared/policy/escalation/paths.ts";
import { parseSettings } from "../../../../shared/settings/parse-yaml.ts";
import { defaultSettings, type Settings } from "../../../../shared/settings/settings.ts";
import { now, organization, policyFacts, principalPolicies, roleFacts, userFacts } from "../../../support/facts.ts";
import { aFinding } from "../../../support/findings.ts";
import { allow, boundary, deny } from "../../../support/permissions.ts";

const controls = ["admin-policy", "assume-any-role", "privilege-escalation-path", "service-wide-policy"];

const verdictOn = (id: string, facts: UserFacts | RoleFacts, settings: Settings = defaultSettings()) =>
  judge(facts, settings, { asOf: now, now, organization, neighbours: neighboursIn([]) }).find(
    ({ control }) => control === id,
  )?.verdict;

/** The finding that a control makes of somebody; `undefined`: none. */
const findingOf = (id: string, facts: UserFacts | RoleFacts, settings?: Settings): Finding | undefined => {
  const verdict = verdictOn(id, facts, settings);
  if (verdict?.outcome !== "violation") return undefined;
  const { kind, name, arn, account } = facts;
  return aFinding({ control: id, account: { ...account, ouPath: "Root" }, subject: { kind, name, arn }, ...verdict });
};

const fixesOf = (id: string, finding: Finding) => {
  const guidance = controlById(id)?.guidance;
  if (guidance === undefined) throw new Error(`there is no control ${id}`);
  const fixes = fixesFor(guidance, finding);
  return { ...fixes, cli: fixFor(fixes.cli, finding) };
};

/** The document that the commands write. */
const documentIn = (commands: string): { readonly Statement: readonly Json[] } =>
  JSON.parse(/<<'JSON'\n([\s\S]*?)\nJSON\n/.exec(commands)?.[1] ?? "null");

/** The same user or role with no policy but the smaller one. */
const withOnly = <F extends UserFacts | RoleFacts>(facts: F, document: { readonly Statement: readonly Json[] }): F => {
  const boundary = facts.policies.known ? facts.policies.value.boundary : null;
  return { ...facts, policies: principalPolicies({ inline: [policyFacts("smaller", document.Statement)], boundary }) };
};

const grantOf = ({ evidence }: Finding): { readonly policy: string; readonly statement: string } => {
  const [grant] = evidence.grants as readonly { readonly policy: string; readonly statement: string }[];
  if (grant === undefined) throw new Error("no statement is named");
  return grant;
};

describe("what to do about the demo organization's findings", () => {
  const sandbox = createSandbox();
  const demo = demoOrganization(sandbox);
  const settings = parseSettings(demoSettings(demo), "warden.config.yaml");
  const found = demo.truth.filter(({ control }) => controls.includes(control));
  const principals = new Map<string, UserFacts | RoleFacts>();
  beforeAll(async () => {
    const clock = () => sandbox.clock.now();
    const aws = createAwsAccess({
      ...sandbox.clientConfig(demo.hubCredentials),
      ...{ ownAccountId: demo.hubAccountId, assumeInOwnAccount: true, clock, maxAttempts: 1 },
    });
    for (const account of demo.accounts.filter(({ id }) => found.some((one) => one.account === id))) {
      const snapshot = await readSnapshot(aws, account, { clock, sleep: async (ms) => sandbox.clock.advance(ms) });
      for (const one of [...snapshot.users, ...snapshot.roles])
        principals.set(`${account.id} ${one.kind} ${one.name}`, one);
    }
  });

  it("has findings of each control", () => {
    expect([...new Set(found.map(({ control }) => control))].sort()).toEqual(controls);
  });

  it.each(found.map((one) => [one.control, one.subject.name, one] as const))(
    "of %s: %s names the statement, and gives a smaller one that ends it",
    (id, name, { account, subject }) => {
      const facts = principals.get(`${account} ${subject.kind} ${name}`);
      const finding = facts && findingOf(id, facts, settings);
      if (finding === undefined) throw new Error("the control does not find it");
      const { policy, statement } = grantOf(finding);
      const { cli, cloudFormation, terraform } = fixesOf(id, finding);
      expect(cli.open).toEqual([]);
      expect(placeholdersIn([cli.commands, cloudFormation, terraform].join("\n"))).toEqual([]);
      expect(cli.commands).toContain(policy.slice(policy.lastIndexOf("/") + 1));
      for (const text of [cloudFormation, terraform])
        for (const named of [policy, statement, `"${name}"`]) expect(text).toContain(named);
      const document = documentIn(cli.commands);
      expect(document.Statement.length).toBeGreaterThan(0);
      expect(verdictOn(id, withOnly(facts as RoleFacts, document), settings)?.outcome).toBe("compliant");
    },
  );
});

test.each(escalationPaths.map((path) => [path.id, path] as const))("the smaller policy closes %s", (_, path) => {
  const control = "privilege-escalation-path";
  const who = path.who ?? "role";
  const denial = path.only === "withDenial" ? [deny("s3:DeleteBucket")] : [];
  const policies = principalPolicies({
    inline: [policyFacts("own", [allow(path.needs.map(({ action }) => action)), ...denial])],
    ...(path.only === "withBoundary" && boundary([allow("*")])),
  });
  const facts = who === "user" ? userFacts({ policies }) : roleFacts({ policies });
  const finding = findingOf(control, facts);
  if (finding === undefined) throw new Error("the control does not find it");
  const { cli, cloudFormation, terraform } = fixesOf(control, finding);
  expect(placeholdersIn([cli.commands, cloudFormation, terraform].join("\n"))).toEqual([]);
  const document = documentIn(cli.commands);
  const smaller = withOnly(facts, { Statement: [...document.Statement, ...denial] });
  expect(verdictOn(control, smaller)).toEqual({ outcome: "compliant" });
});

describe("a fix in files", () => {
  const finding = (name: string, over: Partial<Finding> = {}) =>
    aFinding({
      ...{ control: "assume-any-role" },
      subject: { kind: "user", name, arn: `arn:aws-cn:iam::111122223333:user/${name}` },
      evidence: { grants: [{ policy: "own", statement: "Statement[0]", group: "staff" }] },
      ...over,
    });

  it("holds names in the quotes of its language, and variables of policies as they are", () => {
    const { cloudFormation, terraform, cli } = fixesOf("assume-any-role", finding('a"b,${c}\nd'));
    expect(cloudFormation).toContain('Users: ["a\\"b,${c}\\nd"]');
    expect(terraform).toContain('user       = "a\\"b,$${c}\\nd"');
    expect(terraform).toContain('{ "aws:ResourceOrgID" = "$${aws:PrincipalOrgID}" }');
    expect(cloudFormation).toContain('"arn:aws-cn:iam::*:role/*"');
    expect(cli.commands).toContain("remove-user-from-group --group-name staff");
  });

  it("is the page's example where the evidence names no statement", () => {
    const whole = controlById("assume-any-role")?.guidance.fix;
    expect(fixesOf("assume-any-role", finding("bob", { evidence: {} })).terraform).toBe(whole?.terraform);
  });
});
