import { isDeepStrictEqual } from "node:util";
import * as z from "zod";
import {
  ConflictError,
  MalformedInputError,
  MalformedRequestError,
  NotFoundError,
  VersionConflictError,
} from "../errors.ts";
import { type Exemption, endExemption, isOver } from "../exemptions/exemption.ts";
import { newExemption } from "../exemptions/new-exemption.ts";
import type { Finding } from "../findings/finding.ts";
import { nearest } from "../settings/explain.ts";
import { isWithin } from "../settings/resolve.ts";
import type { AccountRef } from "../subject.ts";
import { defineCommand, findingIdArg } from "./command.ts";
import type { OperatorDependencies } from "./dependencies.ts";
import { findFinding } from "./find.ts";
import { type Marked, markFindings } from "./mark.ts";

export interface Exempted {
  readonly exemption: Exemption;
  readonly marked: Marked;
  /** Why it may excuse nobody, as a sentence: it names a place that no account of the organization is in. */
  readonly doubt?: string;
}

/**
 * Excuses the subject of one finding from its control, or whatever a scope names, until a date. The exemption is stored first:
 * from then on it holds, whatever becomes of marking the findings. Asked for the same again, it goes on marking.
 */
export const exempt = defineCommand(
  z.strictObject({
    id: findingIdArg.optional(),
    controls: z.unknown().optional(),
    scope: z.unknown().optional(),
    subject: z.unknown().optional(),
    reason: z.unknown().optional(),
    until: z.unknown().optional(),
  }),
  async (dependencies, { arn: by }, { id, ...asked }): Promise<Exempted> => {
    const { store, exemptions, listAccounts, telemetry, clock } = dependencies;
    const { controls, scope, subject, reason, until } = asked;
    if (id !== undefined && [controls, scope, subject].some((given) => given !== undefined))
      throw new MalformedRequestError(
        "id: names the finding that is excused; leave out controls, scope and subject, or id",
      );
    const about =
      id === undefined
        ? { ...defined("controls", controls), ...defined("scope", scope), ...defined("subject", subject) }
        : aboutFinding(await findFinding(store, id));
    const wanted = made({ ...about, ...defined("reason", reason), ...defined("until", until) }, by, clock());
    // Before anything is stored: without the accounts nobody could be marked.
    const members = await listAccounts();
    const same = (await exemptions.list()).find((one) => isSame(one, wanted) && !isOver(one, clock()));
    if (same === undefined) {
      await exemptions.put(wanted);
      telemetry.info("A person made an exemption", { exemption: wanted });
    }
    const exemption = same ?? wanted;
    const doubt = doubtOf(exemption, members);
    const marked = await markFindings(dependencies, exemption, members);
    return { exemption, marked, ...(doubt !== undefined && { doubt }) };
  },
);

/** It is made all the same: an OU may be there before its accounts are. */
const doubtOf = ({ scope }: Exemption, members: readonly AccountRef[]): string | undefined => {
  if ("organization" in scope) return undefined;
  if ("account" in scope)
    return members.some(({ id }) => id === scope.account)
      ? undefined
      : `No active account of the organization is ${scope.account}.`;
  const paths = members.flatMap(({ ouPath }) => ouPath ?? []);
  if (paths.some((path) => isWithin(path, scope.ou))) return undefined;
  const meant = nearest(scope.ou, [...new Set(paths.flatMap(withParents))]);
  return `No account of the organization is in ${scope.ou} or below${meant === undefined ? "." : `; did you mean ${meant}?`}`;
};

/** `Root/A/B` → `Root`, `Root/A`, `Root/A/B` */
const withParents = (path: string): readonly string[] =>
  path.split("/").map((_name, index, all) => all.slice(0, index + 1).join("/"));

/** What is left out stays out: the request's own reader then says that it is missing. */
const defined = (name: string, value: unknown): object => (value === undefined ? {} : { [name]: value });

const made = (request: object, by: string, now: Date): Exemption => {
  try {
    return newExemption(request, { by, now });
  } catch (cause) {
    if (cause instanceof MalformedInputError) throw new MalformedRequestError(cause.message, { cause });
    throw cause;
  }
};

const aboutFinding = ({ id, account, control, subject }: Finding): object => {
  const { kind, name, accessKeyId } = subject;
  if (kind === "accessKey" && accessKeyId === undefined)
    throw new ConflictError(`Finding ${id} does not say which access key of ${name} it is about; name whom you mean.`);
  return {
    controls: [control],
    scope: { account: account.id },
    subject: { kind, pattern: kind === "account" ? account.id : (accessKeyId ?? name) },
  };
};

const isSame = (a: Exemption, b: Exemption): boolean => {
  const essence = ({ controls, scope, subject, reason, by, until }: Exemption) =>
    [controls, scope, subject, reason, by, until] as const;
  return isDeepStrictEqual(essence(a), essence(b));
};

const exemptionIdError = "the id of an exemption: 16 characters (0-9, a-f)";
/** Each round of a race has a winner; nobody writes one exemption more often. */
const attempts = 5;

/**
 * Ends an exemption before its time. It is stored first: from then on it excuses nobody. Asked for again, it goes on telling the
 * findings.
 */
export const unexempt = defineCommand(
  z.strictObject({
    id: z
      .string({ error: exemptionIdError })
      .regex(/^[0-9a-f]{16}$/i, { error: exemptionIdError })
      .transform((id) => id.toLowerCase()),
  }),
  async (dependencies, { arn: by }, { id }): Promise<Exempted> => {
    const members = await dependencies.listAccounts();
    const exemption = await ended(dependencies, id, by);
    return { exemption, marked: await markFindings(dependencies, exemption, members, exemption.endedBy) };
  },
);

const ended = async (
  { exemptions, telemetry, clock }: OperatorDependencies,
  id: string,
  by: string,
): Promise<Exemption> => {
  for (let attempt = 1; ; attempt++) {
    const exemption = await exemptions.get(id);
    if (exemption === undefined) throw new NotFoundError(`There is no exemption ${id}.`);
    const next = endExemption(exemption, { by, now: clock() });
    if (next === exemption) return exemption;
    try {
      await exemptions.put(next);
      telemetry.info("A person ended an exemption", { exemption: id, by });
      return next;
    } catch (error) {
      if (!(error instanceof VersionConflictError) || attempt === attempts) throw error;
    }
  }
};
