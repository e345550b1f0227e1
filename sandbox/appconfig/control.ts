import * as z from "zod";
import { AwsError, type Call, type Operation, type Output, operation, type RestRoute } from "../protocol/service.ts";
import { type Configuration, type ConfigurationDeployment, idOf } from "./state.ts";

const inApplication = "/applications/{ApplicationId}";
const hosted = `${inApplication}/configurationprofiles/{ConfigurationProfileId}/hostedconfigurationversions`;
const deploymentsPath = `${inApplication}/environments/{EnvironmentId}/deployments`;
const version = {
  headers: { VersionNumber: "version-number", ContentType: "content-type", Description: "description" },
  payload: "Content",
};

export const controlRoutes: Readonly<Record<string, RestRoute>> = {
  ListApplications: { method: "GET", path: "/applications" },
  ListEnvironments: { method: "GET", path: `${inApplication}/environments` },
  ListConfigurationProfiles: { method: "GET", path: `${inApplication}/configurationprofiles` },
  ListDeploymentStrategies: { method: "GET", path: "/deploymentstrategies" },
  ListDeployments: { method: "GET", path: deploymentsPath },
  StartDeployment: { method: "POST", path: deploymentsPath, status: 201 },
  GetHostedConfigurationVersion: { method: "GET", path: `${hosted}/{VersionNumber}`, output: version },
  CreateHostedConfigurationVersion: {
    method: "POST",
    path: hosted,
    status: 201,
    input: { headers: { "content-type": "ContentType", description: "Description" }, payload: "Content" },
    output: version,
  },
};

/** Both are there from the start; what is deployed by either is there at once. */
const strategies = ["iam-warden-gradually", "iam-warden-at-once"];

const id = z.string().regex(/^[a-z0-9]{7}$/);
const inProfile = { ApplicationId: id, ConfigurationProfileId: id };
const inEnvironment = { ApplicationId: id, EnvironmentId: id };

const here = ({ state, account, region }: Call): Configuration[] =>
  state.configurations.filter(({ name }) => name.accountId === account.id && name.region === region);

const items = (names: readonly string[]): Output => ({
  Items: [...new Set(names)].map((name) => ({ Id: idOf(name), Name: name })),
});

const find = (call: Call, ids: { ApplicationId: string; EnvironmentId?: string; ConfigurationProfileId?: string }) => {
  const found = here(call).find(
    ({ name }) =>
      idOf(name.application) === ids.ApplicationId &&
      (ids.EnvironmentId === undefined || idOf(name.environment) === ids.EnvironmentId) &&
      (ids.ConfigurationProfileId === undefined || idOf(name.profile) === ids.ConfigurationProfileId),
  );
  if (found) return found;
  throw new AwsError("ResourceNotFoundException", "Resource not found.", 404);
};

const shown = (one: ConfigurationDeployment, index: number): Output => ({
  DeploymentNumber: index + 1,
  ConfigurationVersion: String(one.version),
  State: one.state,
  StartedAt: one.startedAt.toISOString(),
});

/** Of AppConfig's control plane, what changes a configuration that is there. */
export const controlOperations: Readonly<Record<string, Operation>> = {
  ListApplications: operation({}, (call) => items(here(call).map(({ name }) => name.application))),
  ListEnvironments: operation({ ApplicationId: id }, (call, { ApplicationId }) =>
    items(here(call).flatMap(({ name }) => (idOf(name.application) === ApplicationId ? [name.environment] : []))),
  ),
  ListConfigurationProfiles: operation({ ApplicationId: id }, (call, { ApplicationId }) =>
    items(here(call).flatMap(({ name }) => (idOf(name.application) === ApplicationId ? [name.profile] : []))),
  ),
  ListDeploymentStrategies: operation({}, () => items(strategies)),
  ListDeployments: operation(inEnvironment, (call, ids) => ({
    Items: find(call, ids).deployments.map(shown).toReversed(),
  })),
  GetHostedConfigurationVersion: operation(
    { ...inProfile, VersionNumber: z.coerce.number().int().min(1) },
    (call, { VersionNumber, ...ids }) => {
      const found = find(call, ids).versions[VersionNumber - 1];
      if (found === undefined) throw new AwsError("ResourceNotFoundException", "Resource not found.", 404);
      return { VersionNumber, Content: found.content, ContentType: found.contentType, Description: found.description };
    },
  ),
  CreateHostedConfigurationVersion: operation(
    {
      ...inProfile,
      Content: z.string(),
      ContentType: z.string().min(1).max(255),
      Description: z.string().max(1024).optional(),
    },
    (call, { Content, ContentType, Description, ...ids }) => ({
      VersionNumber: find(call, ids).versions.push({
        content: Content,
        contentType: ContentType,
        description: Description,
      }),
      Content,
      ContentType,
    }),
  ),
  StartDeployment: operation(
    {
      ...inEnvironment,
      ConfigurationProfileId: id,
      ConfigurationVersion: z.coerce.number().int().min(1),
      DeploymentStrategyId: z.string(),
    },
    (call, { ConfigurationVersion: number, DeploymentStrategyId, ...ids }) => {
      const { versions, deployments, validate } = find(call, ids);
      const strategy = strategies.find((name) => idOf(name) === DeploymentStrategyId);
      const asked = versions[number - 1];
      if (strategy === undefined || asked === undefined)
        throw new AwsError("ResourceNotFoundException", "Resource not found.", 404);
      if (deployments.some(({ state }) => state !== "COMPLETE"))
        throw new AwsError("ConflictException", "Environment already has a deployment in progress.", 409);
      const problem = validate?.(asked.content);
      if (problem !== undefined)
        throw new AwsError("BadRequestException", `Error invoking Lambda validator: ${problem}`);
      const started: ConfigurationDeployment = { version: number, startedAt: call.now, strategy, state: "COMPLETE" };
      return shown(started, deployments.push(started) - 1);
    },
  ),
};
