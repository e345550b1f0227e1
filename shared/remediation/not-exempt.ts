import type { AccountRef, SubjectRef } from "../subject.ts";
import type { Interlock } from "./authorization.ts";
import type { PresentAccount } from "./opted-in.ts";

/** Finds the exemption that excuses a subject from a control now; `undefined` if none does. */
export type ExemptionMatcher<Exemption> = (
  exemptions: readonly Exemption[],
  about: { readonly control: string; readonly account: AccountRef; readonly subject: SubjectRef },
  now: Date,
) => { readonly reason: string; readonly until: string; readonly by: string } | undefined;

export interface NotExemptDependencies<Exemption> {
  /** All that there are, by a strongly consistent read. What it throws holds the repair. */
  readonly exemptions: () => Promise<readonly Exemption[]>;
  readonly exemptionFor: ExemptionMatcher<Exemption>;
  readonly presentAccount: PresentAccount;
  readonly clock: () => Date;
}

/** Holds what is excused at this moment, by the OU that its account is in now. */
export const notExempt =
  <Exemption>({ exemptions, exemptionFor, presentAccount, clock }: NotExemptDependencies<Exemption>): Interlock =>
  async ({ request: { finding } }) => {
    const { control, subject } = finding;
    const account = await presentAccount(finding.account.id);
    // To the matcher, an account whose OU is not known is in none, and an OU's exemption would not count.
    if (account?.ouPath === undefined)
      return `The OU of account ${finding.account.id} is not known, so nobody can say whether an exemption holds there.`;
    const exemption = exemptionFor(await exemptions(), { control, account, subject }, clock());
    if (exemption === undefined) return undefined;
    return `It is exempt until ${exemption.until}: ${exemption.by} gave the reason "${exemption.reason}".`;
  };
