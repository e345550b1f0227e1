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

/** IAM Access Analyzer of one account in one Region. It throws as SDK clients do. */
export interface AccessAnalyzer {
  /** Of one type; AWS lists no other account's. */
  list(type: ExternalType): Promise<readonly Analyzer[]>;
  get(name: string): Promise<Analyzer>;
  create(made: Pick<Analyzer, "name" | "tags"> & { readonly type: ExternalType }): Promise<void>;
  delete(name: string): Promise<void>;
}

const pageSize = "100";

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
      const page = z.object({ analyzers: z.array(analyzer), nextToken: z.string().optional() });
      for (let at: Readonly<Record<string, string>> | undefined = {}; at !== undefined; ) {
        const query = { type, maxResults: pageSize, ...at };
        const answer: z.output<typeof page> = await ask("ListAnalyzers", page, {
          ...{ method: "GET", path: "/analyzer", query },
        });
        found.push(...answer.analyzers);
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
