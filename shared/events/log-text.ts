import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { MalformedInputError } from "../errors.ts";

/**
 * A log's bytes as text, unzipped if they begin as gzip does, whatever the file is called.
 * @throws MalformedInputError where gzip data are damaged or cut short, after all text before that
 */
export async function* readText(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  for await (const chunk of unzipped(bytes)) yield decoder.decode(chunk, { stream: true });
  yield decoder.decode();
}

async function* unzipped(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const iterator = bytes[Symbol.asyncIterator]();
  let head = new Uint8Array();
  while (head.length < 2) {
    const { done, value } = await iterator.next();
    if (done) break;
    head = Uint8Array.from([...head, ...value]);
  }
  const whole = (async function* () {
    yield head;
    yield* { [Symbol.asyncIterator]: () => iterator };
  })();
  yield* head[0] === 0x1f && head[1] === 0x8b ? gunzip(whole) : whole;
}

async function* gunzip(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const unzip = createGunzip();
  pipeline(Readable.from(bytes), unzip, () => {
    // Whatever went wrong destroys `unzip` and is thrown by the loop below.
  });
  try {
    for await (const chunk of unzip) yield chunk;
  } catch (error) {
    const isGzip = error instanceof Error && "code" in error && String(error.code).startsWith("Z_");
    throw isGzip ? new MalformedInputError(`damaged gzip data: ${error.message}`, { cause: error }) : error;
  }
}
