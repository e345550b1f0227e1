import { build as digest } from "../../functions/digest.ts";
import { build as doctor } from "../../functions/doctor.ts";
import { build as escalate } from "../../functions/escalate.ts";
import { build as intake } from "../../functions/intake.ts";
import { build as listAccounts } from "../../functions/list-accounts.ts";
import { build as operator } from "../../functions/operator.ts";
import { build as remediate } from "../../functions/remediate.ts";
import type { LambdaHandler, Runtime } from "../../functions/runtime.ts";
import { build as sweepAccount } from "../../functions/sweep-account.ts";
import { build as validateSettings } from "../../functions/validate-settings.ts";

/** What each file of `functions/` builds its handler with. */
export const entries: Readonly<Record<string, (runtime: Runtime) => LambdaHandler<never, unknown>>> = {
  digest,
  doctor,
  escalate,
  intake,
  "list-accounts": listAccounts,
  operator,
  remediate,
  "sweep-account": sweepAccount,
  "validate-settings": validateSettings,
};
