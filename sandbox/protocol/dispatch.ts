import type { Authorization } from "../authorization/authorization.ts";
import { authenticate, noteUse } from "../callers.ts";
import type { VirtualClock } from "../clock.ts";
import { type EventBridgeEvent, recordsOf, serviceEventRecord } from "../cloudtrail.ts";
import type { Consistency } from "../consistency.ts";
import type { Ids } from "../random.ts";
import type { SandboxState } from "../state.ts";
import { assumeRoleWithWebIdentity, webIdentityOperation } from "../web-identity.ts";
import { jsonError, jsonResponse, parseJson } from "./json.ts";
import { parseQuery, queryError, queryResponse } from "./query.ts";
import { parseRest, restResponse } from "./rest.ts";
import { AwsError, type Call, type Caller, type Output, type Service, type TrailResource } from "./service.ts";
import type { WireRequest } from "./wire.ts";

export interface WireResponse {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string | Uint8Array;
}

/** Sees each authenticated call before it runs; makes it fail by throwing an `AwsError`, or wait by returning a promise. */
export type Interceptor = (call: Call, input: Readonly<Record<string, unknown>>) => void | Promise<void>;

export interface Dispatcher {
  readonly state: SandboxState;
  readonly clock: VirtualClock;
  readonly ids: Ids;
  /** Another stream of ids, so that what is logged does not change what is made. */
  readonly trailIds: Ids;
  readonly services: ReadonlyMap<string, Service>;
  readonly interceptors: ReadonlySet<Interceptor>;
  readonly consistency: Consistency;
  readonly authorization: Authorization;
  readonly emit: (event: EventBridgeEvent) => void;
  /** The clients' own clock. */
  readonly wallClock: () => Date;
}

interface Scope {
  readonly accessKeyId: string;
  readonly region: string;
  readonly service: string;
}

/** The SigV4 credential scope says who calls which service where. */
const scopeOf = (authorization: string | undefined): Scope => {
  const [, accessKeyId, region, service] =
    /Credential=([^/,\s]+)\/\d+\/([^/]+)\/([^/]+)\/aws4_request/.exec(authorization ?? "") ?? [];
  if (accessKeyId === undefined || region === undefined || service === undefined) {
    throw new AwsError("MissingAuthenticationToken", "Request is missing Authentication Token", 403);
  }
  return { accessKeyId, region, service };
};

const readRequest = ({ protocol }: Service, wire: WireRequest): { operation: string; raw: object } => {
  const { headers, body } = wire;
  if (protocol.type === "rest-json") return parseRest(protocol.routes, wire);
  if (protocol.type === "query") {
    const { Action, ...raw } = parseQuery(body);
    return { operation: String(Action ?? ""), raw };
  }
  const asked = headers["x-amz-target"] ?? "";
  const dot = asked.lastIndexOf(".");
  const [target, operation] = [asked.slice(0, Math.max(0, dot)), asked.slice(dot + 1)];
  // Older SDKs, and the AWS CLI, put a namespace before some of them.
  if (target !== protocol.target && !target.endsWith(`.${protocol.target}`))
    throw new AwsError("UnknownOperationException", `no target ${target} here`);
  return { operation, raw: parseJson(body) };
};

/** Answers one request on the wire, whichever way it came. */
export const dispatch = async (dispatcher: Dispatcher, request: WireRequest): Promise<WireResponse> => {
  const requestId = dispatcher.trailIds.uuid();
  let service: Service | undefined;
  try {
    const unsigned = unsignedSts(dispatcher, request);
    if (unsigned !== undefined) {
      service = unsigned.service;
      const { protocol } = unsigned;
      const output = assumeRoleWithWebIdentity(unsigned.call, unsigned.raw);
      return answer(protocol, 200, queryResponse(protocol, webIdentityOperation, output, requestId), requestId);
    }
    const scope = scopeOf(request.headers.authorization);
    service = dispatcher.services.get(scope.service);
    if (!service) throw new AwsError("UnknownService", `the sandbox has no service ${scope.service}`, 404);
    const now = new Date(Math.floor(dispatcher.clock.now().getTime() / 1000) * 1000);
    const caller = authenticate(dispatcher.state, scope.accessKeyId, request.headers["x-amz-security-token"], now);
    const { operation, raw } = readRequest(service, request);
    const output = await perform(dispatcher, service, { operation, raw, caller, now, region: scope.region, request });
    const { protocol } = service;
    if (protocol.type === "rest-json") {
      const { status, headers, body } = restResponse(protocol.routes[operation] ?? notRouted(operation), output ?? {});
      return { status, headers: { "x-amzn-requestid": requestId, ...headers }, body };
    }
    const body =
      protocol.type === "json" ? jsonResponse(output) : queryResponse(protocol, operation, output, requestId);
    return answer(protocol, 200, body, requestId);
  } catch (error) {
    const fault = faultOf(error);
    const protocol = service?.protocol ?? { type: "query", version: "", namespace: "" };
    const body =
      protocol.type === "query"
        ? queryError(protocol.namespace, fault, requestId)
        : jsonError(fault, protocol.type === "json" && protocol.codesAsTheyAre);
    return answer(protocol, fault.status, body, requestId);
  }
};

/** The one call that a token stands in for a signature of. */
const unsignedSts = (dispatcher: Dispatcher, { headers, body, sourceIPAddress }: WireRequest) => {
  const service = dispatcher.services.get("sts");
  if (headers.authorization !== undefined || service?.protocol.type !== "query") return undefined;
  const { Action, ...raw } = parseQuery(body);
  if (Action !== webIdentityOperation) return undefined;
  const { state, ids, trailIds, clock, wallClock, emit } = dispatcher;
  const now = new Date(Math.floor(dispatcher.clock.now().getTime() / 1000) * 1000);
  const [, region = "us-east-1"] = /^sts\.([a-z0-9-]+)\.amazonaws\.com/.exec(headers.host ?? "") ?? [];
  const userAgent = headers["user-agent"] ?? "";
  const call = { state, ids, trailIds, clock, wallClock, emit, now, region, sourceIPAddress, userAgent };
  return { service, protocol: service.protocol, raw, call };
};

const notRouted = (operation: string): never => {
  throw new Error(`the operation ${operation} has no route`);
};

const answer = (protocol: Service["protocol"], status: number, body: string, requestId: string): WireResponse => {
  const types = { json: "application/x-amz-json-1.1", "rest-json": "application/json", query: "text/xml" };
  const type = types[protocol.type];
  return { status, headers: { "content-type": type, "x-amzn-requestid": requestId }, body };
};

/** Whatever is not an `AwsError` is a fault of the sandbox: it answers 500 with the stack, so that it is seen. */
const faultOf = (error: unknown): AwsError =>
  error instanceof AwsError
    ? error
    : new AwsError("InternalFailure", error instanceof Error ? (error.stack ?? error.message) : String(error), 500);

/** IAM alone is eventually consistent. */
const accountSeen = ({ consistency, clock }: Dispatcher, { service, operation, account }: Call) =>
  service === "iam" ? consistency.accountFor(operation, account, clock.now()) : account;

/** Runs an authenticated call and tells what CloudTrail records of it. */
export const perform = async (
  dispatcher: Dispatcher,
  service: Service,
  of: { operation: string; raw: object; caller: Caller; now: Date; region: string; request: WireRequest },
): Promise<Output | undefined> => {
  const { operation, raw, caller, now, region, request } = of;
  const known = service.operations[operation];
  if (!Object.hasOwn(service.operations, operation) || !known) {
    throw new AwsError("InvalidAction", `Could not find operation ${operation} in the sandbox's ${service.name}`);
  }
  const resources: TrailResource[] = [];
  const call: Call = {
    service: service.name,
    operation,
    region,
    now,
    clock: dispatcher.clock,
    wallClock: dispatcher.wallClock,
    state: dispatcher.state,
    account: caller.account,
    caller,
    ids: dispatcher.ids,
    sourceIPAddress: request.sourceIPAddress,
    userAgent: request.headers["user-agent"] ?? "",
    resources,
    serviceEvents: [],
  };
  const record = (result: { input: object; output?: Output | undefined; error?: AwsError }) => {
    if (service.unrecorded?.includes(operation)) return;
    for (const event of recordsOf(dispatcher.trailIds, service, call, { ...result, resources })) dispatcher.emit(event);
  };
  let input = {};
  let output: Output | undefined;
  try {
    const parsed = known.parse(raw);
    input = parsed.input;
    for (const intercept of dispatcher.interceptors) await intercept(call, parsed.input);
    noteUse(caller, { at: now, service: service.name, operation, region });
    const needs = parsed.needs?.(call) ?? service.needs?.(call, input) ?? [{}];
    dispatcher.authorization.check(service, call, input, needs);
    const account = accountSeen(dispatcher, call);
    output = parsed.run(account === call.account ? call : { ...call, account }) ?? undefined;
  } catch (error) {
    if (error instanceof AwsError) record({ input, error });
    throw error;
  }
  record({ input, output });
  for (const event of call.serviceEvents)
    dispatcher.emit(serviceEventRecord(dispatcher.trailIds, service, call, event));
  return output;
};
