import type { RepairContext } from "../../../control.ts";

/** Why the credentials of an account's root cannot be deleted from here; `undefined` if they can. */
export const beyondCentralRoot = (accountId: string, { centralRootAccess }: RepairContext): string | undefined =>
  centralRootAccess
    ? undefined
    : `Account ${accountId} is not known as a member whose root credentials central root access can delete.`;

const indented = (command: string): string => `  ${command.replaceAll("\n", "\n  ")}`;

type Task = "IAMAuditRootUserCredentials" | "IAMDeleteRootUserCredentials";

/**
 * Shell commands that run as a member account's root, in a session of central root access. It lasts 15 minutes and may do
 * no more than its task: one audits, one deletes. They stand in a subshell that ends if the session cannot be had:
 * otherwise they would run with the caller's own credentials, and delete the caller's own password or keys.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user-privileged-task.html
 */
export const asMemberRoot = (task: Task, ...commands: readonly string[]): string => `(
  session=$(aws sts assume-root --region us-east-1 --target-principal ACCOUNT_ID --duration-seconds 900 \\
    --task-policy-arn arn=arn:aws:iam::aws:policy/root-task/${task} \\
    --query "Credentials.[AccessKeyId, SecretAccessKey, SessionToken]" --output text) || exit
  read -r AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN <<< "$session"
  export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
${commands.map(indented).join("\n")}
)`;
