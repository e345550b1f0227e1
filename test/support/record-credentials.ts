import type { CredentialPart } from "../../shared/facts/facts.ts";

/** What a control says that it needs. */
export type Read = CredentialPart | "consoleUsers" | "policies";

/** Which read each property comes from, by the property's path below the facts; `*` is any index. */
const partsByPath: Readonly<Record<string, Readonly<Record<string, Read>>>> = {
  user: {
    console: "loginProfile",
    "console.value.lastUsedAt": "passwordLastUsed",
    mfaActive: "mfaDevices",
    policies: "policies",
    quotas: "policies",
    accessKeys: "accessKeys",
    "accessKeys.value.*.lastUsedAt": "accessKeyLastUsed",
  },
  role: { policies: "policies", quotas: "policies" },
  account: { hasConsoleUsers: "consoleUsers" },
  accessKey: {
    id: "accessKeys",
    active: "accessKeys",
    createdAt: "accessKeys",
    lastUsedAt: "accessKeyLastUsed",
  },
};

/** The facts behind a proxy that adds to `used` the parts of whatever is looked at. */
export const recordCredentials = <F extends { readonly kind: string }>(facts: F, used: Set<Read>): F => {
  const parts = partsByPath[facts.kind] ?? {};
  const watch = <T extends object>(target: T, path: string): T =>
    new Proxy(target, {
      get: (object, property, receiver) => {
        const value: unknown = Reflect.get(object, property, receiver);
        if (typeof property === "symbol" || typeof value === "function") return value;
        const step = /^\d+$/.test(property) ? "*" : property;
        const here = path === "" ? step : `${path}.${step}`;
        const part = parts[here];
        if (part) used.add(part);
        return typeof value === "object" && value !== null && !(value instanceof Date) ? watch(value, here) : value;
      },
    });
  return watch(facts, "");
};
