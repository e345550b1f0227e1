import type { AccountState } from "../state.ts";
import { watched } from "./arrange.ts";

/** A repair of the scenario that waits for a person's approval, in every troubled account. */
interface Waiting {
  readonly control: string;
  /** By its name, where there are several. */
  readonly subject?: string;
  readonly what: string;
  readonly isRepaired: (account: AccountState) => boolean;
}

export const waiting: readonly Waiting[] = [
  {
    control: "unused-role",
    subject: "limited",
    what: "quarantine of a role",
    isRepaired: ({ roles }) => {
      const { inlinePolicies, tags } = roles.get("limited") ?? {};
      return inlinePolicies?.has("iam-warden-quarantine") === true && tags?.has("iam-warden-quarantine") === true;
    },
  },
  {
    control: "access-analyzer-missing",
    what: "analyzer",
    isRepaired: ({ analyzers }) => [...analyzers.values()].some(({ region }) => region === watched),
  },
  {
    control: "weak-password-policy",
    what: "password policy",
    isRepaired: ({ passwordPolicy }) => passwordPolicy !== undefined,
  },
  {
    control: "trust-open-to-anyone",
    what: "trust in the organization alone",
    isRepaired: ({ roles }) => roles.get("open")?.trustPolicy.includes("aws:PrincipalOrgID") === true,
  },
];
