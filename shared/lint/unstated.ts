import { WardenError } from "../errors.ts";
import { type Fact, unknownFact } from "../facts/facts.ts";

/** What no file says that is read before a deployment: every reason that rests on it holds these words. */
const words = "nobody can tell before it is deployed";

export const whyUnstated = (what: string): string => `${what}: ${words}`;

/** A fact that files do not state: when a key was last used, whether a user has an MFA device. */
export const unstated = (what: string): Fact<never> => unknownFact(whyUnstated(what));

/** A fact that this file leaves to its deployment, and another file might state: told, since a value for a parameter may do. */
export const notYet = (what: string): Fact<never> => unknownFact(`${what} ${open}`);
const open = "is not known before it is deployed";

/** Whether a verdict is unknown because of what no file could have said. */
export const isUnstated = (cause: string): boolean => cause.includes(words);

/** What stopped a control, where it was one of these facts. */
export const withoutFailure = (reason: string): string =>
  reason.endsWith(open) ? reason.replace(/^The control \S+ failed: UnstatedError: /, "") : reason;

/** A control looked at something that is not stated: it has judged nothing. */
class UnstatedError extends WardenError {
  override readonly name = "UnstatedError";
  readonly retryable = false;
}

/**
 * Facts of which some, that have no way of being unknown, are not stated: whoever looks at one is stopped, so that no verdict
 * rests on a made-up value.
 */
export const withUnstated = <T extends object>(facts: T, why: Partial<Readonly<Record<keyof T, string>>>): T => {
  const made = Object.create(null, Object.getOwnPropertyDescriptors(facts)) as T;
  for (const [key, reason] of Object.entries(why))
    Object.defineProperty(made, key, {
      enumerable: true,
      configurable: true,
      get: () => {
        throw new UnstatedError(String(reason));
      },
    });
  return made;
};

/** The same facts with some replaced; what is not stated stays so. */
export const replaced = <T extends object>(facts: T, over: Partial<T>): T =>
  Object.create(null, {
    ...Object.getOwnPropertyDescriptors(facts),
    ...Object.getOwnPropertyDescriptors(over),
  }) as T;
