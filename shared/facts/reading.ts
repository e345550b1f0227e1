import { call, isNoSuchEntity, isServiceFault } from "../aws/errors.ts";
import { AccessDeniedError } from "../errors.ts";
import { type Fact, known, unknownFact } from "./facts.ts";

export const deniedWhy = (error: AccessDeniedError): string => `${error.permission} was denied`;

/** Makes a call for a fact; see `read` and `readOrGap`. */
export type Read = <T>(permission: string, accountId: string, send: () => Promise<T>) => Promise<Fact<T>>;

/**
 * Makes a call for a fact; a denial is an unknown fact that names the permission.
 * @throws ThrottledError, or the SDK's own error (e.g. `NoSuchEntity`)
 */
export const read: Read = async (permission, accountId, send) => {
  try {
    return known(await call(permission, accountId, send));
  } catch (error) {
    // Without the role itself nothing can be read: that is the account's failure, not one fact's.
    if (error instanceof AccessDeniedError && error.permission === permission) return unknownFact(deniedWhy(error));
    throw error;
  }
};

/**
 * The same for one read among many, where a call that AWS fails at time and again (500) must not cost the whole account:
 * it is an unknown fact too.
 */
export const readOrGap: Read = async (permission, accountId, send) => {
  try {
    return await read(permission, accountId, send);
  } catch (error) {
    if (isServiceFault(error)) return unknownFact(`${permission} failed in AWS`);
    throw error;
  }
};

/** `undefined` where IAM says that the entity does not exist. */
export const ifExists = async <T>(reading: Promise<T>): Promise<T | undefined> => {
  try {
    return await reading;
  } catch (error) {
    if (isNoSuchEntity(error)) return undefined;
    throw error;
  }
};

/** A page of an IAM list. */
export interface Page {
  readonly IsTruncated?: boolean | undefined;
  readonly Marker?: string | undefined;
}

/** All pages of an IAM list, one after the other. `send` gets the marker of the page to ask for. */
export async function* pages<P extends Page>(send: (marker: { Marker?: string }) => Promise<P>): AsyncGenerator<P> {
  let marker: { Marker?: string } = {};
  for (;;) {
    const page = await send(marker);
    yield page;
    if (!page.IsTruncated) return;
    // Going on without a marker would read the first page again, for ever; stopping would call a part the whole.
    if (!page.Marker) throw new Error("IAM calls a list truncated but gives no marker to go on from");
    marker = { Marker: page.Marker };
  }
}

/** The largest page that IAM gives. */
export const maxItems = 1000;
