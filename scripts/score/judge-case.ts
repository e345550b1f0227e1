import { stateControls } from "../../shared/controls/catalogue.ts";
import type { AccountFacts, AnyFacts, Fact } from "../../shared/facts/facts.ts";
import { known, unknownFact } from "../../shared/facts/facts.ts";
import { neighboursIn } from "../../shared/facts/neighbours.ts";
import { createJudge } from "../../shared/judgement/judge.ts";
import type { OrganizationView } from "../../shared/organization/view.ts";
import { settingsSchema } from "../../shared/settings/schema.ts";
import { toSettings } from "../../shared/settings/settings.ts";
import { account } from "./subjects.ts";

/** What we say of a case. `by`: the controls, or the question of the policy language, that were asked. */
export interface Ours {
  readonly says: "finding" | "no finding" | "unknown";
  readonly by: string;
}

/** An organization of one account, which no service control policy limits. */
const organizationWith = (rootFeatures: readonly string[]): Fact<OrganizationView> =>
  known({
    id: "o-0123456789",
    managementAccountId: account.id,
    accountIds: new Set([account.id]),
    serviceControl: known([]),
    rootFeatures: known(rootFeatures),
    analyzers: known([]),
  });

export interface Asking {
  /** A finding of any of them answers. */
  readonly controls: readonly string[];
  readonly now?: Date;
  /** Options, by control. */
  readonly options?: Readonly<Record<string, object>>;
  /** What of central root access the organization has enabled, as IAM calls it; absent: nothing. */
  readonly rootFeatures?: readonly string[];
}

/**
 * What the product's own judgement says of subjects, as far as it is what controls say: a finding of one of them, else what one could
 * not tell.
 */
export const judgedBy = (
  subjects: readonly AnyFacts[],
  { controls, now = new Date("2026-01-01T00:00:00.000Z"), options = {}, rootFeatures = [] }: Asking,
): Ours => {
  for (const id of controls) {
    const kinds = stateControls.find((control) => control.id === id)?.subjects ?? [];
    // A user's keys are judged with the user, if there are any.
    const isAsked = subjects.some(
      ({ kind }) => kinds.includes(kind) || (kind === "user" && kinds.includes("accessKey")),
    );
    if (!isAsked) throw new Error(`the control ${id} judges nothing that the case describes`);
  }
  const written = {
    version: 1,
    controls: Object.fromEntries(Object.entries(options).map(([id, value]) => [id, { options: value }])),
  };
  const settings = toSettings(settingsSchema.parse(written), written);
  const neighbours = neighboursIn(subjects);
  const outcomes = subjects.flatMap((facts) =>
    createJudge(
      settings,
      facts.account,
      now,
      organizationWith(rootFeatures),
      neighbours,
    )(facts, () => now).flatMap(({ judgement }) =>
      controls.includes(judgement.control) ? [judgement.verdict.outcome] : [],
    ),
  );
  const by = controls.join(", ");
  if (outcomes.includes("violation")) return { says: "finding", by };
  return { says: outcomes.includes("unknown") ? "unknown" : "no finding", by };
};

/** An account where somebody has a console password. */
export const accountWith = (passwordPolicy: AccountFacts["passwordPolicy"]): AccountFacts => ({
  kind: "account",
  account,
  arn: `arn:aws:iam::${account.id}:root`,
  users: known(1),
  usersQuota: known(5_000),
  roles: known(1),
  rolesQuota: known(1_000),
  passwordPolicy,
  hasConsoleUsers: known(true),
  trails: unknownFact("no case is about trails"),
  analyzers: [],
});
