import {
  GetAccountPasswordPolicyCommand,
  type IAMClient,
  type PasswordPolicy,
  type UpdateAccountPasswordPolicyRequest,
} from "@aws-sdk/client-iam";
import { isNoSuchEntity } from "../aws/errors.ts";
import { type ConsoleAccess, type Fact, known, type PasswordPolicyFacts } from "./facts.ts";
import type { Read } from "./reading.ts";

// What an account asks of console passwords, and whether anybody has one, for both readers alike.

/** As few characters as a policy can ask for: what one asks for that does not say. */
const leastLength = 6;

/** What IAM's answer means. */
export const passwordPolicyOf = (policy: PasswordPolicy | undefined): PasswordPolicyFacts => ({
  minimumLength: policy?.MinimumPasswordLength ?? leastLength,
  requireLowercase: policy?.RequireLowercaseCharacters ?? false,
  requireUppercase: policy?.RequireUppercaseCharacters ?? false,
  requireNumbers: policy?.RequireNumbers ?? false,
  requireSymbols: policy?.RequireSymbols ?? false,
  usersMayChange: policy?.AllowUsersToChangePassword ?? false,
  // Zero is how some answers say that there is no limit.
  maxAgeDays: policy?.MaxPasswordAge || null,
  hardExpiry: policy?.HardExpiry ?? false,
  remembered: policy?.PasswordReusePrevention || null,
});

/** What has IAM set all of a policy. Whatever is not named falls back to IAM's default: no expiry, no memory, and no hard expiry. */
export const passwordPolicyInput = (policy: PasswordPolicyFacts): UpdateAccountPasswordPolicyRequest => ({
  MinimumPasswordLength: policy.minimumLength,
  RequireLowercaseCharacters: policy.requireLowercase,
  RequireUppercaseCharacters: policy.requireUppercase,
  RequireNumbers: policy.requireNumbers,
  RequireSymbols: policy.requireSymbols,
  AllowUsersToChangePassword: policy.usersMayChange,
  ...(policy.maxAgeDays !== null && { MaxPasswordAge: policy.maxAgeDays }),
  ...(policy.remembered !== null && { PasswordReusePrevention: policy.remembered }),
  ...(policy.hardExpiry && { HardExpiry: true }),
});

/** The account's own policy; `null` if it has none. */
export const readPasswordPolicy = (
  iam: IAMClient,
  accountId: string,
  read: Read,
): Promise<Fact<PasswordPolicyFacts | null>> =>
  read("iam:GetAccountPasswordPolicy", accountId, async () => {
    try {
      const { PasswordPolicy: policy } = await iam.send(new GetAccountPasswordPolicyCommand({}));
      return passwordPolicyOf(policy);
    } catch (error) {
      if (isNoSuchEntity(error)) return null;
      throw error;
    }
  });

/** Whether one of the users has a console password: one is enough, and to say that none has all must be known. */
export const anyConsoleUser = (consoles: readonly Fact<Pick<ConsoleAccess, "enabled">>[]): Fact<boolean> => {
  if (consoles.some((one) => one.known && one.value.enabled)) return known(true);
  return consoles.find((one) => !one.known) ?? known(false);
};

/** See `readHasConsoleUsers`, whose parser of reports is not bundled where nobody judges an account live. */
export type ReadHasConsoleUsers = (iam: IAMClient, accountId: string, now: Date, read: Read) => Promise<Fact<boolean>>;
