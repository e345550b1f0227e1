import { call } from "../aws/errors.ts";

/** Makes a call to Organizations, and throws what it throws in our own hierarchy: see `call`. */
export const ask = <T>(operation: string, send: () => Promise<T>): Promise<T> =>
  call(`organizations:${operation}`, "the organization", send);

/** All items of an Organizations list, whose pages may be empty and yet not the last. */
export async function* items<T>(
  send: (at: {
    NextToken?: string;
  }) => Promise<{ readonly page: readonly T[] | undefined; readonly next: string | undefined }>,
): AsyncGenerator<T> {
  let at: { NextToken?: string } = {};
  for (;;) {
    const { page, next } = await send(at);
    yield* page ?? [];
    if (!next) return;
    at = { NextToken: next };
  }
}
