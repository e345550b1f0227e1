import * as z from "zod";
import type { JsonCall } from "../aws/signed-json.ts";
import { MalformedInputError } from "../errors.ts";

/** Of the kinds of analyzer, those that find access from outside: of an account, or of an organization. */
export const externalTypes = ["ACCOUNT", "ORGANIZATION"] as const;
export type ExternalType = (typeof externalTypes)[number];

/** An analyzer of IAM Access Analyzer. */
export interface Analyzer {
  readonly arn: string;
  readonly name: string;
  /** `ACCOUNT`, `ORGANIZATION`, or a kind that finds no access from outside. */
  readonly type: string;
  /** `ACTIVE`, `CREATING`, `DISABLED`, `FAILED`. */
  readonly status: string;
  readonly tags: Readonly<Record<string, string>>;
}

const analyzer = z.object({
  arn: z.string(),
  name: z.string(),
  type: z.string(),
  status: z.string(),
  tags: z.record(z.string(), z.string()).default({}),
});

/** Access from outside to a resource that an analyzer found. What it cannot analyze it finds too, with an `error` and nothing else. */
export interface ExternalFinding {
  /** The ARN. */
  readonly resource: string;
  /** `AWS::S3::Bucket` */
  readonly resourceType: string;
  /** The account that has the resource. */
  readonly owner: string;
  /** Who has access, by the kind of principal: `{"AWS": "999988887777"}`. */
  readonly principal: Readonly<Record<string, string>>;
  readonly actions: readonly string[];
  /** The condition under which they have it: condition keys with their values. */
  readonly condition: Readonly<Record<string, string>>;
  readonly isPublic: boolean;
  /** `ACCESS_DENIED`, `INTERNAL_ERROR` */
  readonly error: string | undefined;
}

const texts = z.record(z.string(), z.string());

const finding = z
  .object({
    resource: z.string(),
    resourceType: z.string(),
    resourceOwnerAccount: z.string(),
    status: z.string(),
    principal: texts.nullish(),
    action: z.array(z.string()).nullish(),
    condition: texts.nullish(),
    isPublic: z.boolean().nullish(),
    error: z.string().nullish(),
  })
  .transform(({ resource, resourceType, resourceOwnerAccount, status, ...of }) => ({
    ...{ resource, resourceType, owner: resourceOwnerAccount, status },
    ...{ principal: of.principal ?? {}, actions: of.action ?? [], condition: of.condition ?? {} },
    ...{ isPublic: of.isPublic ?? false, error: of.error ?? undefined },
  }));

/** Whose findings are asked for, and maybe of which resource alone. */
export interface FindingsAsked {
  readonly owner: string;
  /** The ARN. */
  readonly resource?: string | undefined;
}

/**
 * Resources that findings are not asked for: whom a role trusts, controls of roles judge, which know conditions, external ids and
 * the organization. And of a role the analyzers of every Region tell.
 */
export const unaskedTypes = ["AWS::IAM::Role"] as const;

/** IAM Access Analyzer of one account in one Region. It throws as SDK clients do. */
export interface AccessAnalyzer {
  /** Of one type; AWS lists no other account's. */
  list(type: ExternalType): Promise<readonly Analyzer[]>;
  get(name: string): Promise<Analyzer>;
  /** The active findings of an analyzer of access from outside, of which neither archived nor resolved ones are any. */
  findings(analyzerArn: string, asked: FindingsAsked): Promise<readonly ExternalFinding[]>;
  create(made: Pick<Analyzer, "name" | "tags"> & { readonly type: ExternalType }): Promise<void>;
  delete(name: string): Promise<void>;
}

const analyzersPage = z.object({ analyzers: z.array(analyzer), nextToken: z.string().optional() });
const findingsPage = z.object({ findings: z.array(finding), nextToken: z.string().nullish() });
const pageSize = 100;

/** A filter that is not understood would filter nothing. */
const isAskedFor = (found: z.output<typeof finding>, { owner, resource }: FindingsAsked): boolean =>
  found.status === "ACTIVE" &&
  found.owner === owner &&
  (resource === undefined || found.resource === resource) &&
  !unaskedTypes.some((type) => type === found.resourceType);

/**
 * @param call makes one call of an operation, by its name
 * @see https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_Operations.html
 */
export const createAccessAnalyzer = (
  call: (operation: string, asked: JsonCall) => Promise<unknown>,
): AccessAnalyzer => {
  const ask = async <T>(operation: string, shape: z.ZodType<T>, asked: JsonCall): Promise<T> => {
    const parsed = shape.safeParse(await call(operation, asked));
    if (parsed.success) return parsed.data;
    throw new MalformedInputError(
      `access-analyzer:${operation} answered with what is not understood: ${z.prettifyError(parsed.error)}`,
    );
  };
  const named = (name: string): string => `/analyzer/${encodeURIComponent(name)}`;

  return {
    list: async (type) => {
      const found: Analyzer[] = [];
      for (let at: Readonly<Record<string, string>> | undefined = {}; at !== undefined; ) {
        const query = { type, maxResults: String(pageSize), ...at };
        const answer: z.output<typeof analyzersPage> = await ask("ListAnalyzers", analyzersPage, {
          ...{ method: "GET", path: "/analyzer", query },
        });
        found.push(...answer.analyzers);
        at = answer.nextToken ? { nextToken: answer.nextToken } : undefined;
      }
      return found;
    },
    findings: async (analyzerArn, { owner, resource }) => {
      const found: ExternalFinding[] = [];
      const filter = {
        status: { eq: ["ACTIVE"] },
        resourceOwnerAccount: { eq: [owner] },
        resourceType: { neq: unaskedTypes },
        ...(resource !== undefined && { resource: { eq: [resource] } }),
      };
      for (let at: { readonly nextToken?: string } | undefined = {}; at !== undefined; ) {
        const body = { analyzerArn, filter, maxResults: pageSize, ...at };
        // The second version of this call names no principal, and knows other kinds of findings, which are none of ours.
        const answer: z.output<typeof findingsPage> = await ask("ListFindings", findingsPage, {
          ...{ method: "POST", path: "/finding", body },
        });
        found.push(...answer.findings.filter((one) => isAskedFor(one, { owner, resource })));
        at = answer.nextToken ? { nextToken: answer.nextToken } : undefined;
      }
      return found;
    },
    get: async (name) =>
      (await ask("GetAnalyzer", z.object({ analyzer }), { method: "GET", path: named(name) })).analyzer,
    create: async ({ name, type, tags }) => {
      const body = { analyzerName: name, type, tags };
      await ask("CreateAnalyzer", z.object({ arn: z.string() }), { method: "PUT", path: "/analyzer", body });
    },
    delete: async (name) => {
      await ask("DeleteAnalyzer", z.object({}), { method: "DELETE", path: named(name) });
    },
  };
};
