import type { IAMClient } from "@aws-sdk/client-iam";
import { AssumeRootCommand } from "@aws-sdk/client-sts";
import type { AccessAnalyzer } from "../analyzers/access-analyzer.ts";
import type { AwsAccess } from "../aws/access.ts";
import { call } from "../aws/errors.ts";
import { MalformedInputError } from "../errors.ts";
import type { RootTask } from "./step.ts";

/** One account's IAM, with a role in it and, where somebody needs it, as its root for one task. */
export interface AccountAccess {
  readonly accountId: string;
  readonly iam: IAMClient;
  /** IAM Access Analyzer in a Region. */
  analyzers(region: string): AccessAnalyzer;
  /** IAM as the account's root, in a session of central root access that may do no more than the task. */
  asRoot(task: RootTask): Promise<IAMClient>;
}

/** The longest that AWS lets such a session last. */
const rootSessionSeconds = 900;

/**
 * One account's IAM through `aws`. Sessions of root are opened once for each task and kept as long as the returned object:
 * make a new one for each run.
 */
export const accountAccess = (aws: AwsAccess, accountId: string): AccountAccess => {
  const sessions = new Map<RootTask, Promise<IAMClient>>();
  const open = async (task: RootTask): Promise<IAMClient> => {
    const { Credentials: made } = await call("sts:AssumeRoot", accountId, () =>
      aws.sts().send(
        new AssumeRootCommand({
          TargetPrincipal: accountId,
          TaskPolicyArn: { arn: `arn:${aws.partition}:iam::aws:policy/root-task/${task}` },
          DurationSeconds: rootSessionSeconds,
        }),
      ),
    );
    if (!made?.AccessKeyId || !made.SecretAccessKey || !made.SessionToken)
      throw new MalformedInputError(`sts:AssumeRoot of ${accountId} answered without credentials`);
    return aws.iamWith(accountId, {
      accessKeyId: made.AccessKeyId,
      secretAccessKey: made.SecretAccessKey,
      sessionToken: made.SessionToken,
    });
  };
  return {
    accountId,
    iam: aws.iam(accountId),
    analyzers: (region) => aws.accessAnalyzer(accountId, region),
    asRoot: (task) => {
      const opened = sessions.get(task) ?? open(task);
      sessions.set(task, opened);
      return opened;
    },
  };
};
