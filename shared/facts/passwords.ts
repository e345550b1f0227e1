import { GetAccountPasswordPolicyCommand, type IAMClient } from "@aws-sdk/client-iam";
import { isNoSuchEntity } from "../aws/errors.ts";
import { type ConsoleAccess, type Fact, known, type PasswordPolicyFacts } from "./facts.ts";
import type { Read } from "./reading.ts";

// What an account asks of console passwords, and whether anybody has one, for both readers alike.

/** As few characters as a policy can ask for: what one asks for that does not say. */
const leastLength = 6;

/** The account's own policy; `null` if it has none. */
export const readPasswordPolicy = (
  iam: IAMClient,
  accountId: string,
  read: Read,
): Promise<Fact<PasswordPolicyFacts | null>> =>
  read("iam:GetAccountPasswordPolicy", accountId, async () => {
    try {
      const { PasswordPolicy: policy } = await iam.send(new GetAccountPasswordPolicyCommand({}));
      return {
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
      };
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
