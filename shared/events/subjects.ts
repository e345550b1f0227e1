import type { AnyStateControl, Hint } from "../control.ts";
import { stateControls } from "../controls/catalogue.ts";
import { byCodeUnit } from "../order.ts";
import { type SubjectKind, type SubjectRef, subjectKey } from "../subject.ts";
import { resourceIn } from "./analyzer-finding.ts";
import { type CloudTrailRecord, hasFailed, objectField, serviceOf, textField } from "./record.ts";

/** That a control's verdict on a subject may have changed. */
export interface HintedSubject {
  /** The control's id. */
  readonly control: string;
  readonly subject: SubjectRef;
}

/** The event in the words of a control's hints. */
export const hintNameOf = ({ eventSource, eventName }: CloudTrailRecord): Hint =>
  `${serviceOf(eventSource)}:${eventName}`;

/**
 * The subjects that a record says were changed, by name, ordered. None for a call that failed, a read, or an event of
 * another service that is called like one of IAM's (Organizations has an `AttachPolicy`, the identity store a
 * `CreateUser`). An access key comes with its user; the account, groups, policies, OIDC providers, certificates and resources only where a control asks
 * for the event.
 */
export const subjectsOf = (
  record: CloudTrailRecord,
  controls: readonly AnyStateControl[] = stateControls,
): SubjectRef[] => {
  const subjects = [...namedSubjects(record)];
  if (hasFailed(record)) return ordered(subjects);
  const concerns = (kind: SubjectKind): boolean =>
    controls.some((control) => control.subjects.includes(kind) && isHinted(control, record));
  for (const subject of rarerSubjects(record)) if (concerns(subject.kind)) subjects.push(subject);
  return ordered(subjects);
};

/**
 * The controls that a record hints at, each with its subjects, ordered by control, then subject. Where an event about a
 * user hints at a control of access keys, the subject is every key of the user: an `accessKey` without id.
 */
export const hintsOf = (
  record: CloudTrailRecord,
  controls: readonly AnyStateControl[] = stateControls,
): HintedSubject[] => {
  const subjects = subjectsOf(record, controls);
  const hinted = controls.filter((control) => isHinted(control, record)).toSorted((a, b) => byCodeUnit(a.id, b.id));
  return hinted.flatMap(({ id, subjects: kinds }) => {
    const own = subjects.filter(({ kind }) => kinds.includes(kind));
    const users = subjects.filter((subject) => subject.kind === "user");
    const keysOfUsers = users.map(({ name }): SubjectRef => ({ kind: "accessKey", name }));
    return (kinds.includes("accessKey") && own.length === 0 ? keysOfUsers : own).map((subject) => ({
      control: id,
      subject,
    }));
  });
};

const isHinted = ({ hints, analyzerFindings }: AnyStateControl, record: CloudTrailRecord): boolean =>
  hints.includes(hintNameOf(record)) || (analyzerFindings === true && resourceIn(record) !== undefined);

const root: SubjectRef = { kind: "root", name: "root" };

const namedSubjects = (record: CloudTrailRecord): readonly SubjectRef[] => {
  if (hasFailed(record)) return [];
  switch (record.eventSource) {
    case "iam.amazonaws.com":
      return /^(Generate|Get|List|Simulate)[A-Z]/.test(record.eventName) ? [] : iamSubjects(record);
    case "signin.amazonaws.com":
      return signInEvents.includes(record.eventName) ? callerOf(record) : [];
    default:
      return [];
  }
};

/** Subjects that a record may be about, which few events are asked for. */
const rarerSubjects = (record: CloudTrailRecord): readonly SubjectRef[] => {
  const { accountId } = record;
  const resource = resourceIn(record);
  return [
    ...(accountId === undefined ? [] : [{ kind: "account", name: accountId } as const]),
    ...(record.eventSource === "iam.amazonaws.com" ? iamObjects(record) : []),
    ...(resource === undefined ? [] : [{ kind: "resource", name: resource } as const]),
  ];
};

const iamObjects = ({
  requestParameters: request,
  responseElements: response,
}: CloudTrailRecord): readonly SubjectRef[] => {
  const policy = textField(request, "policyArn") ?? textField(objectField(response, "policy"), "arn");
  const provider = textField(request, "openIDConnectProviderArn") ?? textField(response, "openIDConnectProviderArn");
  const saml = textField(request, "sAMLProviderArn") ?? textField(response, "sAMLProviderArn");
  const ofPolicy = policy?.match(/^arn:[\w-]+:iam::\d+:policy\/(.+)$/)?.[1];
  const ofProvider = provider?.match(/^arn:[\w-]+:iam::\d+:oidc-provider\/(.+)$/)?.[1];
  const ofSaml = saml?.match(/^arn:[\w-]+:iam::\d+:saml-provider\/(.+)$/)?.[1];
  const named = (kind: "group" | "serverCertificate", ...fields: readonly string[]): readonly SubjectRef[] =>
    fields.flatMap((field) => {
      const name = textField(request, field);
      return name === undefined ? [] : [{ kind, name }];
    });
  return [
    ...named("group", "groupName", "newGroupName"),
    ...named("serverCertificate", "serverCertificateName", "newServerCertificateName"),
    ...(ofPolicy === undefined ? [] : [{ kind: "policy", name: ofPolicy } as const]),
    ...(ofProvider === undefined ? [] : [{ kind: "oidcProvider", name: ofProvider } as const]),
    ...(ofSaml === undefined ? [] : [{ kind: "samlProvider", name: ofSaml } as const]),
  ];
};

/** Sign-in events that change what its user signs in with, or when they last did. */
const signInEvents = ["ConsoleLogin", "PasswordRecoveryCompleted", "PasswordUpdated"];

const iamSubjects = (record: CloudTrailRecord): readonly SubjectRef[] => {
  const request = record.requestParameters;
  switch (record.eventName) {
    case "CreateAccessKey":
    case "DeleteAccessKey":
    case "UpdateAccessKey":
      return accessKeySubjects(record);
    case "CreateLoginProfile":
    case "DeactivateMFADevice":
    case "DeleteLoginProfile":
    case "DeleteServiceSpecificCredential":
    case "EnableMFADevice":
    case "ResyncMFADevice":
    case "UpdateLoginProfile":
    case "UpdateServiceSpecificCredential":
      return userOrCaller(record, textField(objectField(record.responseElements, "loginProfile"), "userName"));
    case "ChangePassword":
      return callerOf(record);
    case "DeleteVirtualMFADevice":
      // A device is deactivated before it can be deleted, and its serial number tells only root's own.
      return /:mfa\/root-account-mfa-device$/.test(textField(request, "serialNumber") ?? "") ? [root] : [];
    case "UpdateUser":
      return [textField(request, "userName"), textField(request, "newUserName")].flatMap(userNamed);
    default: {
      const user = textField(request, "userName") ?? nameIn(objectField(record.responseElements, "user"), "userName");
      const role = textField(request, "roleName") ?? nameIn(objectField(record.responseElements, "role"), "roleName");
      return [...userNamed(user), ...(role === undefined ? [] : [{ kind: "role", name: role } as const])];
    }
  }
};

/** Whose key it is: the named user's, else the caller's, as IAM itself takes it from the key that signed the request. */
const accessKeySubjects = (record: CloudTrailRecord): readonly SubjectRef[] => {
  const made = objectField(record.responseElements, "accessKey");
  const accessKeyId = textField(record.requestParameters, "accessKeyId") ?? textField(made, "accessKeyId");
  return userOrCaller(record, textField(made, "userName")).flatMap((owner): readonly SubjectRef[] =>
    owner.kind === "user" ? [{ kind: "accessKey", name: owner.name, accessKeyId }, owner] : [owner],
  );
};

/** The user that the request names; else, for root, root itself; else the one of the response; else the caller. */
const userOrCaller = (record: CloudTrailRecord, answered: string | undefined): readonly SubjectRef[] => {
  const named = textField(record.requestParameters, "userName");
  if (named !== undefined) return userNamed(named);
  return record.userIdentity.type === "Root" || answered === undefined ? callerOf(record) : userNamed(answered);
};

/** Neither is a name that a user could have: so IAM and the credential report call root. */
const namesOfRoot = ["AWS ROOT USER", "<root_account>"];

const userNamed = (name: string | undefined): readonly SubjectRef[] => {
  if (name === undefined) return [];
  return namesOfRoot.includes(name) ? [root] : [{ kind: "user", name }];
};

/** The caller, if it is a user or root of the account; a role session or a service has no credentials to change. */
const callerOf = ({ userIdentity, accountId }: CloudTrailRecord): readonly SubjectRef[] => {
  if (userIdentity.accountId !== undefined && userIdentity.accountId !== accountId) return [];
  if (userIdentity.type === "Root") return [root];
  if (userIdentity.type !== "IAMUser") return [];
  return userNamed(userIdentity.userName ?? friendlyName(userIdentity.arn));
};

const nameIn = (entity: Readonly<Record<string, unknown>>, field: string): string | undefined =>
  textField(entity, field) ?? friendlyName(textField(entity, "arn"));

/** `alice` of `arn:aws:iam::111122223333:user/staff/berlin/alice`. */
const friendlyName = (arn: string | undefined): string | undefined =>
  arn?.match(/^arn:[\w-]+:iam::\d+:(?:user|role)\/(?:.*\/)?([^/]+)$/)?.[1];

const ordered = (subjects: readonly SubjectRef[]): SubjectRef[] =>
  [...new Map(subjects.map((subject) => [subjectKey(subject), subject])).entries()]
    .toSorted(([a], [b]) => byCodeUnit(a, b))
    .map(([, subject]) => subject);
