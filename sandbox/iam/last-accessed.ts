import * as z from "zod";
import { type Call, type Operation, operation, sortBy } from "../protocol/service.ts";
import type { AccountState } from "../state.ts";
import * as shape from "./shapes.ts";
import type { AccessedService, Entity } from "./state.ts";

/** AWS keeps what was accessed for 400 days. */
const trackedMs = 400 * 24 * 3600 * 1000;

const entityByArn = (account: AccountState, arn: string): Entity & { accessed?: Map<string, AccessedService> } => {
  const entity = [...account.users.values(), ...account.roles.values()].find((one) => one.arn === arn);
  if (!entity) throw shape.noSuchEntity(`The entity ${arn} cannot be found.`);
  return entity;
};

const services = ({ now }: Call, entity: ReturnType<typeof entityByArn>, withActions: boolean) =>
  sortBy(entity.accessed ?? [], ([namespace]) => namespace)
    .filter(([, { at }]) => now.getTime() - at.getTime() < trackedMs)
    .map(([namespace, { at, region, actions }]) => ({
      ServiceName: namespace,
      ServiceNamespace: namespace,
      LastAuthenticated: at,
      LastAuthenticatedEntity: entity.arn,
      LastAuthenticatedRegion: region,
      TotalAuthenticatedEntities: 1,
      TrackedActionsLastAccessed: withActions
        ? sortBy(actions, ([name]) => name).map(([name, time]) => ({
            ActionName: name,
            LastAccessedEntity: entity.arn,
            LastAccessedTime: time,
            LastAccessedRegion: region,
          }))
        : undefined,
    }));

/**
 * Service last accessed details of users and roles: the services they used, with every action that they called. (AWS also
 * lists services that policies allow and nobody used, and tracks the actions of some services only.)
 */
export const lastAccessedOperations: Record<string, Operation> = {
  GenerateServiceLastAccessedDetails: operation(
    { Arn: shape.arn, Granularity: z.enum(["SERVICE_LEVEL", "ACTION_LEVEL"]).default("SERVICE_LEVEL") },
    (call, { Arn, Granularity }) => {
      const found = services(call, entityByArn(call.account, Arn), Granularity === "ACTION_LEVEL");
      const id = call.ids.uuid();
      call.account.accessJobs.set(id, { startedAt: call.now, granularity: Granularity, services: found, polls: 0 });
      return { JobId: id };
    },
  ),

  GetServiceLastAccessedDetails: operation({ JobId: z.string().length(36), ...shape.paging }, (call, input) => {
    const job = call.account.accessJobs.get(input.JobId);
    if (!job) throw shape.noSuchEntity(`Job ${input.JobId} cannot be found.`);
    job.polls++;
    const done = job.polls > 1 || call.now > job.startedAt;
    const common = { JobCreationDate: job.startedAt, JobType: job.granularity };
    if (!done)
      return { ...common, JobStatus: "IN_PROGRESS", JobCompletionDate: job.startedAt, ServicesLastAccessed: [] };
    return {
      ...common,
      JobStatus: "COMPLETED",
      JobCompletionDate: job.startedAt,
      ...shape.listed(
        "ServicesLastAccessed",
        job.services,
        ({ ServiceNamespace }) => ServiceNamespace,
        (one) => one,
        input,
      ),
    };
  }),
};
