import type { Sandbox } from "../sandbox.ts";

/** AWS calls, each attempt one: by account, then by `service:Operation`. */
export type Calls = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** Counts from now on what iam-warden's roles call, by the account that they call it in. */
export const countCalls = (sandbox: Pick<Sandbox, "intercept">): { calls(): Calls; close(): void } => {
  const counts: Record<string, Record<string, number>> = {};
  const close = sandbox.intercept(({ caller, service, operation }) => {
    const { principal, account } = caller;
    const isOurs =
      principal.type === "role" ? principal.roleName.startsWith("iam-warden-") : caller.session?.assumedRoot;
    if (isOurs !== true || service === "dynamodb" || service === "sqs") return;
    const of = counts[account.id] ?? {};
    of[`${service}:${operation}`] = (of[`${service}:${operation}`] ?? 0) + 1;
    counts[account.id] = of;
  });
  return { calls: () => structuredClone(counts), close };
};
