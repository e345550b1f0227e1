import {
  CredentialReportExpiredException,
  CredentialReportNotPresentException,
  CredentialReportNotReadyException,
  GetAccountPasswordPolicyCommand,
  GetCredentialReportCommand,
  type IAMClient,
} from "@aws-sdk/client-iam";
import { isNoSuchEntity } from "../aws/errors.ts";
import { parseCredentialReport } from "./credential-report.ts";
import { type ConsoleAccess, type Fact, known, type PasswordPolicyFacts, unknownFact } from "./facts.ts";
import { freshForMs } from "./fetch-report.ts";
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

const noReport = [
  CredentialReportExpiredException,
  CredentialReportNotPresentException,
  CredentialReportNotReadyException,
] as const;

/**
 * The same from the credential report that IAM has at hand, for which nobody waits: without one, or with an older one that
 * has nobody with a password (somebody may have got one since), it is unknown.
 */
export const readHasConsoleUsers = async (
  iam: IAMClient,
  accountId: string,
  now: Date,
  read: Read,
): Promise<Fact<boolean>> => {
  const answer = await read("iam:GetCredentialReport", accountId, async () => {
    try {
      return await iam.send(new GetCredentialReportCommand({}));
    } catch (error) {
      if (noReport.some((kind) => error instanceof kind)) return undefined;
      throw error;
    }
  });
  if (!answer.known) return answer;
  const { Content: content, GeneratedTime: madeAt } = answer.value ?? {};
  if (content === undefined || madeAt === undefined) return unknownFact("there is no credential report at hand");
  const report = parseCredentialReport(content);
  if (report.halfRead !== undefined) return unknownFact(`the credential report is not whole: ${report.halfRead}`);
  const any = anyConsoleUser(
    [...report.users.values()].map(({ passwordEnabled }) =>
      passwordEnabled.known ? known({ enabled: passwordEnabled.value }) : passwordEnabled,
    ),
  );
  if (!any.known || any.value || now.getTime() - madeAt.getTime() < freshForMs) return any;
  return unknownFact(`the credential report of ${madeAt.toISOString()} has no user with a console password`);
};
