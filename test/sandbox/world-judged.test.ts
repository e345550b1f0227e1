import { describe, expect, it } from "vitest";
import { liveOrganization } from "../../cli/audit/live-organization.ts";
import { analyzedRegions } from "../../sandbox/analyzers/state.ts";
import { demoSettings } from "../../sandbox/demo/settings.ts";
import { createSandbox, type Sandbox } from "../../sandbox/sandbox.ts";
import { sortViolations, type Violation } from "../../sandbox/world/plan.ts";
import { createWorld, demoOrganization } from "../../sandbox/world.ts";
import type { AwsAccess } from "../../shared/aws/access.ts";
import { createAwsAccess } from "../../shared/aws/aws-access.ts";
import { sweptTrailReading } from "../../shared/facts/trails.ts";
import { judgeAccount } from "../../shared/judgement/judge-account.ts";
import { listAccounts } from "../../shared/organization/list-accounts.ts";
import { parseSettings } from "../../shared/settings/parse-yaml.ts";
import { defaultSettings, type Settings } from "../../shared/settings/settings.ts";
import { awsOf } from "../support/aws-of.ts";

/** What the product finds in every account that it lists, and the accounts of whose resources nobody can tell; all else is known. */
const findViolations = async (
  sandbox: Sandbox,
  { aws, hubAccountId }: { readonly aws: AwsAccess; readonly hubAccountId: string },
  settings: Settings,
): Promise<{ readonly found: readonly Violation[]; readonly unknown: readonly string[] }> => {
  const found: Violation[] = [];
  const unknown: string[] = [];
  const organizationOf = await liveOrganization(aws, hubAccountId, { clock: () => sandbox.clock.now() });
  for (const account of await listAccounts(aws)) {
    const judged = judgeAccount({
      aws,
      account,
      settings,
      organization: organizationOf(account.id),
      clock: () => sandbox.clock.now(),
      sleep: async (ms) => sandbox.clock.advance(ms),
      open: [],
    });
    for await (const { judgements } of judged) {
      for (const { control, subject, verdict } of judgements) {
        if (control === "external-access-finding" && verdict.outcome === "unknown") unknown.push(account.id);
        else expect(verdict).not.toMatchObject({ outcome: "unknown" });
        if (verdict.outcome !== "violation") continue;
        const { kind, name, accessKeyId } = subject;
        found.push({
          control,
          account: account.id,
          subject: { kind, name, ...(accessKeyId !== undefined && { accessKeyId }) },
        });
      }
    }
  }
  return { found: sortViolations(found), unknown };
};

const approving = (boundary: string): Settings => {
  const settings = defaultSettings();
  const id = "role-with-unapproved-boundary";
  const options = { approvedBoundaries: [boundary] };
  return { ...settings, controls: { ...settings.controls, [id]: { mode: "notify", options, ladder: [] } } };
};

describe("the product beside the truth", () => {
  it("finds exactly a generated world's violations", async () => {
    const sandbox = createSandbox();
    const world = createWorld(sandbox, { seed: 11, users: 120, roles: 120, accounts: 7 });
    const from = {
      aws: awsOf(sandbox, { trails: sweptTrailReading }),
      hubAccountId: sandbox.state.organization.managementAccountId,
    };
    // The role that the test itself looks with is an administrator, and no part of the world.
    const lookingRole: Violation = {
      ...{ control: "admin-policy", account: from.hubAccountId },
      subject: { kind: "role", name: "iam-warden-hub" },
    };
    const found = await findViolations(sandbox, from, defaultSettings());
    expect(found).toEqual({ found: sortViolations([...world.truth, lookingRole]), unknown: [] });
    const approved = await findViolations(sandbox, from, approving(world.approvedBoundary));
    expect(approved.found).toEqual(sortViolations([...world.withApprovedBoundary, lookingRole]));
  });

  it("finds exactly the demo organization's violations from its hub, and none in the suspended account", async () => {
    const sandbox = createSandbox();
    const demo = demoOrganization(sandbox);
    const aws = createAwsAccess({
      ...sandbox.clientConfig(demo.hubCredentials),
      ownAccountId: demo.hubAccountId,
      assumeInOwnAccount: true,
      watchedRegions: analyzedRegions,
      trails: sweptTrailReading,
      clock: () => sandbox.clock.now(),
      maxAttempts: 1,
    });
    const settings = parseSettings(demoSettings(demo), "warden.config.yaml");
    // Where nobody analyzes, nobody can tell.
    const unknown = demo.truth.flatMap(({ control, account }) =>
      control === "access-analyzer-missing" ? [account] : [],
    );
    expect(unknown).toHaveLength(1);
    expect(await findViolations(sandbox, { aws, hubAccountId: demo.hubAccountId }, settings)).toEqual({
      ...{ found: demo.truth, unknown },
    });
  });
});
