import * as z from "zod";
import { AwsError, type Call, integer, type Operation, type Output, operation, page } from "../protocol/service.ts";
import type { AccountState, SandboxState } from "../state.ts";
import type { OrganizationalUnit } from "./state.ts";

/** Error messages as the service words them, by code. */
const messages = {
  AWSOrganizationsNotInUseException: "Your account is not a member of an organization.",
  AccessDeniedException: "You don't have permissions to access this resource.",
  AccountAlreadyClosedException: "You attempted to close an account that is already closed.",
  AccountAlreadyRegisteredException: "The specified account is already a delegated administrator for this service.",
  AccountNotFoundException: "You specified an account that doesn't exist.",
  AccountNotRegisteredException: "The specified account is not a delegated administrator for this service.",
  AlreadyInOrganizationException: "The AWS account is already a member of an organization.",
  ChildNotFoundException: "You specified a child that doesn't exist.",
  CreateAccountStatusNotFoundException: "You specified an account creation request that doesn't exist.",
  DestinationParentNotFoundException: "You specified a destination parent that doesn't exist.",
  DuplicateAccountException: "You specified an account that is already in the destination parent.",
  DuplicateOrganizationalUnitException: "An OU with the same name already exists.",
  DuplicatePolicyAttachmentException: "The selected policy is already attached to the specified target.",
  DuplicatePolicyException: "A policy with the same name already exists.",
  OrganizationalUnitNotFoundException: "You specified an organizational unit that doesn't exist.",
  ParentNotFoundException: "You specified parent that doesn't exist.",
  MalformedPolicyDocumentException: "The provided policy document doesn't meet the requirements of the policy type.",
  PolicyInUseException: "The policy is attached to one or more entities.",
  PolicyNotAttachedException: "The policy isn't attached to the specified target.",
  PolicyNotFoundException: "You specified a policy that doesn't exist.",
  PolicyTypeAlreadyEnabledException: "The specified policy type is already enabled in the specified root.",
  PolicyTypeNotEnabledException: "The specified policy type isn't currently enabled in this root.",
  RootNotFoundException: "You specified a root that doesn't exist.",
  SourceParentNotFoundException: "You specified a source parent that doesn't exist.",
  TargetNotFoundException: "You specified a target that doesn't exist.",
} as const;

export const fail = (code: keyof typeof messages): never => {
  throw new AwsError(code, messages[code]);
};

export const constraint = (message: string): never => {
  throw new AwsError("ConstraintViolationException", message);
};

export const invalidInput = (message: string): never => {
  throw new AwsError("InvalidInputException", message);
};

/** Who may call an operation: every member, the organization's administrators, or the management account alone. */
type Access = "members" | "administrators" | "management";

/** Declares an operation of Organizations: checks the caller, and words malformed input as the service does. */
export const organizationOperation = <Shape extends z.ZodRawShape>(
  access: Access,
  shape: Shape,
  run: (call: Call, input: z.output<z.ZodObject<Shape>>) => Output | undefined,
): Operation => {
  const inner = operation(shape, (call, input) => {
    const { organization } = call.state;
    if (call.account.standalone) fail("AWSOrganizationsNotInUseException");
    const isManagement = call.account.id === organization.managementAccountId;
    const isAdministrator = isManagement || organization.delegatedAdministrators.has(call.account.id);
    if (access === "management" && !isManagement) fail("AccessDeniedException");
    if (access === "administrators" && !isAdministrator) fail("AccessDeniedException");
    settleClosures(call.state, call.now);
    return run(call, input);
  });
  return { parse: (raw) => withServiceWording(() => inner.parse(raw)) };
};

/** Runs a parse; a `ValidationError` is an `InvalidInputException` here. */
export const withServiceWording = <T>(parse: () => T): T => {
  try {
    return parse();
  } catch (error) {
    if (error instanceof AwsError && error.code === "ValidationError") return invalidInput(error.message);
    throw error;
  }
};

const hour = 3_600_000;

/** Closing takes a while: an account is pending closure for an hour, suspended for 90 days, then closed. */
const settleClosures = (state: SandboxState, now: Date): void => {
  for (const account of state.accounts.values()) {
    if (account.closingSince === undefined) continue;
    const age = now.getTime() - account.closingSince.getTime();
    account.status = age < hour ? "PENDING_CLOSURE" : age < 90 * 24 * hour ? "SUSPENDED" : "CLOSED";
  }
};

export const parentIdPattern = z.string().regex(/^(r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})$/);
export const accountIdPattern = z.string().regex(/^\d{12}$/);
export const paging = { NextToken: z.string().optional(), MaxResults: integer(1, 20).optional() };

const emptyPage = "empty.";

/**
 * A page of at most 20 items. Where there are several pages, the second is empty but has a token, if the organization's
 * state says so: a client that stops at an empty page loses items.
 */
export const pageOf = <T>(
  call: Call,
  items: readonly T[],
  keyOf: (item: T) => string,
  { NextToken, MaxResults: size = 20 }: { NextToken?: string | undefined; MaxResults?: number | undefined },
): { items: readonly T[]; NextToken?: string } => {
  const tokens = items.map((item) => Buffer.from(keyOf(item)).toString("base64url"));
  const afterEmptyPage = NextToken?.startsWith(emptyPage) ?? false;
  const marker = afterEmptyPage ? NextToken?.slice(emptyPage.length) : NextToken;
  if (marker !== undefined && !tokens.includes(marker)) invalidInput("You provided an invalid next token.");
  if (
    call.state.organization.listsEmptyPages &&
    marker !== undefined &&
    marker === tokens[size - 1] &&
    !afterEmptyPage
  ) {
    return { items: [], NextToken: emptyPage + marker };
  }
  const { items: found, next } = page(items, keyOf, { marker, size });
  return { items: found, ...(next !== undefined && { NextToken: next }) };
};

/** The ARN of a root, unit, account or the organization: `rest` is what follows its id. */
export const arnOf = (state: SandboxState, kind: string, rest: string): string =>
  `arn:aws:organizations::${state.organization.managementAccountId}:${kind}/${state.organization.id}${rest}`;

export const organizationArn = (state: SandboxState): string => arnOf(state, "organization", "");
export const accountArn = (state: SandboxState, id: string): string => arnOf(state, "account", `/${id}`);

/** The ids from the organization down to a parent, each followed by a slash: `o-…/r-…/ou-…/`. */
const pathOf = ({ organization }: SandboxState, parentId: string): string => {
  let path = "";
  let id = parentId;
  for (let unit = organization.units.get(id); unit !== undefined; unit = organization.units.get(id)) {
    path = `${unit.id}/${path}`;
    id = unit.parentId;
  }
  return `${organization.id}/${id}/${path}`;
};

/** How many units lie between a parent and the root, itself counted. */
export const depthOf = (state: SandboxState, parentId: string): number => pathOf(state, parentId).split("/").length - 3;

/** @throws AwsError with the code given, if there is no such parent */
export const requireParent = (state: SandboxState, id: string, code: keyof typeof messages): void => {
  const { rootId, units } = state.organization;
  if (id !== rootId && !units.has(id)) fail(code);
};

/** A member of the organization. @throws AwsError `AccountNotFoundException` */
export const requireAccount = (state: SandboxState, id: string): AccountState => {
  const account = state.accounts.get(id);
  return account === undefined || account.standalone ? fail("AccountNotFoundException") : account;
};

/** The members, in the order of their ids. */
export const members = (state: SandboxState): readonly AccountState[] =>
  [...state.accounts.values()].filter(({ standalone }) => !standalone).sort((a, b) => (a.id < b.id ? -1 : 1));

/** Whether service control policies limit the members: an organization for one bill alone has none. */
export const hasServiceControl = ({ organization }: SandboxState): boolean =>
  organization.featureSet === "ALL" && organization.serviceControlEnabled;

/** A unit as the service describes it. */
export const describeUnit = (state: SandboxState, unit: OrganizationalUnit): Output => ({
  Id: unit.id,
  Arn: arnOf(state, "ou", `/${unit.id}`),
  Name: unit.name,
  ...(state.organization.listsPaths && { Path: pathOf(state, unit.id) }),
});

/** The root as the service describes it. */
export const describeRoot = (state: SandboxState): Output => ({
  Id: state.organization.rootId,
  Arn: arnOf(state, "root", `/${state.organization.rootId}`),
  Name: "Root",
  PolicyTypes: hasServiceControl(state) ? [{ Type: "SERVICE_CONTROL_POLICY", Status: "ENABLED" }] : [],
});

/** The older `Status` knows fewer states than `State`. */
const statusOf = {
  ACTIVE: "ACTIVE",
  PENDING_ACTIVATION: "SUSPENDED",
  PENDING_CLOSURE: "PENDING_CLOSURE",
  SUSPENDED: "SUSPENDED",
  CLOSED: "SUSPENDED",
} as const;

/** An account as the service describes it. */
export const describeAccount = (state: SandboxState, account: AccountState): Output => ({
  Id: account.id,
  Arn: accountArn(state, account.id),
  Email: account.email,
  Name: account.name,
  Status: statusOf[account.status],
  State: account.status,
  ...(state.organization.listsPaths && { Paths: [`${pathOf(state, account.parentId)}${account.id}/`] }),
  JoinedMethod: account.joinedMethod,
  JoinedTimestamp: account.joinedAt,
});
