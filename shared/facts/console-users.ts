import {
  CredentialReportExpiredException,
  CredentialReportNotPresentException,
  CredentialReportNotReadyException,
  GetCredentialReportCommand,
} from "@aws-sdk/client-iam";
import { parseCredentialReport } from "./credential-report.ts";
import { known, unknownFact } from "./facts.ts";
import { freshForMs } from "./fetch-report.ts";
import { anyConsoleUser, type ReadHasConsoleUsers } from "./passwords.ts";

const noReport = [
  CredentialReportExpiredException,
  CredentialReportNotPresentException,
  CredentialReportNotReadyException,
] as const;

/**
 * Whether one of the users has a console password, from the credential report that IAM has at hand, for which nobody waits: without one, or with an older one that
 * has nobody with a password (somebody may have got one since), it is unknown.
 */
export const readHasConsoleUsers: ReadHasConsoleUsers = async (iam, accountId, now, read) => {
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
