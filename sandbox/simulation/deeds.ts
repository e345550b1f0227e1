import { trusting } from "../iam/state.ts";
import { AwsError } from "../protocol/service.ts";
import type { Sandbox } from "../sandbox.ts";
import type { AccountState } from "../state.ts";
import { type Deed, type OperatorDeed, roleNames } from "./plan.ts";
import { boundaryArn, peopleRole, setRootMfa, unitOf } from "./world.ts";

const trust = trusting({ Service: "lambda.amazonaws.com" });

/**
 * Does what a person or pipeline does, through the API where there is one for it, so that CloudTrail records it. What IAM
 * refuses is left undone.
 */
export const doDeed = async (
  sandbox: Sandbox,
  account: AccountState,
  deed: Exclude<Deed, OperatorDeed>,
): Promise<void> => {
  const { clock } = sandbox;
  const credentials = sandbox.credentialsFor(account.id, { role: peopleRole, sessionName: "petra" });
  const send = (operation: string, input: object): Promise<unknown> =>
    sandbox
      .call(credentials, { service: "iam", operation, region: "us-east-1", input, sourceIPAddress: "198.51.100.7" })
      .catch((error: unknown) => {
        if (!(error instanceof AwsError)) throw error;
      });
  const userOf = (name: string) => account.users.get(name);
  const keyOf = (name: string, at: number) => userOf(name)?.accessKeys[at]?.id ?? "AKIAQNOSUCHKEY000000";

  switch (deed.do) {
    case "createUser":
      await send("CreateUser", { UserName: deed.user });
      return;
    case "deleteUser": {
      const user = userOf(deed.user);
      if (user === undefined) return;
      const UserName = deed.user;
      if (user.loginProfile) await send("DeleteLoginProfile", { UserName });
      for (const { serial } of [...user.mfaDevices])
        await send("DeactivateMFADevice", { UserName, SerialNumber: serial });
      for (const { id } of [...user.accessKeys]) await send("DeleteAccessKey", { UserName, AccessKeyId: id });
      for (const PolicyName of [...user.inlinePolicies.keys()])
        await send("DeleteUserPolicy", { UserName, PolicyName });
      await send("DeleteUser", { UserName });
      return;
    }
    case "createKey":
      await send("CreateAccessKey", { UserName: deed.user });
      return;
    case "deleteKey":
      await send("DeleteAccessKey", { UserName: deed.user, AccessKeyId: keyOf(deed.user, deed.key) });
      return;
    case "deactivateKey":
    case "activateKey": {
      const Status = deed.do === "activateKey" ? "Active" : "Inactive";
      await send("UpdateAccessKey", { UserName: deed.user, AccessKeyId: keyOf(deed.user, deed.key), Status });
      return;
    }
    case "useKey": {
      const key = userOf(deed.user)?.accessKeys[deed.key];
      if (key?.status === "Active") key.lastUsed = { at: clock.now(), service: "s3", region: "eu-west-1" };
      return;
    }
    case "createLogin":
      await send("CreateLoginProfile", { UserName: deed.user, Password: "correct-Horse-9" });
      return;
    case "deleteLogin":
      await send("DeleteLoginProfile", { UserName: deed.user });
      return;
    case "useLogin":
      sandbox.signIn(account.id, { user: deed.user }, { mfa: (userOf(deed.user)?.mfaDevices.length ?? 0) > 0 });
      return;
    case "enableMfa": {
      const codes = { AuthenticationCode1: "123456", AuthenticationCode2: "654321" };
      const SerialNumber = `GAHT${String(clock.now().getTime()).slice(-8)}`;
      await send("EnableMFADevice", { UserName: deed.user, SerialNumber, ...codes });
      return;
    }
    case "disableMfa":
      for (const { serial } of [...(userOf(deed.user)?.mfaDevices ?? [])])
        await send("DeactivateMFADevice", { UserName: deed.user, SerialNumber: serial });
      return;
    case "createRole": {
      const boundary = boundaryArn(account.id, deed.boundary);
      const bounded = boundary === undefined ? {} : { PermissionsBoundary: boundary };
      await send("CreateRole", { RoleName: deed.role, AssumeRolePolicyDocument: trust, ...bounded });
      return;
    }
    case "createRoles":
      // A pipeline that nobody taught about boundaries.
      for (const RoleName of roleNames.slice(0, deed.count))
        await send("CreateRole", { RoleName, AssumeRolePolicyDocument: trust });
      return;
    case "putBoundary": {
      const boundary = boundaryArn(account.id, deed.boundary);
      if (boundary === undefined) await send("DeleteRolePermissionsBoundary", { RoleName: deed.role });
      else await send("PutRolePermissionsBoundary", { RoleName: deed.role, PermissionsBoundary: boundary });
      return;
    }
    case "deleteRole":
      await send("DeleteRole", { RoleName: deed.role });
      return;
    case "work": {
      const action = deed.service === "s3" ? "ListAllMyBuckets" : "ListQueues";
      if (account.roles.has(deed.role)) sandbox.use(account.id, { role: deed.role }, { service: deed.service, action });
      return;
    }
    case "browse":
      if (userOf(deed.user)?.loginProfile)
        sandbox.use(account.id, { user: deed.user }, { service: "s3", action: "ListAllMyBuckets", mfa: false });
      return;
    case "rootSignIn":
      sandbox.signIn(account.id, "root", { mfa: account.root.mfaDevices.length > 0, success: deed.succeeds });
      return;
    case "rootMfa":
      setRootMfa(sandbox, account, deed.mfa);
      return;
    case "moveAccount":
      account.parentId = unitOf(sandbox, deed.ouPath);
      return;
    case "closeAccount":
      account.status = "SUSPENDED";
      return;
  }
};
