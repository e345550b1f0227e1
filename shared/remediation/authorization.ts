import { messageOf, WardenError } from "../errors.ts";
import { approvalMatches } from "./approval.ts";
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

/**
 * None can be left out. `withinBreaker` only looks whether there is room; `breakerSlot` takes it, as the last of all, so that
 * what is held for another reason uses none up. What it holds is reported as held by `withinBreaker`.
 */
export type Interlocks = Readonly<Record<InterlockName | "breakerSlot", Interlock>>;

/** Leave to make one prepared repair, soon. Only `authorize` gives it. */
export interface Authorization {
  readonly prepared: Prepared;
  readonly by: string;
  readonly why: string;
}

export type Authorized =
  | { readonly outcome: "authorized"; readonly authorization: Authorization }
  | {
      readonly outcome: "held";
      readonly interlock: InterlockName | "approved";
      readonly why: string;
      /** Nobody can tell whether the interlock holds. */
      readonly isUnchecked?: true;
    };

const issued = new WeakSet<Authorization>();

/** Whether an authorization is one that `authorize` gave in this process: a copy or an imitation is not. */
export const isAuthorization = (authorization: Authorization): boolean => issued.has(authorization);

/**
 * Asks every interlock in turn and stops at the first that does not hold. Irreversible steps, and another try of what had
 * stopped, need a person's approval of exactly this plan besides.
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
    if (because !== undefined) return { outcome: "held", interlock, ...because };
  }
  const unapproved = whyUnapproved(prepared);
  if (unapproved !== undefined) return { outcome: "held", interlock: "approved", why: unapproved };
  const noSlot = await reasonOf(interlocks.breakerSlot, prepared);
  if (noSlot !== undefined) return { outcome: "held", interlock: "withinBreaker", ...noSlot };
  const authorization: Authorization = Object.freeze({ prepared, by, why });
  issued.add(authorization);
  return { outcome: "authorized", authorization };
};

/** What holds a repair: which interlock, and why. */
export interface Hold {
  readonly interlock: InterlockName | "approved";
  readonly why: string;
}

/**
 * Everything that holds a repair, for a dry run: asks every interlock whatever the others say, and takes no slot of a breaker.
 * Authorizes nothing.
 * @throws a retryable WardenError of an interlock
 */
export const everyHold = async (
  interlocks: Omit<Interlocks, "breakerSlot">,
  prepared: Prepared,
): Promise<readonly Hold[]> => {
  const holds: Hold[] = [];
  for (const interlock of interlockNames) {
    const because = await reasonOf(interlocks[interlock], prepared);
    if (because !== undefined) holds.push({ interlock, why: because.why });
  }
  const unapproved = whyUnapproved(prepared);
  return unapproved === undefined ? holds : [...holds, { interlock: "approved", why: unapproved }];
};

const reasonOf = async (
  interlock: Interlock,
  prepared: Prepared,
): Promise<{ readonly why: string; readonly isUnchecked?: true } | undefined> => {
  try {
    const why = await interlock(prepared);
    return why === undefined ? undefined : { why };
  } catch (error) {
    if (error instanceof WardenError && error.retryable) throw error;
    return { why: `It cannot be checked: ${messageOf(error)}`, isUnchecked: true };
  }
};

const whyUnapproved = (prepared: Prepared): string | undefined => {
  if (approvalMatches(prepared)) return undefined;
  const irreversible = prepared.steps.map(({ step }) => step).find(isIrreversible);
  const because = irreversible?.irreversible ?? prepared.stopped;
  if (because === undefined) return undefined;
  const { approval } = prepared.request;
  if (approval === undefined) return `${because} A person has to approve it.`;
  return `What ${approval.by} approved is not what would be done now. ${because} A person has to approve it anew.`;
};
