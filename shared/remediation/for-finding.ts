import type { AnyStateControl } from "../control.ts";
import { exemptionFor } from "../exemptions/match.ts";
import type { Finding } from "../findings/finding.ts";
import { notDue } from "../ladder/ladder.ts";
import { planContextFor } from "../settings/context.ts";
import { resolve } from "../settings/resolve.ts";
import type { AccountRef } from "../subject.ts";
import type { Interlocks } from "./authorization.ts";
import type { RepairDependencies } from "./dependencies.ts";
import { createInterlocks, type InterlockDependencies } from "./interlocks.ts";
import type { Approval, RepairRequest } from "./prepare.ts";
import type { Stage } from "./remediation.ts";

// What a repair and its dry run ask alike: a dry run that asked otherwise would tell of another plan.

const approvalOf = ({ approval }: Pick<Finding, "approval">): Approval | undefined =>
  approval && { by: approval.by, at: new Date(approval.at), digest: approval.digest, stage: approval.stage };

/** An account as the organization lists it now; of one that is no member the OU is not known, and nothing is opted in there. */
export const accountNow = async (listAccounts: RepairDependencies["listAccounts"], id: string): Promise<AccountRef> =>
  (await listAccounts()).find((account) => account.id === id) ?? { id };

/**
 * What is asked of `prepare` for a finding, by the settings and the OU that its account is in now; `undefined` where the
 * settings do not judge the control at all.
 */
export const requestFor = async (
  dependencies: Pick<
    RepairDependencies,
    "settings" | "audit" | "listAccounts" | "organization" | "managementAccountId" | "clock"
  >,
  finding: Finding,
  control: AnyStateControl,
  stage: Stage,
): Promise<RepairRequest | undefined> => {
  const { settings, audit, listAccounts, organization, managementAccountId, clock } = dependencies;
  const account = await accountNow(listAccounts, finding.account.id);
  const surroundings = {
    partition: audit.partition,
    organization: await organization.of(finding.account.id),
    managementAccountId: await managementAccountId(),
  };
  const context = planContextFor(settings, control, account, clock(), surroundings);
  const approval = approvalOf(finding);
  if (context === undefined) return undefined;
  const present = { ...finding, account: { ...finding.account, ...account } };
  return { finding: present, control, context, stage, ...(approval && { approval }) };
};

/** Whether a person alone can have it repaired: the ladder does not come again to what was undone. */
export const isLeftToPeople = ({ repair }: Pick<Finding, "repair">, stage: Stage): boolean =>
  stage === "repair" && repair?.state === "undone";

/** All interlocks for one finding. */
export const interlocksFor = (
  dependencies: Pick<
    RepairDependencies,
    "settings" | "ownRoles" | "audit" | "store" | "breakers" | "exemptions" | "listAccounts" | "clock" | "sleep"
  >,
  finding: Finding,
  tells: Pick<InterlockDependencies<never>, "tellTrip" | "tellLosses">,
): Interlocks => {
  const { settings, exemptions, clock } = dependencies;
  return createInterlocks({
    ...dependencies,
    ...tells,
    inUseDays: settings.repairs.inUseDays,
    // An exemption that cannot be read holds the repair: nobody knows whom it excuses.
    exemptions: () => exemptions.list(),
    exemptionFor,
    whyNotDue: ({ stage, request: { finding: asIsNow } }) => {
      const ladder = resolve(settings, finding.control, asIsNow.account)?.ladder ?? [];
      const { remindBeforeHours } = settings.repairs;
      const why = notDue(ladder, finding, stage, { now: clock(), remindBeforeHours });
      return why !== undefined && isLeftToPeople(finding, stage) ? "The ladder does not repair what was undone." : why;
    },
  });
};
