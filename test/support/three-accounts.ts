import { IAMClient } from "@aws-sdk/client-iam";
import { addRole, administratorAccess, strictPasswordPolicy } from "../../sandbox/iam/state.ts";
import { createSandbox, type EventBridgeEvent, type Sandbox } from "../../sandbox/sandbox.ts";
import { type AccountState, addAccount } from "../../sandbox/state.ts";
import type { Finding } from "../../shared/findings/finding.ts";
import type { FindingStore } from "../../shared/findings/store.ts";
import { type RecordedTelemetry, recordedTelemetry } from "./recorded-telemetry.ts";

const adminPath = "/aws-reserved/sso.amazonaws.com/";
const adminRole = "AWSReservedSSO_AdministratorAccess_0123456789abcdef";

/** What iam-warden is deployed into. */
export interface ThreeAccounts {
  readonly sandbox: Sandbox;
  readonly telemetry: RecordedTelemetry;
  readonly hub: AccountState;
  readonly data: AccountState;
  readonly web: AccountState;
}

/** How a test acts there, and what it sees. */
export interface Watched extends ThreeAccounts {
  /** IAM in an account, as an administrator called `who`. */
  iam(account: AccountState, who?: string): IAMClient;
  /** Every event that any account's bus delivered so far. */
  readonly events: readonly EventBridgeEvent[];
  /** `control subject status` of every finding of the account, ordered. */
  findings(account: AccountState): Promise<string[]>;
  finding(account: AccountState, control: string): Promise<Finding>;
  /** The emails that arrived, as `subject`. */
  mails(): string[];
}

/** A management account, the hub, and two members; nothing in them violates anything but what a test puts there. */
export const threeAccounts = (options: Parameters<typeof createSandbox>[0] = {}): ThreeAccounts => {
  const sandbox = createSandbox(options);
  const { state, ids, clock } = sandbox;
  const joinedAt = clock.now();
  const [hub, data, web] = ["security", "data", "web"].map((name) =>
    addAccount(state, { id: ids.account(), name, joinedAt }),
  ) as [AccountState, AccountState, AccountState];
  for (const account of state.accounts.values()) {
    account.passwordPolicy = { ...strictPasswordPolicy };
    addRole(account, ids, {
      name: adminRole,
      path: adminPath,
      createdAt: joinedAt,
      attachedPolicies: new Set([administratorAccess]),
    });
    account.root.mfaDevices.push({ serial: "GAHT12345678", enabledAt: joinedAt });
  }
  return { sandbox, telemetry: recordedTelemetry(), hub, data, web };
};

/** The same accounts, watched from now on. */
export const watched = (accounts: ThreeAccounts, store: FindingStore): Watched => {
  const { sandbox } = accounts;
  const events: EventBridgeEvent[] = [];
  sandbox.subscribe((event) => events.push(event));
  return {
    ...accounts,
    events,
    iam: (account, who = "petra") =>
      new IAMClient({
        ...sandbox.clientConfig(sandbox.credentialsFor(account.id, { role: adminRole, sessionName: who })),
        maxAttempts: 1,
      }),
    findings: async ({ id }) =>
      (await store.listAll(id))
        .map(({ control, subject, status }) => {
          const key = subject.accessKeyId === undefined ? "" : `/${subject.accessKeyId}`;
          return `${control} ${subject.kind}/${subject.name}${key} ${status}`;
        })
        .sort(),
    finding: async ({ id }, control) => {
      const found = (await store.listAll(id)).filter((finding) => finding.control === control);
      const [finding] = found;
      if (finding === undefined || found.length > 1) throw new Error(`${found.length} findings of ${control}`);
      return finding;
    },
    mails: () =>
      sandbox.deliveries.filter(({ protocol }) => protocol === "email").map(({ subject }) => subject ?? "(no subject)"),
  };
};
