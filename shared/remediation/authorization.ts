import { messageOf, WardenError } from "../errors.ts";
import type { Prepared } from "./prepare.ts";
import { isIrreversible } from "./step.ts";

/** What must hold before any write, in the order in which it is asked. */
export const interlockNames = [
  "optedIn",
  "notExempt",
  "notProtected",
  "stillViolating",
  "withinBreaker",
  "blastRadius",
] as const;
export type InterlockName = (typeof interlockNames)[number];

/** Says why it does not hold, as a sentence; `undefined` if it holds. What it cannot check does not hold: it may throw. */
export type Interlock = (prepared: Prepared) => Promise<string | undefined>;

/** None can be left out. */
export type Interlocks = Readonly<Record<InterlockName, Interlock>>;

/** Leave to make one prepared repair, soon. Only `authorize` gives it. */
export interface Authorization {
  readonly prepared: Prepared;
  readonly by: string;
  readonly why: string;
}

export type Authorized =
  | { readonly outcome: "authorized"; readonly authorization: Authorization }
  | { readonly outcome: "held"; readonly interlock: InterlockName | "approved"; readonly why: string };

const issued = new WeakSet<Authorization>();

/** Whether an authorization is one that `authorize` gave in this process: a copy or an imitation is not. */
export const isAuthorization = (authorization: Authorization): boolean => issued.has(authorization);

/**
 * Asks every interlock in turn and stops at the first that does not hold. Irreversible steps need a person's approval of
 * exactly this plan besides.
 * @param asker.by who lets it happen: a person, or the ladder
 * @throws a retryable WardenError of an interlock: then nothing is authorized either
 */
export const authorize = async (
  interlocks: Interlocks,
  prepared: Prepared,
  { by, why }: { readonly by: string; readonly why: string },
): Promise<Authorized> => {
  for (const interlock of interlockNames) {
    const because = await reasonOf(interlocks[interlock], prepared);
    if (because !== undefined) return { outcome: "held", interlock, why: because };
  }
  const unapproved = whyUnapproved(prepared);
  if (unapproved !== undefined) return { outcome: "held", interlock: "approved", why: unapproved };
  const authorization: Authorization = Object.freeze({ prepared, by, why });
  issued.add(authorization);
  return { outcome: "authorized", authorization };
};

const reasonOf = async (interlock: Interlock, prepared: Prepared): Promise<string | undefined> => {
  try {
    return await interlock(prepared);
  } catch (error) {
    if (error instanceof WardenError && error.retryable) throw error;
    return `It cannot be checked: ${messageOf(error)}`;
  }
};

const whyUnapproved = ({ steps, digest, request: { approval } }: Prepared): string | undefined => {
  const irreversible = steps.map(({ step }) => step).find(isIrreversible);
  if (irreversible === undefined) return undefined;
  if (approval === undefined) return `${irreversible.irreversible} A person has to approve it.`;
  if (approval.digest === digest) return undefined;
  return `What ${approval.by} approved is not what would be done now. ${irreversible.irreversible} A person has to approve it anew.`;
};
