import * as z from "zod";
import { addRole, administratorAccess, trusting } from "../iam/state.ts";
import { type Operation, type Output, tagList } from "../protocol/service.ts";
import { addAccount } from "../state.ts";
import type { CreateAccountRequest } from "./state.ts";
import {
  accountIdPattern,
  describeAccount,
  fail,
  invalidInput,
  members,
  organizationOperation,
  pageOf,
  paging,
  parentIdPattern,
  requireAccount,
  requireParent,
} from "./tree.ts";

/** A request as it stands when it is done; the answer to `CreateAccount` itself says that it is under way. */
const describeRequest = ({ id, accountName, requestedAt, result }: CreateAccountRequest): Output => ({
  Id: id,
  AccountName: accountName,
  RequestedTimestamp: requestedAt,
  CompletedTimestamp: requestedAt,
  ...("accountId" in result
    ? { State: "SUCCEEDED", AccountId: result.accountId }
    : { State: "FAILED", FailureReason: result.failureReason }),
});

export const accountOperations: Readonly<Record<string, Operation>> = {
  CreateAccount: organizationOperation(
    "management",
    {
      Email: z
        .string()
        .min(6)
        .max(64)
        .regex(/^[^\s@]+@[^\s@]+\.[^\s@]+$/),
      AccountName: z
        .string()
        .min(1)
        .max(50)
        .regex(/^[\u0020-\u007E]+$/),
      RoleName: z
        .string()
        .regex(/^[\w+=,.@-]{1,64}$/)
        .default("OrganizationAccountAccessRole"),
      IamUserAccessToBilling: z.enum(["ALLOW", "DENY"]).optional(),
      Tags: tagList.optional(),
    },
    ({ state, ids, now, serviceEvents }, { Email, AccountName, RoleName, Tags = [] }) => {
      const taken = [...state.accounts.values()].some(({ email }) => email.toLowerCase() === Email.toLowerCase());
      const accountId = ids.account();
      if (!taken) {
        const account = addAccount(state, { id: accountId, name: AccountName, email: Email, joinedAt: now });
        for (const { Key, Value } of Tags) account.tags.set(Key, Value);
        addRole(account, ids, {
          name: RoleName,
          createdAt: now,
          trustPolicy: trusting({ AWS: `arn:aws:iam::${state.organization.managementAccountId}:root` }),
          attachedPolicies: new Set([administratorAccess]),
        });
      }
      const request: CreateAccountRequest = {
        id: `car-${ids.lower(32)}`,
        accountName: AccountName,
        requestedAt: now,
        result: taken ? { failureReason: "EMAIL_ALREADY_EXISTS" } : { accountId },
      };
      state.organization.createAccountRequests.set(request.id, request);
      serviceEvents.push({
        name: "CreateAccountResult",
        details: { CreateAccountStatus: describeRequest(request) },
      });
      const { id: Id, accountName, requestedAt } = request;
      return {
        CreateAccountStatus: { Id, AccountName: accountName, State: "IN_PROGRESS", RequestedTimestamp: requestedAt },
      };
    },
  ),

  DescribeCreateAccountStatus: organizationOperation(
    "administrators",
    { CreateAccountRequestId: z.string().regex(/^car-[a-z0-9]{8,32}$/) },
    ({ state }, { CreateAccountRequestId }) => {
      const request = state.organization.createAccountRequests.get(CreateAccountRequestId);
      if (request === undefined) return fail("CreateAccountStatusNotFoundException");
      return { CreateAccountStatus: describeRequest(request) };
    },
  ),

  DescribeAccount: organizationOperation(
    "administrators",
    { AccountId: accountIdPattern },
    ({ state }, { AccountId }) => ({
      Account: describeAccount(state, requireAccount(state, AccountId)),
    }),
  ),

  ListAccounts: organizationOperation("administrators", paging, (call, at) => {
    const { items, ...next } = pageOf(call, members(call.state), ({ id }) => id, at);
    return { Accounts: items.map((account) => describeAccount(call.state, account)), ...next };
  }),

  ListAccountsForParent: organizationOperation(
    "administrators",
    { ParentId: parentIdPattern, ...paging },
    (call, { ParentId, ...at }) => {
      requireParent(call.state, ParentId, "ParentNotFoundException");
      const children = members(call.state).filter(({ parentId }) => parentId === ParentId);
      const { items, ...next } = pageOf(call, children, ({ id }) => id, at);
      return { Accounts: items.map((account) => describeAccount(call.state, account)), ...next };
    },
  ),

  MoveAccount: organizationOperation(
    "management",
    { AccountId: accountIdPattern, SourceParentId: parentIdPattern, DestinationParentId: parentIdPattern },
    ({ state }, { AccountId, SourceParentId, DestinationParentId }) => {
      const account = requireAccount(state, AccountId);
      requireParent(state, SourceParentId, "SourceParentNotFoundException");
      requireParent(state, DestinationParentId, "DestinationParentNotFoundException");
      if (account.parentId === DestinationParentId) fail("DuplicateAccountException");
      if (account.parentId !== SourceParentId) fail("SourceParentNotFoundException");
      account.parentId = DestinationParentId;
      return undefined;
    },
  ),

  CloseAccount: organizationOperation(
    "management",
    { AccountId: accountIdPattern },
    ({ state, now }, { AccountId }) => {
      const account = requireAccount(state, AccountId);
      if (account.id === state.organization.managementAccountId)
        invalidInput("You cannot close the management account.");
      if (account.status !== "ACTIVE") fail("AccountAlreadyClosedException");
      account.closingSince = now;
      account.status = "PENDING_CLOSURE";
      return undefined;
    },
  ),
};
