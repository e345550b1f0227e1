import * as z from "zod";
import { addRole, trusting } from "../iam/state.ts";
import {
  AwsError,
  type Call,
  integer,
  type Needs,
  type Operation,
  type Output,
  operation,
  type Permission,
  page,
  type RestRoute,
  type Service,
  sortBy,
} from "../protocol/service.ts";
import { type Analyzer, analyzerArn, analyzerIn, type ExternalFinding } from "./state.ts";

const routes: Readonly<Record<string, RestRoute>> = {
  CreateAnalyzer: { method: "PUT", path: "/analyzer" },
  GetAnalyzer: { method: "GET", path: "/analyzer/{analyzerName}" },
  DeleteAnalyzer: {
    ...{ method: "DELETE", path: "/analyzer/{analyzerName}", input: { query: { clientToken: "clientToken" } } },
  },
  ListFindings: { method: "POST", path: "/finding" },
  ListAnalyzers: {
    ...{ method: "GET", path: "/analyzer" },
    input: { query: { type: "type", maxResults: "maxResults", nextToken: "nextToken" } },
  },
};

const type = z.enum([
  "ACCOUNT",
  "ORGANIZATION",
  "ACCOUNT_UNUSED_ACCESS",
  "ORGANIZATION_UNUSED_ACCESS",
  "ACCOUNT_INTERNAL_ACCESS",
  "ORGANIZATION_INTERNAL_ACCESS",
]);
const analyzerName = z.string().regex(/^[A-Za-z][A-Za-z0-9_.-]{0,254}$/);

/** So many of one type there may be in an account and Region. */
const mostOf = (asked: string): number => (asked.startsWith("ORGANIZATION") ? 5 : 1);

const linkedService = "access-analyzer.amazonaws.com";
const linkedRole = "AWSServiceRoleForAccessAnalyzer";

const here = ({ account, region }: Call): Analyzer[] =>
  [...account.analyzers.values()].filter((one) => one.region === region);

/** @throws AwsError `ResourceNotFoundException` */
const find = (call: Call, name: string): Analyzer => {
  const found = here(call).find((one) => one.name === name);
  if (found === undefined) throw new AwsError("ResourceNotFoundException", `Analyzer ${name} does not exist`, 404);
  return found;
};

const shown = ({ arn, name, type: of, status, createdAt, tags }: Analyzer): Output => ({
  ...{ arn, name, type: of, status, createdAt: createdAt.toISOString(), tags: Object.fromEntries(tags) },
});

const isExternal = ({ type: of }: Analyzer): boolean => of === "ACCOUNT" || of === "ORGANIZATION";

const criterion = z.strictObject({ eq: z.array(z.string()).optional(), neq: z.array(z.string()).optional() });
type Filter = Readonly<Record<string, z.output<typeof criterion>>>;

/** What findings are filtered by, as far as anybody asks. @throws AwsError `ValidationException` for another key */
const meets = (finding: ExternalFinding, filter: Filter): boolean => {
  const { status, resource, resourceType, owner } = finding;
  const values = new Map(Object.entries({ status, resource, resourceType, resourceOwnerAccount: owner }));
  return Object.entries(filter).every(([key, { eq, neq }]) => {
    const value = values.get(key);
    if (value === undefined) throw new AwsError("ValidationException", `Findings cannot be filtered by ${key}`);
    return (eq?.includes(value) ?? true) && !neq?.includes(value);
  });
};

const shownFinding = ({ owner, createdAt, updatedAt, error, ...finding }: ExternalFinding): Output => {
  const { principal, action, condition, isPublic, ...common } = finding;
  return {
    ...{ ...common, resourceOwnerAccount: owner, condition },
    ...{ createdAt: createdAt.toISOString(), analyzedAt: updatedAt.toISOString(), updatedAt: updatedAt.toISOString() },
    ...(error === undefined ? { principal, action: [...action], isPublic } : { error }),
  };
};

/** An organization's is made by its management account, or by whom that delegated it to. */
const requireAdministrator = ({ state: { organization }, account }: Call): void => {
  const isDelegated = organization.delegatedAdministrators.get(account.id)?.has(linkedService) === true;
  if (account.standalone || (account.id !== organization.managementAccountId && !isDelegated))
    throw new AwsError("ValidationException", "Organization analyzers are made by its administrators alone");
};

const onAnalyzer = ({ account, region }: Call, name: string): Permission => {
  const tags = [...account.analyzers.values()].find((one) => one.region === region && one.name === name)?.tags;
  return { resource: analyzerArn(account.id, region, name), ...(tags && { tags }) };
};
const needsOnAnalyzer: Needs<{ readonly analyzerName: string }> = (call, input) => [
  onAnalyzer(call, input.analyzerName),
];

/** Tags need a permission of their own, and the account's first analyzer makes the service's role. */
const needsToCreate: Needs<{ readonly analyzerName: string; readonly tags: Readonly<Record<string, string>> }> = (
  call,
  input,
) => {
  const needed = onAnalyzer(call, input.analyzerName);
  const role = `arn:aws:iam::${call.account.id}:role/aws-service-role/${linkedService}/${linkedRole}`;
  return [
    needed,
    ...(Object.keys(input.tags).length > 0 ? [{ ...needed, action: "access-analyzer:TagResource" }] : []),
    ...(call.account.roles.has(linkedRole.toLowerCase())
      ? []
      : [
          {
            ...{ action: "iam:CreateServiceLinkedRole", resource: role },
            context: { "iam:AWSServiceName": linkedService },
          },
        ]),
  ];
};

const operations: Readonly<Record<string, Operation>> = {
  CreateAnalyzer: operation(
    { analyzerName, type, tags: z.record(z.string(), z.string()).default({}), clientToken: z.string().optional() },
    (call, asked) => {
      const { account, ids, now, region } = call;
      if (asked.type.startsWith("ORGANIZATION")) requireAdministrator(call);
      if (here(call).some(({ name }) => name === asked.analyzerName))
        throw new AwsError("ConflictException", `Analyzer ${asked.analyzerName} exists already`, 409);
      if (here(call).filter((one) => one.type === asked.type).length >= mostOf(asked.type))
        throw new AwsError(
          "ServiceQuotaExceededException",
          `There may be no more analyzers of type ${asked.type}`,
          402,
        );
      if (!account.roles.has(linkedRole.toLowerCase()))
        addRole(account, ids, {
          ...{ name: linkedRole, path: `/aws-service-role/${linkedService}/`, createdAt: now },
          trustPolicy: trusting({ Service: linkedService }),
        });
      const made = analyzerIn(account.id, region, {
        ...{ createdAt: now, name: asked.analyzerName, type: asked.type, tags: new Map(Object.entries(asked.tags)) },
      });
      account.analyzers.set(made.arn, made);
      return { arn: made.arn };
    },
    needsToCreate,
  ),

  GetAnalyzer: operation(
    { analyzerName },
    (call, asked) => ({ analyzer: shown(find(call, asked.analyzerName)) }),
    needsOnAnalyzer,
  ),

  ListFindings: operation(
    {
      analyzerArn: z.string(),
      filter: z.record(z.string(), criterion).default({}),
      maxResults: integer(1, 100).default(100),
      nextToken: z.string().optional(),
    },
    (call, { analyzerArn: arn, filter, maxResults, nextToken }) => {
      const analyzer = here(call).find((one) => one.arn === arn);
      if (analyzer === undefined)
        throw new AwsError("ResourceNotFoundException", `Analyzer ${arn} does not exist`, 404);
      if (!isExternal(analyzer))
        throw new AwsError("ValidationException", "ListFindings is for analyzers of external access alone");
      const all = sortBy(
        [...analyzer.findings.values()].filter((one) => meets(one, filter)),
        ({ id }) => id,
      );
      const { items, next } = page(all, ({ id }) => id, { marker: nextToken, size: maxResults });
      return { findings: items.map(shownFinding), nextToken: next };
    },
    (call, { analyzerArn: arn }) => {
      const tags = call.account.analyzers.get(arn)?.tags;
      return [{ resource: arn, ...(tags && { tags }) }];
    },
  ),

  DeleteAnalyzer: operation(
    { analyzerName, clientToken: z.string().optional() },
    (call, asked) => {
      call.account.analyzers.delete(find(call, asked.analyzerName).arn);
      return {};
    },
    needsOnAnalyzer,
  ),

  ListAnalyzers: operation(
    { type: type.optional(), maxResults: integer(1, 100).default(100), nextToken: z.string().optional() },
    (call, { type: of, maxResults, nextToken }) => {
      const all = sortBy(
        here(call).filter((one) => of === undefined || one.type === of),
        ({ name }) => name,
      );
      const { items, next } = page(all, ({ name }) => name, { marker: nextToken, size: maxResults });
      return { analyzers: items.map(shown), nextToken: next };
    },
    () => [{}],
  ),
};

/** IAM Access Analyzer, as far as analyzers and what they found go. */
export const accessAnalyzer: Service = {
  name: "access-analyzer",
  protocol: { type: "rest-json", routes },
  operations,
};
