import type { AwsCredentialIdentity } from "@smithy/types";
import { authenticate } from "../callers.ts";
import { type Dispatcher, perform } from "./dispatch.ts";
import { AwsError, type Output } from "./service.ts";

/** A call as its sender means it, before any protocol writes it down. */
export interface DirectRequest {
  /** The signing name of the service, e.g. `iam`. */
  readonly service: string;
  readonly operation: string;
  readonly region: string;
  /** By the wire's names; numbers, lists and maps as they are. */
  readonly input: object;
  readonly sourceIPAddress?: string;
}

/**
 * Answers a call without a wire: the same operations, records and ids as over it, and none of the time that it takes to
 * sign, write and parse. What is undefined in the answer is left out; its times are in whole seconds, as on the wire.
 * @throws AwsError
 */
export const callDirectly = async (
  dispatcher: Dispatcher,
  { accessKeyId, sessionToken }: AwsCredentialIdentity,
  request: DirectRequest,
): Promise<Output> => {
  dispatcher.trailIds.uuid(); // The request id, which a direct answer has no place for.
  const service = dispatcher.services.get(request.service);
  if (!service) throw new AwsError("UnknownService", `the sandbox has no service ${request.service}`, 404);
  const now = new Date(Math.floor(dispatcher.clock.now().getTime() / 1000) * 1000);
  const caller = authenticate(dispatcher.state, accessKeyId, sessionToken, now);
  const { operation, region, input, sourceIPAddress = "203.0.113.10" } = request;
  const wire = { method: "", target: "", headers: { "user-agent": "direct" }, body: "", sourceIPAddress };
  const output = await perform(dispatcher, service, { operation, raw: input, caller, now, region, request: wire });
  return plain(output ?? {}) as Output;
};

const plain = (value: unknown): unknown => {
  if (value instanceof Date) return new Date(Math.floor(value.getTime() / 1000) * 1000);
  if (value instanceof Uint8Array || typeof value !== "object" || value === null) return value;
  if (value instanceof Map) return plain(Object.fromEntries(value));
  if (Array.isArray(value)) return value.map(plain);
  const copy: Record<string, unknown> = {};
  for (const [name, item] of Object.entries(value)) if (item !== undefined && item !== null) copy[name] = plain(item);
  return copy;
};
