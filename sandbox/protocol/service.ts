import * as z from "zod";
import { byCodeUnit } from "../../shared/order.ts";
import type { VirtualClock } from "../clock.ts";
import type { Ids } from "../random.ts";
import type { AccountState, Principal, SandboxState, Session } from "../state.ts";

/** An error as AWS answers it; `code` is the wire's code, e.g. `NoSuchEntity`. */
export class AwsError extends Error {
  override readonly name = "AwsError";
  readonly code: string;
  readonly status: number;
  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** The refusal of a call that the caller's policies do not allow, for interceptors. @internal for tests */
export const accessDenied = ({ caller, service, operation }: Call): AwsError => {
  const action = `${service}:${operation}`;
  const reason = `because no identity-based policy allows the ${action} action`;
  return new AwsError(
    "AccessDenied",
    `User: ${caller.arn} is not authorized to perform: ${action} on resource: * ${reason}`,
    403,
  );
};

/** The refusal of a call that comes too soon, for interceptors. @internal for tests */
export const throttled = (): AwsError => new AwsError("Throttling", "Rate exceeded");

/** Whose credentials a call carries. */
export interface Caller {
  readonly account: AccountState;
  readonly principal: Principal;
  /** User ARN, root ARN, or assumed-role session ARN. */
  readonly arn: string;
  /** Unique id: `AIDA…`, `AROA…:session`, or the account id for root. */
  readonly id: string;
  readonly accessKeyId: string;
  /** Present for temporary credentials. */
  readonly session?: Session;
}

/** A resource of a call's CloudTrail record; the accounts of a successful call's resources get the record as well. */
export interface TrailResource {
  readonly accountId: string;
  readonly type: string;
  readonly ARN: string;
}

/** One call that an operation answers. */
export interface Call {
  /** The signing name of the service, e.g. `iam`. */
  readonly service: string;
  readonly operation: string;
  readonly region: string;
  /** Virtual time, in whole seconds as AWS keeps it. */
  readonly now: Date;
  readonly clock: VirtualClock;
  /** The client's clock: a session's expiration is told in it, since SDKs compare that with their own time. */
  readonly wallClock: () => Date;
  readonly state: SandboxState;
  /** The caller's account, on which the operation works. */
  readonly account: AccountState;
  readonly caller: Caller;
  readonly ids: Ids;
  readonly sourceIPAddress: string;
  readonly userAgent: string;
  /** What an operation adds here stands in the CloudTrail record, which goes to those accounts as well. */
  readonly resources: TrailResource[];
  /** What an operation adds here follows its own record as records of the service (`AwsServiceEvent`) to the caller's account. */
  readonly serviceEvents: { readonly name: string; readonly details: Output }[];
}

/**
 * What an operation answers, by the wire's names. A `Date` becomes a timestamp, a `Map` a map, a `Uint8Array` base64;
 * what is undefined is left out.
 */
export type Output = Readonly<Record<string, unknown>>;

/** One thing that a caller's policies have to allow before a call runs. */
export interface Permission {
  /** `service:Action`; absent: the service's and the operation's names. */
  readonly action?: string;
  /** An ARN; absent: `*`, for what AWS knows no resource of. */
  readonly resource?: string;
  /** Whose the resource is; absent: the account in the ARN, or the caller's. Across accounts the resource's policy has to allow, too. */
  readonly accountId?: string;
  /** The policy on the resource itself, as JSON. */
  readonly resourcePolicy?: string | undefined;
  /** The resource's policy has to allow in its own account, too, as a trust policy does. */
  readonly guarded?: boolean;
  /** The resource's tags. */
  readonly tags?: ReadonlyMap<string, string> | undefined;
  /** Condition keys of this request alone, e.g. `iam:PolicyARN`; what is undefined is not there. */
  readonly context?: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** What a call needs, each of it: an ARN stands for the operation's own action on it. Nothing: whoever has credentials may. */
export type Needs<Input> = (call: Call, input: Input) => readonly (string | Permission)[];

type AnyInput = Readonly<Record<string, unknown>>;

/** An operation and its input's shape. */
export interface Operation {
  /** @throws AwsError `ValidationError` when the request does not fit the shape */
  parse(raw: unknown): {
    readonly input: AnyInput;
    /** Absent: what the service says of all its operations. */
    readonly needs?: (call: Call) => ReturnType<Needs<unknown>>;
    run(call: Call): Output | undefined;
  };
}

/**
 * Declares an operation: the input it takes, by the wire's names, what it does with it, and what its caller has to be allowed,
 * where that is not what the service's `needs` tell.
 */
export const operation = <Shape extends z.ZodRawShape>(
  shape: Shape,
  run: (call: Call, input: z.output<z.ZodObject<Shape>>) => Output | undefined,
  needs?: Needs<z.output<z.ZodObject<Shape>>>,
): Operation => {
  const schema = z.object(shape);
  return {
    parse: (raw) => {
      const parsed = schema.safeParse(raw);
      if (!parsed.success) throw validationError(parsed.error.issues);
      const input = parsed.data;
      return { input, run: (call) => run(call, input), ...(needs && { needs: (call) => needs(call, input) }) };
    },
  };
};

/** Where a REST operation is asked for, and where the members of its input and output stand but for the JSON body. */
export interface RestRoute {
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "DELETE";
  /** With `{Member}` where a part of it is a member of the input, `{Member+}` where all the rest is. */
  readonly path: string;
  /** Absent: 200. */
  readonly status?: number;
  readonly input?: {
    /** Members by their query parameter. */
    readonly query?: Readonly<Record<string, string>>;
    /** Members by their header, in lower case. */
    readonly headers?: Readonly<Record<string, string>>;
    /** The member that is the body, as it stands. */
    readonly payload?: string;
  };
  readonly output?: {
    /** Headers by their member. */
    readonly headers?: Readonly<Record<string, string>>;
    /** The member that is the body, as it stands. */
    readonly payload?: string;
  };
}

export interface Service {
  /** The name that requests are signed with, e.g. `iam`. */
  readonly name: string;
  readonly protocol:
    | { readonly type: "query"; readonly version: string; readonly namespace: string }
    /** `target` is what stands before the dot in `X-Amz-Target`. */
    | {
        readonly type: "json";
        readonly target: string;
        /** Error codes are on the wire what they are here, whether or not they end in `Exception`. */
        readonly codesAsTheyAre?: boolean;
      }
    /** By operation. */
    | { readonly type: "rest-json"; readonly routes: Readonly<Record<string, RestRoute>> };
  readonly operations: Readonly<Record<string, Operation>>;
  /** What operations need that do not say so themselves; absent: their own action on `*`. */
  readonly needs?: Needs<AnyInput>;
  /** The one Region that the service's CloudTrail records come from; absent: that of the call. */
  readonly recordRegion?: string;
  /** Data events, which a trail does not log by default. */
  readonly unrecorded?: readonly string[];
  /** Parameters that CloudTrail hides behind asterisks. */
  readonly masked?: readonly string[];
}

// What requests carry: strings only in the Query protocol, typed values in JSON. Empty lists come as "" in Query.
export const integer = (min: number, max: number) => z.coerce.number().int().min(min).max(max);
export const boolean = z.union([z.boolean(), z.enum(["true", "false"]).transform((text) => text === "true")]);
export const list = <T extends z.ZodType>(item: T) =>
  z.preprocess((value) => (value === "" ? [] : value), z.array(item)) as z.ZodType<z.output<T>[]>;
export const tagList = list(z.object({ Key: z.string().min(1).max(128), Value: z.string().max(256) }));

const lowerFirst = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);

const constraint = (issue: z.core.$ZodIssue): string => {
  switch (issue.code) {
    case "too_small":
      return issue.origin === "number"
        ? `Member must have value greater than or equal to ${issue.minimum}`
        : `Member must have length greater than or equal to ${issue.minimum}`;
    case "too_big":
      return issue.origin === "number"
        ? `Member must have value less than or equal to ${issue.maximum}`
        : `Member must have length less than or equal to ${issue.maximum}`;
    case "invalid_value":
      return `Member must satisfy enum value set: [${issue.values.join(", ")}]`;
    case "invalid_format":
      return `Member must satisfy regular expression pattern: ${"pattern" in issue ? String(issue.pattern).replace(/^\/|\/[a-z]*$/g, "") : issue.format}`;
    default:
      return issue.input === undefined ? "Member must not be null" : issue.message;
  }
};

const validationError = (issues: readonly z.core.$ZodIssue[]): AwsError =>
  new AwsError(
    "ValidationError",
    `${issues.length} validation error${issues.length === 1 ? "" : "s"} detected: ${issues
      .map(
        (issue) =>
          `Value at '${issue.path.map((part) => lowerFirst(String(part))).join(".")}' failed to satisfy constraint: ${constraint(issue)}`,
      )
      .join("; ")}`,
  );

/** A page of `items`, which are in the order of their keys, after `marker`. */
export const page = <T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  { marker, size }: { marker?: string | undefined; size: number },
): { items: readonly T[]; next?: string } => {
  const after = marker === undefined ? undefined : Buffer.from(marker, "base64url").toString();
  const found = after === undefined ? 0 : items.findIndex((item) => keyOf(item) > after);
  const start = found === -1 ? items.length : found;
  const last = items[start + size - 1];
  return {
    items: items.slice(start, start + size),
    ...(last !== undefined && start + size < items.length && { next: Buffer.from(keyOf(last)).toString("base64url") }),
  };
};

export const sortBy = <T>(items: Iterable<T>, keyOf: (item: T) => string): T[] =>
  [...items].sort((a, b) => byCodeUnit(keyOf(a), keyOf(b)));
