/** The account that something was seen in. `ouPath` is the names from the root down, e.g. `Root/Workloads/Prod`. */
export interface AccountRef {
  /** Twelve digits. */
  readonly id: string;
  readonly name?: string;
  readonly ouPath?: string;
  /** By the account's tag that the settings name. */
  readonly owner?: string;
}

/** Every kind of subject, in the order in which an account's subjects are judged; a user's access keys come with the user. */
export const subjectKinds = [
  "account",
  "root",
  "user",
  "accessKey",
  "role",
  "group",
  "policy",
  "oidcProvider",
  "samlProvider",
  "serverCertificate",
  "resource",
] as const;
export type SubjectKind = (typeof subjectKinds)[number];

/** What people call one of each kind. */
export const kindWords: Readonly<Record<SubjectKind, string>> = {
  user: "user",
  accessKey: "access key",
  role: "role",
  root: "root user",
  account: "account",
  group: "group",
  policy: "policy",
  oidcProvider: "OIDC provider",
  samlProvider: "SAML provider",
  serverCertificate: "server certificate",
  resource: "resource",
};

/** `OIDC provider`, `Role`: as a sentence begins. */
export const kindAtStart = (kind: SubjectKind): string => {
  const word = kindWords[kind];
  return word.charAt(0).toUpperCase() + word.slice(1);
};

/**
 * What a control judges, by name: enough to read its live state and to find its finding again.
 * For an access key, `name` is the user's name and `accessKeyId` the key. A `policy` is one that the account made itself.
 */
export interface SubjectRef {
  readonly kind: SubjectKind;
  /**
   * The IAM friendly name; `root` for the root user, `root-session` for central root sessions, the account id for an account,
   * a policy's with its path if it has one (`team/deployer`), an OIDC provider's URL without `https://`, a resource's ARN.
   */
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
