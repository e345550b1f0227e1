import type { RootFacts } from "../../../facts/facts.ts";

/** Whether the root user has anything to sign in or sign requests with. */
export type RootCredentials =
  | { readonly known: true; readonly present: boolean }
  | { readonly known: false; readonly why: string };

/** A root user without password and access keys (a member under central root access) has nothing that MFA could protect. */
export const rootCredentials = ({ passwordEnabled, accessKeysPresent }: RootFacts): RootCredentials => {
  if (passwordEnabled.known && passwordEnabled.value) return { known: true, present: true };
  if (accessKeysPresent.known && accessKeysPresent.value) return { known: true, present: true };
  if (!passwordEnabled.known) return { known: false, why: passwordEnabled.why };
  if (!accessKeysPresent.known) return { known: false, why: accessKeysPresent.why };
  return { known: true, present: false };
};

/** The reason why a control on root's MFA does not apply to an account whose root has no credentials. */
export const noRootCredentials = (root: RootFacts): string =>
  `The root user of account ${root.account.id} has neither a password nor access keys.`;
