import { beforeAll, describe, expect, test } from "vitest";
import { liveOrganization } from "../../../cli/audit/live-organization.ts";
import { analyzedRegions } from "../../../sandbox/analyzers/state.ts";
import { demoLife } from "../../../sandbox/demo/life.ts";
import { demoSettings } from "../../../sandbox/demo/settings.ts";
import { createStage } from "../../../sandbox/demo/stage.ts";
import { createSandbox } from "../../../sandbox/sandbox.ts";
import type { Twin } from "../../../sandbox/world/plan.ts";
import { demoOrganization } from "../../../sandbox/world.ts";
import { createAwsAccess } from "../../../shared/aws/aws-access.ts";
import { activityControls, stateControls } from "../../../shared/controls/catalogue.ts";
import {
  type AccountSnapshot,
  type AnyFacts,
  type Fact,
  known,
  type PolicyFacts,
  type PrincipalPolicies,
} from "../../../shared/facts/facts.ts";
import { neighboursIn } from "../../../shared/facts/neighbours.ts";
import { readSnapshot } from "../../../shared/facts/snapshot.ts";
import { createJudge } from "../../../shared/judgement/judge.ts";
import type { OrganizationView } from "../../../shared/organization/view.ts";
import { parseSettings } from "../../../shared/settings/parse-yaml.ts";

const sandbox = createSandbox();
const demo = demoOrganization(sandbox);
const settings = parseSettings(demoSettings(demo), "warden.config.yaml");

/** Whether what a control judges is what policies allow, or whom a role trusts. */
const isOfPolicies = ({ policies, hints }: (typeof stateControls)[number]): boolean =>
  policies === true || hints.includes("iam:UpdateAssumeRolePolicy");

test.each(stateControls.map(({ id }) => id))("%s has a flaw to find in the demo organization", (id) => {
  expect(demo.truth.map(({ control }) => control)).toContain(id);
});

test("the demo's life has an activity for each control of activities", () => {
  const stage = createStage({ print: () => {}, close: () => {} }, { seed: 1 });
  const expected = demoLife(stage, stage.organization).flatMap((step) => step.expected.map(({ control }) => control));
  for (const { id } of activityControls) expect(expected).toContain(id);
});

const withoutConditions = <T>(value: T): T =>
  JSON.parse(JSON.stringify(value, (key, each) => (key === "Condition" ? undefined : each)));
const freed = (policy: PolicyFacts): PolicyFacts => withoutConditions(policy);
const freedOf = <T extends Pick<PrincipalPolicies, "inline" | "attached">>(own: T): T => ({
  ...own,
  inline: own.inline.map(freed),
  attached: own.attached.map(freed),
});

/** The same facts, and the same organization, without what confines a twin. */
const unconfined = (
  facts: AnyFacts,
  organization: Fact<OrganizationView>,
  confinedBy: Twin["confinedBy"],
): { readonly facts: AnyFacts; readonly organization: Fact<OrganizationView> } => {
  if (facts.kind !== "user" && facts.kind !== "role") throw new Error(`${facts.kind} has no policies`);
  if (!facts.policies.known || !organization.known) throw new Error("the demo has nothing that cannot be read");
  const { value: policies } = facts.policies;
  if (confinedBy === "serviceControl") {
    return { facts, organization: known({ ...organization.value, serviceControl: known([]) }) };
  }
  if (confinedBy === "boundary") {
    return { facts: { ...facts, policies: known({ ...policies, boundary: null }) }, organization };
  }
  const free = known({ ...freedOf(policies), groups: policies.groups.map(freedOf) });
  const trust = facts.kind === "role" ? { trustPolicy: withoutConditions(facts.trustPolicy) } : {};
  return { facts: { ...facts, policies: free, ...trust } as AnyFacts, organization };
};

describe("what looks like a flaw and is none", () => {
  const aws = createAwsAccess({
    ...sandbox.clientConfig(demo.hubCredentials),
    ownAccountId: demo.hubAccountId,
    assumeInOwnAccount: true,
    watchedRegions: analyzedRegions,
    clock: () => sandbox.clock.now(),
    maxAttempts: 1,
  });
  const snapshots = new Map<string, AccountSnapshot>();
  let organizationOf: (accountId: string) => Fact<OrganizationView>;
  beforeAll(async () => {
    const clock = () => sandbox.clock.now();
    organizationOf = await liveOrganization(aws, demo.hubAccountId, { clock });
    for (const id of new Set(demo.twins.map(({ account }) => account))) {
      const account = demo.accounts.find((each) => each.id === id);
      if (account === undefined) throw new Error(`the demo has no account ${id}`);
      const sleep = async (ms: number) => sandbox.clock.advance(ms);
      snapshots.set(id, await readSnapshot(aws, account, { clock, sleep, organization: organizationOf(id) }));
    }
  });

  test.each(stateControls.filter(isOfPolicies).map(({ id }) => id))("stands beside the flaw of %s", (id) => {
    expect(demo.twins.map(({ control }) => control)).toContain(id);
  });

  test.each(demo.twins.map((twin) => [twin.control, twin.subject.name, twin.confinedBy, twin] as const))(
    "is quiet for %s: %s, confined by %s",
    (id, name, confinedBy, { account, subject }) => {
      const snapshot = snapshots.get(account);
      if (snapshot === undefined) throw new Error("not read");
      const all: readonly AnyFacts[] = [...snapshot.users, ...snapshot.roles, ...snapshot.others];
      const facts = all.find((each) => each.kind === subject.kind && "name" in each && each.name === name);
      if (facts === undefined) throw new Error(`the demo has no ${subject.kind} ${name}`);
      const outcome = (of: AnyFacts, organization: Fact<OrganizationView>) =>
        createJudge(
          settings,
          snapshot.account,
          snapshot.readAt,
          organization,
          neighboursIn(all),
        )(of, () => snapshot.readAt)
          .map(({ judgement }) => judgement)
          .find(({ control }) => control === id)?.verdict.outcome;
      const organization = organizationOf(account);
      expect(outcome(facts, organization)).toMatch(/^(?:compliant|notApplicable)$/);
      if (confinedBy === "likeness") return;
      const free = unconfined(facts, organization, confinedBy);
      expect(outcome(free.facts, free.organization)).toBe("violation");
    },
  );
});
