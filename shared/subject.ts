/** The account that something was seen in. `ouPath` is the names from the root down, e.g. `Root/Workloads/Prod`. */
export interface AccountRef {
  /** Twelve digits. */
  readonly id: string;
  readonly name?: string;
  readonly ouPath?: string;
  /** By the account's tag that the settings name. */
  readonly owner?: string;
}

export type SubjectKind = "user" | "accessKey" | "role" | "root" | "account";

/**
 * What a control judges, by name: enough to read its live state and to find its finding again.
 * For an access key, `name` is the user's name and `accessKeyId` the key.
 */
export interface SubjectRef {
  readonly kind: SubjectKind;
  /** The IAM friendly name; `root` for the root user, `root-session` for central root sessions, the account id for an account. */
  readonly name: string;
  readonly accessKeyId?: string;
}

/** A subject as it is stored and shown. */
export interface Subject extends SubjectRef {
  readonly arn: string;
}

/** The string that tells two subjects of one account apart and orders them, e.g. `user/alice`, `accessKey/bob/AKIA…`. */
export const subjectKey = (subject: SubjectRef): string =>
  subject.kind === "accessKey"
    ? `accessKey/${subject.name}/${subject.accessKeyId ?? ""}`
    : `${subject.kind}/${subject.name}`;
