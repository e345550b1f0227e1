import * as z from "zod";
import { type PolicyDocument, readPolicyDocument } from "../../shared/policy/language/document.ts";
import { type RequestContext, requestContext } from "../../shared/policy/language/variables.ts";
import { authorize, type PolicyLayers } from "../../shared/policy/request/authorize.ts";
import { type Caller, statementMatches } from "../../shared/policy/request/evaluate.ts";
import { boundaryOf, identityPolicies } from "../authorization/policies.ts";
import { list, type Operation, operation, page } from "../protocol/service.ts";
import * as shape from "./shapes.ts";

const context = list(
  z.object({
    ContextKeyName: z.string().min(5).max(256),
    ContextKeyValues: list(z.string()),
    ContextKeyType: z.string().optional(),
  }),
);

const questions = {
  ActionNames: list(z.string().min(3).max(128)),
  ResourceArns: list(z.string().min(1).max(2048)).optional(),
  ResourcePolicy: shape.document.optional(),
  CallerArn: z.string().min(1).max(2048).optional(),
  ContextEntries: context.optional(),
  PermissionsBoundaryPolicyInputList: list(shape.document).optional(),
  ...shape.paging,
};

type Questions = z.output<z.ZodObject<typeof questions>>;

const callerOf = (arn: string | undefined): Caller | undefined => {
  const [, accountId] = /^arn:aws:iam::(\d{12}):user\//.exec(arn ?? "") ?? [];
  if (arn === undefined) return undefined;
  if (accountId === undefined) throw shape.invalidInput("Invalid Input CallerArn: it must be the ARN of a user");
  return { type: "AWS", accountId, arns: [arn] };
};

/** @throws AwsError `InvalidInput` if it cannot be read */
const readPolicy = (text: string): PolicyDocument => {
  const read = readPolicyDocument(text);
  if ("malformed" in read) throw shape.invalidInput(`Syntax errors in policy: ${read.malformed}`);
  return read;
};

const decisions = { allow: "allowed", explicitDeny: "explicitDeny", implicitDeny: "implicitDeny" } as const;

/** The condition keys that statements about a request ask for and the context does not have. */
const missingKeys = (
  policies: readonly PolicyDocument[],
  request: { readonly action: string; readonly resource: string; readonly context: RequestContext },
): string[] => {
  const keys = policies
    .flatMap(({ statements }) => statements)
    .filter((statement) => statementMatches({ ...statement, conditions: {} }, request) === true)
    .flatMap(({ conditions }) => Object.values(conditions).flatMap((block) => Object.keys(block)));
  return [...new Set(keys)].filter((key) => !request.context.has(key.toLowerCase())).sort();
};

const simulate = (layers: PolicyLayers, input: Questions) => {
  const { ActionNames, ResourceArns = ["*"], ContextEntries = [], Marker, MaxItems = 100 } = input;
  for (const action of ActionNames) {
    if (!/^[a-z0-9-]+:[A-Za-z0-9]+$/i.test(action)) throw shape.invalidInput(`Invalid Action Name: ${action}`);
  }
  const values = requestContext(
    Object.fromEntries(
      ContextEntries.map(({ ContextKeyName, ContextKeyValues }) => [ContextKeyName, ContextKeyValues]),
    ),
  );
  const caller = callerOf(input.CallerArn);
  const pairs = ActionNames.flatMap((action) => ResourceArns.map((resource) => ({ action, resource })));
  const results = pairs.map((pair, index) => {
    const request = { ...pair, context: values, ...(caller && { caller }) };
    const { decision } = authorize(layers, request);
    if (decision === "unknown") throw shape.invalidInput("Syntax errors in policy: an element or operator is unknown");
    const boundary = layers.boundary && authorize({ identity: layers.boundary }, request).decision === "allow";
    return {
      index: String(index).padStart(6, "0"),
      shown: {
        EvalActionName: pair.action,
        EvalResourceName: pair.resource,
        EvalDecision: decisions[decision],
        MatchedStatements: [],
        MissingContextValues: missingKeys([...layers.identity, ...(layers.boundary ?? [])], request),
        PermissionsBoundaryDecisionDetail:
          boundary === undefined ? undefined : { AllowedByPermissionsBoundary: boundary },
      },
    };
  });
  const { items, next } = page(results, ({ index }) => index, { marker: Marker, size: MaxItems });
  return { EvaluationResults: items.map(({ shown }) => shown), IsTruncated: next !== undefined, Marker: next };
};

const boundaryLayer = (documents: readonly string[] | undefined): Pick<PolicyLayers, "boundary"> =>
  documents === undefined || documents.length === 0 ? {} : { boundary: documents.map(readPolicy) };

const resourceLayer = (text: string | undefined): Pick<PolicyLayers, "resource"> =>
  text === undefined ? {} : { resource: [readPolicy(text)] };

/** The policy simulator. It knows no SCPs, and which statements matched is left out. */
export const simulateOperations: Record<string, Operation> = {
  SimulateCustomPolicy: operation({ PolicyInputList: list(shape.document), ...questions }, (_, input) =>
    simulate(
      {
        identity: input.PolicyInputList.map(readPolicy),
        ...boundaryLayer(input.PermissionsBoundaryPolicyInputList),
        ...resourceLayer(input.ResourcePolicy),
      },
      input,
    ),
  ),

  SimulatePrincipalPolicy: operation(
    { PolicySourceArn: shape.arn, PolicyInputList: list(shape.document).optional(), ...questions },
    ({ account }, input) => {
      const arn = input.PolicySourceArn;
      const user = [...account.users.values()].find((one) => one.arn === arn);
      const role = [...account.roles.values()].find((one) => one.arn === arn);
      const entity = user ?? role ?? [...account.groups.values()].find((one) => one.arn === arn);
      if (!entity) throw shape.noSuchEntity(`The principal ${arn} cannot be found.`);
      const principal = user ?? role;
      const own = principal && boundaryOf(account, principal);
      const given = boundaryLayer(input.PermissionsBoundaryPolicyInputList);
      return simulate(
        {
          identity: [
            ...identityPolicies(account, entity).map(({ document }) => document),
            ...(input.PolicyInputList ?? []).map(readPolicy),
          ],
          ...(own && { boundary: own.map(({ document }) => document) }),
          ...given,
          ...resourceLayer(input.ResourcePolicy),
        },
        input,
      );
    },
  ),
};
