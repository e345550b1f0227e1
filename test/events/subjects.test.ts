import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compliant, defineControl, noOptions } from "../../shared/control.ts";
import { stateControls } from "../../shared/controls/catalogue.ts";
import { parseRecord } from "../../shared/events/envelope.ts";
import { hintNameOf, hintsOf, subjectsOf } from "../../shared/events/subjects.ts";
import { subjectKey } from "../../shared/subject.ts";
import { account, assumedRole, iamUser, type Raw, record, root, signIn, without } from "./records.ts";

const keysOf = (raw: Raw): string[] => subjectsOf(parseRecord(raw)).map(subjectKey);
const hints = (raw: Raw): string[] =>
  hintsOf(parseRecord(raw)).map(({ control, subject }) => `${control} ${subjectKey(subject)}`);

const call = (eventName: string, requestParameters: unknown, more: Raw = {}): Raw =>
  record({ eventName, requestParameters, ...more });
const user = iamUser("carol");
const key = (userName?: string): Raw => ({
  responseElements: { accessKey: { accessKeyId: "AKIAEXAMPLENEW000001", status: "Active", userName } },
});
const delegated: Raw = { ...assumedRole, invokedByDelegate: { accountId: "999988887777" } };

describe("subjectsOf", () => {
  const table: Record<string, [raw: Raw, subjects: readonly string[]]> = {
    CreateUser: [call("CreateUser", { userName: "alice", path: "/staff/" }), ["user/alice"]],
    "CreateUser, named only in the response": [
      call("CreateUser", null, { responseElements: { user: { userName: "alice" } } }),
      ["user/alice"],
    ],
    "CreateUser, named only by the response's ARN": [
      call("CreateUser", null, { responseElements: { user: { arn: `arn:aws:iam::${account}:user/a/b/alice` } } }),
      ["user/alice"],
    ],
    DeleteUser: [call("DeleteUser", { userName: "alice" }), ["user/alice"]],
    "UpdateUser, a rename": [
      call("UpdateUser", { userName: "alice", newUserName: "alice.b" }),
      ["user/alice", "user/alice.b"],
    ],
    "UpdateUser, a new path": [call("UpdateUser", { userName: "alice", newPath: "/x/" }), ["user/alice"]],
    TagUser: [call("TagUser", { userName: "alice", tags: [{ key: "userName", value: "bob" }] }), ["user/alice"]],
    UntagUser: [call("UntagUser", { userName: "alice", tagKeys: ["owner"] }), ["user/alice"]],
    PutUserPermissionsBoundary: [call("PutUserPermissionsBoundary", { userName: "alice" }), ["user/alice"]],
    DeleteUserPermissionsBoundary: [call("DeleteUserPermissionsBoundary", { userName: "alice" }), ["user/alice"]],
    AttachUserPolicy: [call("AttachUserPolicy", { userName: "alice" }), ["user/alice"]],
    CreateLoginProfile: [call("CreateLoginProfile", { userName: "alice" }), ["user/alice"]],
    "CreateLoginProfile, named only in the response": [
      call("CreateLoginProfile", null, {
        responseElements: { loginProfile: { userName: "alice" } },
        userIdentity: user,
      }),
      ["user/alice"],
    ],
    "CreateLoginProfile by root, for a user": [
      call("CreateLoginProfile", { userName: "alice" }, { userIdentity: root() }),
      ["user/alice"],
    ],
    "CreateLoginProfile in a central root session, for root": [
      call("CreateLoginProfile", null, { userIdentity: root({ sessionContext: { assumedRoot: "true" } }) }),
      ["root/root"],
    ],
    UpdateLoginProfile: [
      call("UpdateLoginProfile", { userName: "alice" }, { userIdentity: assumedRole }),
      ["user/alice"],
    ],
    DeleteLoginProfile: [call("DeleteLoginProfile", { userName: "alice" }), ["user/alice"]],
    "DeleteLoginProfile by root, of itself": [
      call("DeleteLoginProfile", null, { userIdentity: root() }),
      ["root/root"],
    ],
    "ChangePassword, always the caller's": [call("ChangePassword", null, { userIdentity: user }), ["user/carol"]],
    "ChangePassword by root": [call("ChangePassword", null, { userIdentity: root() }), ["root/root"]],
    "ChangePassword by a role session, which has none": [
      call("ChangePassword", null, { userIdentity: assumedRole }),
      [],
    ],
    EnableMFADevice: [
      call("EnableMFADevice", { userName: "alice", serialNumber: `arn:aws:iam::${account}:mfa/bob` }),
      ["user/alice"],
    ],
    "EnableMFADevice for root": [
      call("EnableMFADevice", { userName: "AWS ROOT USER" }, { userIdentity: root() }),
      ["root/root"],
    ],
    "EnableMFADevice by root, for a user": [
      call("EnableMFADevice", { userName: "alice" }, { userIdentity: root() }),
      ["user/alice"],
    ],
    DeactivateMFADevice: [call("DeactivateMFADevice", { userName: "alice" }), ["user/alice"]],
    "DeactivateMFADevice without a name": [
      call("DeactivateMFADevice", { serialNumber: "x" }, { userIdentity: user }),
      ["user/carol"],
    ],
    "DeactivateMFADevice by root, of itself": [
      call("DeactivateMFADevice", null, { userIdentity: root() }),
      ["root/root"],
    ],
    ResyncMFADevice: [call("ResyncMFADevice", { userName: "alice" }), ["user/alice"]],
    "DeleteVirtualMFADevice, whose serial number names a device": [
      call("DeleteVirtualMFADevice", { serialNumber: `arn:aws:iam::${account}:mfa/alice` }, { userIdentity: user }),
      [],
    ],
    "DeleteVirtualMFADevice of root's": [
      call("DeleteVirtualMFADevice", { serialNumber: `arn:aws:iam::${account}:mfa/root-account-mfa-device` }),
      ["root/root"],
    ],
    "CreateVirtualMFADevice, which is nobody's yet": [
      call("CreateVirtualMFADevice", { virtualMFADeviceName: "alice" }),
      [],
    ],
    CreateAccessKey: [
      call("CreateAccessKey", { userName: "alice" }, key("alice")),
      ["accessKey/alice/AKIAEXAMPLENEW000001", "user/alice"],
    ],
    "CreateAccessKey without a name means the caller": [
      call("CreateAccessKey", null, { ...key(), userIdentity: user }),
      ["accessKey/carol/AKIAEXAMPLENEW000001", "user/carol"],
    ],
    "CreateAccessKey without a name, answered": [
      call("CreateAccessKey", null, { ...key("dave"), userIdentity: assumedRole }),
      ["accessKey/dave/AKIAEXAMPLENEW000001", "user/dave"],
    ],
    "CreateAccessKey by a caller without userName": [
      call("CreateAccessKey", null, { ...key(), userIdentity: without(user, "userName") }),
      ["accessKey/carol/AKIAEXAMPLENEW000001", "user/carol"],
    ],
    "CreateAccessKey by a role session for nobody": [call("CreateAccessKey", null, { userIdentity: assumedRole }), []],
    "CreateAccessKey by nobody for nobody": [call("CreateAccessKey", null, { userIdentity: null }), []],
    "CreateAccessKey by root for itself": [
      call("CreateAccessKey", null, { ...key("root"), userIdentity: root() }),
      ["root/root"],
    ],
    "CreateAccessKey by root for a user": [
      call("CreateAccessKey", { userName: "alice" }, { ...key("alice"), userIdentity: root() }),
      ["accessKey/alice/AKIAEXAMPLENEW000001", "user/alice"],
    ],
    "CreateAccessKey through CloudFormation": [
      call(
        "CreateAccessKey",
        { userName: "alice" },
        { ...key(), userIdentity: { ...user, invokedBy: "cloudformation.amazonaws.com" } },
      ),
      ["accessKey/alice/AKIAEXAMPLENEW000001", "user/alice"],
    ],
    "CreateAccessKey by a partner with delegated access": [
      call("CreateAccessKey", { userName: "alice" }, { ...key(), userIdentity: delegated }),
      ["accessKey/alice/AKIAEXAMPLENEW000001", "user/alice"],
    ],
    UpdateAccessKey: [
      call("UpdateAccessKey", { userName: "alice", accessKeyId: "AKIAEXAMPLEOLD000001", status: "Inactive" }),
      ["accessKey/alice/AKIAEXAMPLEOLD000001", "user/alice"],
    ],
    "UpdateAccessKey without a name": [
      call("UpdateAccessKey", { accessKeyId: "AKIAEXAMPLEOLD000001" }, { userIdentity: user }),
      ["accessKey/carol/AKIAEXAMPLEOLD000001", "user/carol"],
    ],
    DeleteAccessKey: [
      call("DeleteAccessKey", { userName: "alice", accessKeyId: "AKIAEXAMPLEOLD000001" }),
      ["accessKey/alice/AKIAEXAMPLEOLD000001", "user/alice"],
    ],
    "DeleteAccessKey by root, of its own": [
      call("DeleteAccessKey", { accessKeyId: "AKIAEXAMPLEROOT00001" }, { userIdentity: root() }),
      ["root/root"],
    ],
    CreateRole: [call("CreateRole", { roleName: "app", path: "/x/" }), ["role/app"]],
    AcquireRole: [
      call(
        "AcquireRole",
        { templateArn: "arn:aws:iam::aws:role-template/x" },
        { responseElements: { role: { roleName: "made" } } },
      ),
      ["role/made"],
    ],
    "AcquireRole, named only by the ARN": [
      call(
        "AcquireRole",
        { templateArn: "arn:aws:iam::aws:role-template/x" },
        {
          responseElements: { role: { arn: `arn:aws:iam::${account}:role/a/b/made` } },
        },
      ),
      ["role/made"],
    ],
    CreateServiceLinkedRole: [
      call(
        "CreateServiceLinkedRole",
        { aWSServiceName: "autoscaling.amazonaws.com" },
        {
          responseElements: { role: { roleName: "AWSServiceRoleForAutoScaling" } },
        },
      ),
      ["role/AWSServiceRoleForAutoScaling"],
    ],
    "CreateServiceLinkedRole that tells nothing": [call("CreateServiceLinkedRole", null), []],
    DeleteRole: [call("DeleteRole", { roleName: "app" }), ["role/app"]],
    UpdateRole: [call("UpdateRole", { roleName: "app" }), ["role/app"]],
    UpdateAssumeRolePolicy: [call("UpdateAssumeRolePolicy", { roleName: "app" }), ["role/app"]],
    PutRolePermissionsBoundary: [call("PutRolePermissionsBoundary", { roleName: "app" }), ["role/app"]],
    DeleteRolePermissionsBoundary: [call("DeleteRolePermissionsBoundary", { roleName: "app" }), ["role/app"]],
    TagRole: [call("TagRole", { roleName: "app" }), ["role/app"]],
    UntagRole: [call("UntagRole", { roleName: "app" }), ["role/app"]],
    "a name that is not text": [call("CreateUser", { userName: ["alice"] }), []],
    "a name that is not text, of a key": [
      call("DeleteAccessKey", { userName: {}, accessKeyId: 5 }, { userIdentity: assumedRole }),
      [],
    ],
    "parameters of the prototype": [call("CreateUser", { __proto__: { userName: "alice" } }), []],
    "a caller of another account": [
      call("ChangePassword", null, { userIdentity: { ...user, accountId: "999988887777" } }),
      [],
    ],
    "a read": [call("GetUser", { userName: "alice" }), []],
    "another read": [call("ListAccessKeys", { userName: "alice" }), []],
    "a call that failed": [
      call("CreateUser", { userName: "alice" }, { errorCode: "EntityAlreadyExistsException" }),
      [],
    ],
    "a call with nothing but an error message": [call("CreateUser", { userName: "alice" }, { errorMessage: "no" }), []],
    "the identity store's CreateUser": [
      call("CreateUser", { userName: "alice" }, { eventSource: "sso-directory.amazonaws.com" }),
      [],
    ],
    "Organizations' AttachPolicy": [
      call(
        "AttachPolicy",
        { policyId: "p-1", userName: "alice", roleName: "app" },
        { eventSource: "organizations.amazonaws.com" },
      ),
      [],
    ],
    "Organizations' CreatePolicy": [
      call("CreatePolicy", { userName: "alice" }, { eventSource: "organizations.amazonaws.com" }),
      [],
    ],
    "a source that only looks like IAM": [
      call("CreateUser", { userName: "alice" }, { eventSource: "iam.amazonaws.com.example.com" }),
      [],
    ],
    "a user's sign-in": [signIn({ userIdentity: user }), ["user/carol"]],
    "a failed sign-in": [signIn({ userIdentity: user, responseElements: { ConsoleLogin: "Failure" } }), []],
    "a failed sign-in of a hidden user": [
      signIn({
        userIdentity: { type: "IAMUser", accountId: account, userName: "HIDDEN_DUE_TO_SECURITY_REASONS" },
        errorMessage: "No username found in supplied account",
        responseElements: { ConsoleLogin: "Failure" },
      }),
      [],
    ],
    "root's recovered password": [
      signIn({ userIdentity: root(), eventName: "PasswordRecoveryCompleted", responseElements: null }),
      ["root/root"],
    ],
    "a step of root's sign-in": [
      signIn({ userIdentity: root(), eventName: "CheckMfa", responseElements: { CheckMfa: "Success" } }),
      [],
    ],
  };
  it.each(Object.entries(table))("%s", (_, [raw, subjects]) => {
    expect(keysOf(raw)).toEqual(subjects);
  });

  it("names every event of IAM that a control's hints name", () => {
    const serialNumber = `arn:aws:iam::${account}:mfa/root-account-mfa-device`;
    const requests = [{ serialNumber }, { userName: "alice" }];
    const silent = new Set(stateControls.flatMap(({ hints: names }) => names)).values().filter((hint) => {
      const [service, eventName] = hint.split(":");
      const raws = requests.map((requestParameters) =>
        record({
          eventSource: `${service}.amazonaws.com`,
          eventName,
          requestParameters,
          userIdentity: root(),
          responseElements: { role: { roleName: "app" } },
        }),
      );
      return raws.every((raw) => keysOf(raw).length === 0);
    });
    expect([...silent]).toEqual([]);
  });
});

describe("hintsOf", () => {
  const ofPermissions = [
    ...["admin-policy", "assume-any-role", "privilege-escalation-path", "privileged-role-without-mfa"],
    "service-wide-policy",
  ];
  const ofRole = (name: string) =>
    [
      "admin-policy",
      "assume-any-role",
      "external-trust-without-external-id",
      "oidc-trust-unscoped",
      "oidc-trust-without-audience",
      "policy-near-size-limit",
      "privilege-escalation-path",
      "privileged-role-without-mfa",
      "role-with-unapproved-boundary",
      "role-without-boundary",
      "service-trust-confused-deputy",
      "service-wide-policy",
      "trust-open-to-anyone",
      "unused-role",
    ].map((control) => `${control} role/${name}`);
  const table: Record<string, [raw: Raw, hinted: readonly string[]]> = {
    "a user's new key": [
      call("CreateAccessKey", { userName: "alice" }, key("alice")),
      [
        "stale-access-key accessKey/alice/AKIAEXAMPLENEW000001",
        "two-active-access-keys user/alice",
        "unused-access-key accessKey/alice/AKIAEXAMPLENEW000001",
      ],
    ],
    "root's new key": [
      call("CreateAccessKey", null, { ...key(), userIdentity: root() }),
      ["root-access-key-exists root/root", "root-mfa-not-hardware root/root", "root-without-mfa root/root"],
    ],
    "a dropped MFA device": [
      call("DeactivateMFADevice", { userName: "alice" }),
      ["console-user-without-mfa user/alice"],
    ],
    "root's dropped MFA device": [
      call("DeactivateMFADevice", null, { userIdentity: root() }),
      ["root-mfa-not-hardware root/root", "root-without-mfa root/root"],
    ],
    "a login profile": [
      call("CreateLoginProfile", { userName: "alice" }),
      ["console-user-without-mfa user/alice", "unused-console-password user/alice"],
    ],
    "a deleted user, whose findings have to go": [
      call("DeleteUser", { userName: "alice" }),
      [
        "admin-policy user/alice",
        "assume-any-role user/alice",
        "console-user-without-mfa user/alice",
        "long-lived-service-credential user/alice",
        "policy-attached-to-user user/alice",
        "policy-near-size-limit user/alice",
        "privilege-escalation-path user/alice",
        "service-wide-policy user/alice",
        "stale-access-key accessKey/alice/",
        "two-active-access-keys user/alice",
        "unused-access-key accessKey/alice/",
        "unused-console-password user/alice",
      ],
    ],
    "a new role": [call("CreateRole", { roleName: "app" }), ofRole("app")],
    "a changed trust policy": [
      call("UpdateAssumeRolePolicy", { roleName: "app" }),
      ofRole("app").filter((hint) => /trust|size|mfa/.test(hint)),
    ],
    "an acquired role": [call("AcquireRole", {}, { responseElements: { role: { roleName: "made" } } }), ofRole("made")],
    "a deleted boundary": [
      call("DeleteRolePermissionsBoundary", { roleName: "app" }),
      ofRole("app").filter((hint) => /boundary/.test(hint) || ofPermissions.includes(hint.split(" ")[0] ?? "")),
    ],
    "a failed call": [call("DeleteUser", { userName: "alice" }, { errorCode: "DeleteConflict" }), []],
    "a policy of a user's own": [
      call("AttachUserPolicy", { userName: "alice" }),
      [
        "admin-policy",
        "assume-any-role",
        "policy-attached-to-user",
        "policy-near-size-limit",
        "privilege-escalation-path",
        "service-wide-policy",
      ].map((control) => `${control} user/alice`),
    ],
    "a write that concerns no control": [call("UploadSSHPublicKey", { userName: "alice" }), []],
    "another service's event": [call("CreateRole", { roleName: "app" }, { eventSource: "ec2.amazonaws.com" }), []],
  };
  it.each(Object.entries(table))("%s", (_, [raw, hinted]) => {
    expect(hints(raw)).toEqual(hinted);
  });

  it("names both users of a rename", () => {
    expect(hints(call("UpdateUser", { userName: "b", newUserName: "a" }))).toEqual(
      expect.arrayContaining(["console-user-without-mfa user/a", "console-user-without-mfa user/b"]),
    );
  });

  it("names the account for a control that asks", () => {
    const text = "made up";
    const quota = defineControl({
      id: "users-near-quota",
      title: text,
      severity: "low",
      frameworks: {},
      subjects: ["account"],
      hints: ["iam:CreateUser"],
      options: noOptions,
      guidance: { what: text, why: text, counts: [], fix: { cli: text, cloudFormation: text, terraform: text } },
      evaluate: () => compliant,
    });
    const controls = [quota];
    const hinted = hintsOf(parseRecord(record()), controls);
    expect(hinted).toEqual([{ control: "users-near-quota", subject: { kind: "account", name: account } }]);
    expect(hintsOf(parseRecord(record({ errorCode: "AccessDenied" })), controls)).toEqual([]);
  });

  it.each([
    ["group", "iam:PutGroupPolicy", { groupName: "staff" }, "group/staff"],
    [
      "policy",
      "iam:CreatePolicyVersion",
      { policyArn: `arn:aws:iam::${account}:policy/team/deployer` },
      "policy/team/deployer",
    ],
    [
      "policy",
      "iam:AttachRolePolicy",
      { policyArn: "arn:aws:iam::aws:policy/AdministratorAccess", roleName: "a" },
      undefined,
    ],
    [
      "serverCertificate",
      "iam:UploadServerCertificate",
      { serverCertificateName: "www", certificateBody: "x" },
      "serverCertificate/www",
    ],
    [
      "oidcProvider",
      "iam:AddClientIDToOpenIDConnectProvider",
      { openIDConnectProviderArn: `arn:aws:iam::${account}:oidc-provider/gitlab.example.com/a` },
      "oidcProvider/gitlab.example.com/a",
    ],
    [
      "samlProvider",
      "iam:UpdateSAMLProvider",
      { sAMLProviderArn: `arn:aws:iam::${account}:saml-provider/Okta`, sAMLMetadataDocument: "x" },
      "samlProvider/Okta",
    ],
  ] as const)("names a %s only for a control that asks for %s", (kind, hint, request, subject) => {
    const text = "made up";
    const asking = defineControl({
      id: "asks",
      title: text,
      severity: "low",
      frameworks: {},
      subjects: [kind],
      hints: [hint],
      options: noOptions,
      guidance: { what: text, why: text, counts: [], fix: { cli: text, cloudFormation: text, terraform: text } },
      evaluate: () => compliant,
    });
    const parsed = parseRecord(call(hint.split(":")[1] ?? "", request));
    expect(hintsOf(parsed, [asking]).map((one) => subjectKey(one.subject))).toEqual(subject ? [subject] : []);
    expect(subjectsOf(parsed, []).map(subjectKey)).toEqual("roleName" in request ? ["role/a"] : []);
  });

  it("is the same however the controls are ordered, and again, and never throws", () => {
    const names = [...new Set(stateControls.flatMap(({ hints: own }) => own.map((hint) => hint.split(":")[1] ?? "")))];
    const value = fc.oneof(fc.string(), fc.constantFrom("alice", "AWS ROOT USER"), fc.anything());
    const raws = fc.record({
      eventName: fc.oneof(fc.constantFrom(...names), fc.string({ minLength: 1 })),
      eventSource: fc.constantFrom("iam.amazonaws.com", "signin.amazonaws.com", "sts.amazonaws.com"),
      userIdentity: fc.constantFrom(user, root(), assumedRole, null),
      requestParameters: fc.dictionary(fc.constantFrom("userName", "roleName", "newUserName", "accessKeyId"), value),
      responseElements: fc.dictionary(
        fc.constantFrom("accessKey", "user", "role"),
        fc.dictionary(fc.constantFrom("userName", "roleName", "arn"), value),
      ),
    });
    fc.assert(
      fc.property(raws, (raw) => {
        const parsed = parseRecord(record(raw));
        const once = hintsOf(parsed);
        expect(hintsOf(parsed, stateControls.toReversed())).toEqual(once);
        const event = hintNameOf(parsed);
        for (const { control, subject } of once) {
          const of = stateControls.find(({ id }) => id === control);
          expect(of?.hints).toContain(event);
          expect(of?.subjects).toContain(subject.kind);
        }
      }),
    );
  });
});
