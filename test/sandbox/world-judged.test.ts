import { describe, expect, it } from "vitest";
import { createSandbox, type Sandbox } from "../../sandbox/sandbox.ts";
import { sortViolations, type Violation } from "../../sandbox/world/plan.ts";
import { createWorld, demoOrganization } from "../../sandbox/world.ts";
import { listAccounts } from "../../shared/accounts/list-accounts.ts";
import type { AwsAccess } from "../../shared/aws/access.ts";
import { createAwsAccess } from "../../shared/aws/aws-access.ts";
import { judgeAccount } from "../../shared/judgement/judge-account.ts";
import { defaultSettings, type Settings } from "../../shared/settings/settings.ts";
import { awsOf } from "../support/aws-of.ts";

/** What the product finds in every account that it lists; nothing may be unknown. */
const findViolations = async (sandbox: Sandbox, aws: AwsAccess, settings: Settings): Promise<readonly Violation[]> => {
  const found: Violation[] = [];
  for (const account of await listAccounts(aws)) {
    const judged = judgeAccount({
      aws,
      account,
      settings,
      clock: () => sandbox.clock.now(),
      sleep: async (ms) => sandbox.clock.advance(ms),
      open: [],
    });
    for await (const { judgements } of judged) {
      for (const { control, subject, verdict } of judgements) {
        expect(verdict).not.toMatchObject({ outcome: "unknown" });
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
  return sortViolations(found);
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
    const found = await findViolations(sandbox, awsOf(sandbox), defaultSettings());
    expect(found).toEqual(world.truth);
    const approved = await findViolations(sandbox, awsOf(sandbox), approving(world.approvedBoundary));
    expect(approved).toEqual(world.withApprovedBoundary);
  });

  it("finds exactly the demo organization's violations from its hub, and none in the suspended account", async () => {
    const sandbox = createSandbox();
    const demo = demoOrganization(sandbox);
    const aws = createAwsAccess({
      ...sandbox.clientConfig(demo.hubCredentials),
      ownAccountId: demo.hubAccountId,
      assumeInOwnAccount: true,
      clock: () => sandbox.clock.now(),
      maxAttempts: 1,
    });
    expect(await findViolations(sandbox, aws, defaultSettings())).toEqual(demo.truth);
  });
});
