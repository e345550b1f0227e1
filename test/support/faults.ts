import { AsyncLocalStorage } from "node:async_hooks";
import { ExitError } from "../../sandbox/lambda/invoke.ts";
import { createRandom } from "../../sandbox/random.ts";
import type { Sandbox } from "../../sandbox/sandbox.ts";
import { StoreError } from "../../shared/errors.ts";

/**
 * What befalls one call to the world outside: it fails, or the whole invocation dies at it and nothing of it runs any
 * more, each before the call took effect or after.
 */
export const faultKinds = ["fails before", "fails after", "dies before", "dies after"] as const;
export type FaultKind = (typeof faultKinds)[number];

export interface Fault {
  readonly kind: FaultKind;
  /** Which call of all invocations together, the first is 1. */
  readonly at: number;
}

/** Where calls go through on their way to the world outside. */
export interface Faults {
  /** The calls of all invocations so far, by name. */
  readonly calls: readonly string[];
  /** How often an invocation died. */
  readonly deaths: number;
  /** Runs an invocation: calls made within it are counted, and it ends with an error if it dies. */
  invoke<T>(run: () => Promise<T>): Promise<T>;
  call<T>(name: string, effect: () => Promise<T>): Promise<T>;
}

interface Invocation {
  dead: boolean;
  readonly die: (error: Error) => void;
}

const never = new Promise<never>(() => {});

export const createFaults = (fault?: Fault): Faults => {
  const invocations = new AsyncLocalStorage<Invocation>();
  const calls: string[] = [];
  let deaths = 0;

  const kill = (invocation: Invocation, name: string): Promise<never> => {
    invocation.dead = true;
    deaths += 1;
    invocation.die(new ExitError(`The invocation died at call ${calls.length}, ${name}`));
    return never;
  };
  const fail = (name: string): never => {
    throw Object.assign(new Error(`socket hang up at call ${calls.length}, ${name}`), { code: "ECONNRESET" });
  };

  return {
    calls,
    get deaths() {
      return deaths;
    },
    invoke: (run) =>
      new Promise((resolve, reject) => {
        invocations.run({ dead: false, die: reject }, () => run().then(resolve, reject));
      }),
    call: async (name, effect) => {
      const invocation = invocations.getStore();
      if (invocation === undefined) return effect();
      if (invocation.dead) return never;
      calls.push(name);
      if (fault === undefined || calls.length !== fault.at) {
        const answer = await effect();
        return invocation.dead ? never : answer;
      }
      if (fault.kind === "fails before") return fail(name);
      if (fault.kind === "dies before") return kill(invocation, name);
      await effect();
      return fault.kind === "fails after" ? fail(name) : kill(invocation, name);
    },
  };
};

/**
 * Faults at calls of every operation, the same ones each time.
 * @param options.most how many of an operation
 * @param options.since how many of the calls are spared, the first ones
 */
export const sampledFaults = (
  calls: readonly string[],
  { most, since = 0 }: { readonly most: (call: string) => number; readonly since?: number },
): readonly Fault[] => {
  const random = createRandom(7);
  const all = calls.flatMap((call, index) =>
    faultKinds.map((kind) => ({ call, order: random(), fault: { kind, at: index + 1 } })),
  );
  const inOrder = all.filter(({ fault }) => fault.at > since).sort((a, b) => a.order - b.order);
  return [...Map.groupBy(inOrder, ({ call }) => call)].flatMap(([call, some]) =>
    some.slice(0, most(call)).map(({ fault }) => fault),
  );
};

interface Handler {
  handle(request: never, ...rest: never[]): Promise<unknown>;
}

/** An SDK request handler whose every request goes through `faults`, named by its operation. */
export const faultyHandler = <H extends Handler>(handler: H, faults: Faults): H =>
  new Proxy(handler, {
    get: (target, property) =>
      property === "handle"
        ? (request: never, ...rest: never[]) => faults.call(nameOf(request), () => target.handle(request, ...rest))
        : Reflect.get(target, property, target),
  });

interface Request {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** The operation of a request in the Query or a JSON protocol; in the others its method and path. */
const nameOf = ({ method, path, headers, body }: Request): string =>
  headers?.["x-amz-target"]?.replace(/^.*\./, "") ??
  /(?:^|&)Action=(\w+)/.exec(typeof body === "string" ? body : "")?.[1] ??
  `${method} ${path?.split("?")[0]}`;

/** How to deploy with faults: every call that a function makes on the wire goes through them, and each invocation dies by them. */
export const deployedWithFaults = (sandbox: Sandbox, faults: Faults) => ({
  sandbox: {
    ...sandbox,
    clientConfig: (...of: Parameters<Sandbox["clientConfig"]>) => {
      const config = sandbox.clientConfig(...of);
      return { ...config, requestHandler: faultyHandler(config.requestHandler, faults) };
    },
  },
  around: faults.invoke,
});

/**
 * A store whose every call goes through `faults`, named `name.method`. A call that fails is the `StoreError` that the
 * adapters make of it.
 */
export const faultyCalls = <T extends object>(name: string, store: T, faults: Faults): T =>
  new Proxy(store, {
    get: (target, property) => {
      const method: unknown = Reflect.get(target, property, target);
      if (typeof method !== "function") return method;
      return async (...parameters: unknown[]) => {
        try {
          return await faults.call(`${name}.${String(property)}`, async () => method.apply(target, parameters));
        } catch (error) {
          if (error instanceof Error && Reflect.get(error, "code") === "ECONNRESET")
            throw new StoreError(error.message, { cause: error });
          throw error;
        }
      };
    },
  });
