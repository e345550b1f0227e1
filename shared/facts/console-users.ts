import {
  CredentialReportExpiredException,
  CredentialReportNotPresentException,
  CredentialReportNotReadyException,
  GenerateCredentialReportCommand,
  GetCredentialReportCommand,
  type GetCredentialReportResponse,
  type IAMClient,
} from "@aws-sdk/client-iam";
import { NotYetVisibleError } from "../errors.ts";
import { parseCredentialReport } from "./credential-report.ts";
import { type Fact, known, unknownFact } from "./facts.ts";
import { freshForMs } from "./fetch-report.ts";
import { anyConsoleUser, type ReadHasConsoleUsers } from "./passwords.ts";
import type { Read } from "./reading.ts";

const noReport = [
  CredentialReportExpiredException,
  CredentialReportNotPresentException,
  CredentialReportNotReadyException,
] as const;

const reportAtHand = (iam: IAMClient, accountId: string, read: Read) =>
  read("iam:GetCredentialReport", accountId, async () => {
    try {
      return await iam.send(new GetCredentialReportCommand({}));
    } catch (error) {
      if (noReport.some((kind) => error instanceof kind)) return undefined;
      throw error;
    }
  });

/**
 * Whether one of the users has a console password, from the credential report that IAM has at hand, for which nobody waits: without one, or with an older one that
 * has nobody with a password (somebody may have got one since), it is unknown.
 */
export const readHasConsoleUsers: ReadHasConsoleUsers = async (iam, accountId, now, read) =>
  hasConsoleUsers(await reportAtHand(iam, accountId, read), now);

/**
 * The same for whoever can come again: where there is no report at hand it has IAM make one.
 * @throws NotYetVisibleError until that is made
 */
export const requireHasConsoleUsers: ReadHasConsoleUsers = async (iam, accountId, now, read) => {
  const answer = await reportAtHand(iam, accountId, read);
  if (!answer.known || answer.value !== undefined) return hasConsoleUsers(answer, now);
  const asked = await read("iam:GenerateCredentialReport", accountId, () =>
    iam.send(new GenerateCredentialReportCommand({})),
  );
  if (!asked.known) return asked;
  throw new NotYetVisibleError(
    `The credential report of account ${accountId}, which alone says whether a user has a console password, is being made; it takes some seconds.`,
  );
};

const hasConsoleUsers = (answer: Fact<GetCredentialReportResponse | undefined>, now: Date): Fact<boolean> => {
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
