/** What Lambda keeps of a function, as plain data in the sandbox's state. */
export interface LambdaFunction {
  readonly arn: string;
  readonly name: string;
  /** The file in `functions/`, without its ending, that stands for the bundle. */
  readonly entry: string;
  readonly roleArn: string;
  readonly timeoutSeconds: number;
  /** MiB. */
  readonly memorySize: number;
  readonly environment: Readonly<Record<string, string>>;
  /** Where on this machine the files of `/var/task` are. */
  readonly taskRoot?: string;
  /** Who may invoke it besides its own account's principals: the statements of its policy, by id. */
  readonly statements: Map<string, unknown>;
  /** How often an asynchronous invocation that failed is repeated. */
  maximumRetryAttempts: number;
  url?: { readonly url: string; readonly authType: "AWS_IAM" | "NONE" };
}

/** What polls a queue for a function. */
export interface EventSourceMapping {
  readonly id: string;
  readonly functionArn: string;
  readonly queueArn: string;
  readonly batchSize: number;
  /** The function's answer names what failed; otherwise all of a batch has failed or none. */
  readonly reportsBatchItemFailures: boolean;
  readonly maximumConcurrency?: number;
}
