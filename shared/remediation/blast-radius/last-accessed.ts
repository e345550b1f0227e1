import {
  GenerateServiceLastAccessedDetailsCommand,
  GetServiceLastAccessedDetailsCommand,
  type GetServiceLastAccessedDetailsResponse,
} from "@aws-sdk/client-iam";
import { call } from "../../aws/errors.ts";
import { MalformedInputError, ThrottledError } from "../../errors.ts";
import type { Sleep } from "../../facts/fetch-report.ts";
import { pages } from "../../facts/reading.ts";
import { byCodeUnit } from "../../order.ts";
import type { AccountAccess } from "../account-access.ts";

export interface Use {
  readonly at: Date;
  readonly region?: string;
}

/** A service that a role used, with those of its actions that AWS tracks and saw. */
export interface UsedService extends Use {
  /** As policies name it, `s3`. */
  readonly service: string;
  /** By name without the service, `GetObject`; ordered. */
  readonly actions: readonly (Use & { readonly name: string })[];
}

/** The pauses before each look at the job, in milliseconds: a minute in all. */
const looks: readonly number[] = [0, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000];
/** The largest page that IAM gives of this. */
const pageSize = 1000;

/**
 * The services that a role used since a time, ordered by name. Attempts that were denied count too.
 * @throws AccessDeniedError | ThrottledError, the latter also if IAM is not done within a minute
 */
export const usedSince = async (
  { accountId, iam }: AccountAccess,
  roleArn: string,
  since: Date,
  sleep: Sleep,
): Promise<readonly UsedService[]> => {
  const { JobId } = await call("iam:GenerateServiceLastAccessedDetails", accountId, () =>
    iam.send(new GenerateServiceLastAccessedDetailsCommand({ Arn: roleArn, Granularity: "ACTION_LEVEL" })),
  );
  if (JobId === undefined)
    throw new MalformedInputError("iam:GenerateServiceLastAccessedDetails answered without a JobId");
  const ask = (marker: { Marker?: string }): Promise<GetServiceLastAccessedDetailsResponse> =>
    call("iam:GetServiceLastAccessedDetails", accountId, () =>
      iam.send(new GetServiceLastAccessedDetailsCommand({ JobId, MaxItems: pageSize, ...marker })),
    );
  for (const pause of looks) {
    if (pause > 0) await sleep(pause);
    const first = await ask({});
    if (first.JobStatus === "IN_PROGRESS") continue;
    if (first.JobStatus !== "COMPLETED")
      throw new MalformedInputError(
        `IAM could not tell what ${roleArn} used: ${first.Error?.Message ?? `the job is ${first.JobStatus}`}`,
      );
    if (first.JobType !== "ACTION_LEVEL") throw new MalformedInputError("IAM did not tell which actions were used");
    const list = pages(async (marker) => (marker.Marker === undefined ? first : ask(marker)));
    const used = (await Array.fromAsync(list)).flatMap((page) => servicesOf(page, since));
    return used.sort((a, b) => byCodeUnit(a.service, b.service));
  }
  throw new ThrottledError(`iam:GetServiceLastAccessedDetails was not done within a minute in account ${accountId}`);
};

const servicesOf = (page: GetServiceLastAccessedDetailsResponse, since: Date): readonly UsedService[] => {
  if (page.ServicesLastAccessed === undefined)
    throw new MalformedInputError("iam:GetServiceLastAccessedDetails answered without services");
  return page.ServicesLastAccessed.flatMap((one): UsedService[] => {
    const { ServiceNamespace: service, LastAuthenticated, LastAuthenticatedRegion } = one;
    if (service === undefined)
      throw new MalformedInputError("iam:GetServiceLastAccessedDetails answered with a service without namespace");
    const actions = (one.TrackedActionsLastAccessed ?? []).flatMap((action) => {
      const { ActionName: name, LastAccessedTime: at, LastAccessedRegion: region } = action;
      return name === undefined || at === undefined || at < since ? [] : [{ name, ...use(at, region) }];
    });
    const times = [LastAuthenticated, ...actions.map(({ at }) => at)].filter((at) => at !== undefined);
    const at = new Date(Math.max(...times.map((time) => time.getTime())));
    if (times.length === 0 || at < since) return [];
    return [
      { service, ...use(at, LastAuthenticatedRegion), actions: actions.sort((a, b) => byCodeUnit(a.name, b.name)) },
    ];
  });
};

const use = (at: Date, region: string | undefined): Use => ({ at, ...(region !== undefined && { region }) });
