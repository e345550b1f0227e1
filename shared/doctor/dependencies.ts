import type { AwsAccess } from "../aws/access.ts";
import type { FindingStore } from "../findings/store.ts";
import type { MarkStore } from "../marks/mark-store.ts";
import type { BreakerStore } from "../remediation/breaker-store.ts";
import type { Settings } from "../settings/settings.ts";
import type { AccountRef } from "../subject.ts";
import type { Telemetry } from "../telemetry.ts";
import type { DoctorClients } from "./clients.ts";

/** Something with a name for people, and where it is. */
export interface Named {
  readonly name: string;
  /** An ARN or a URL. */
  readonly at: string;
}

/** How iam-warden is deployed, as its own stack says. */
export interface Deployed {
  readonly hubAccountId: string;
  /** The hub's. */
  readonly region: string;
  /** Where every account has its rules. */
  readonly watchedRegions: readonly string[];
  readonly eventBusArn: string;
  /** By name; in the hub. */
  readonly stackSet: string;
  readonly topics: readonly Named[];
  readonly deadLetters: readonly Named[];
}

/** How AWS is reached. */
export interface Reach {
  /** With the audit role. */
  readonly aws: AwsAccess;
  readonly clients: DoctorClients;
}

/** What the doctor looks at things with. Nothing in it changes anything. */
export interface DoctorDependencies extends Reach {
  /** With sessions of its own: that a role could be assumed an hour ago tells nothing of now. */
  readonly reachAnew: () => Reach;
  readonly deployed: Deployed;
  /** Lists the organization's active accounts. */
  readonly listAccounts: () => Promise<readonly AccountRef[]>;
  readonly managementAccountId: () => Promise<string | undefined>;
  readonly store: Pick<FindingStore, "populations">;
  readonly marks: Pick<MarkStore, "list">;
  readonly breakers: Pick<BreakerStore, "tripOf">;
  readonly settings: Settings;
  /** Why the settings that were deployed cannot be used; absent if they can. */
  readonly settingsProblem?: string;
  readonly telemetry: Telemetry;
  readonly clock: () => Date;
}

/** The same, about one account. */
export interface AccountContext extends DoctorDependencies {
  readonly account: Pick<AccountRef, "id">;
}
