import * as z from "zod";
import { deployConfiguration, idOf } from "../../appconfig/state.ts";
import { handler, ignored, type Making, type ResourceHandler } from "../resource.ts";

/** What has a name gets the id that AppConfig gives it. */
const named = (shape: z.ZodRawShape): ResourceHandler =>
  handler({ ...shape, Name: z.string(), Description: ignored }, (making, properties) => {
    const { Name } = z.object({ Name: z.string() }).parse(properties);
    const id = idOf(Name);
    making.state.configurationIds.set(id, Name);
    return { ref: id };
  });

const nameOf = ({ state }: Making, id: string): string => {
  const name = state.configurationIds.get(id);
  if (name === undefined) throw new Error(`AppConfig has nothing of the id ${id}`);
  return name;
};

const version = handler(
  {
    ApplicationId: z.string(),
    ConfigurationProfileId: z.string(),
    Content: z.string(),
    ContentType: z.string(),
    Description: ignored,
  },
  ({ state }, { ConfigurationProfileId: profile, Content: content, ContentType: contentType }) => {
    const versions = state.hostedVersions.get(profile) ?? [];
    state.hostedVersions.set(profile, versions);
    return { ref: String(versions.push({ content, contentType })) };
  },
);

const deployment = handler(
  {
    ApplicationId: z.string(),
    EnvironmentId: z.string(),
    ConfigurationProfileId: z.string(),
    ConfigurationVersion: z.string(),
    DeploymentStrategyId: ignored,
    Description: ignored,
  },
  (making, { ApplicationId, EnvironmentId, ConfigurationProfileId, ConfigurationVersion }) => {
    const { state, place, logicalId } = making;
    const hosted = state.hostedVersions.get(ConfigurationProfileId)?.[Number(ConfigurationVersion) - 1];
    if (hosted === undefined)
      throw new Error(`there is no version ${ConfigurationVersion} of ${ConfigurationProfileId}`);
    const names = {
      application: nameOf(making, ApplicationId),
      environment: nameOf(making, EnvironmentId),
      profile: nameOf(making, ConfigurationProfileId),
    };
    const { accountId, region } = place;
    deployConfiguration(state.configurations, { accountId, region, ...names }, hosted.content, hosted.contentType);
    return { ref: logicalId };
  },
);

export const appConfigResources: Readonly<Record<string, ResourceHandler>> = {
  "AWS::AppConfig::Application": named({}),
  // Nobody counts metrics here, so that no alarm takes anything back; validators are tried where they are written.
  "AWS::AppConfig::Environment": named({ ApplicationId: z.string(), Monitors: ignored }),
  "AWS::AppConfig::ConfigurationProfile": named({
    ApplicationId: z.string(),
    LocationUri: z.literal("hosted"),
    Type: ignored,
    Validators: ignored,
  }),
  "AWS::AppConfig::DeploymentStrategy": named({
    DeploymentDurationInMinutes: ignored,
    FinalBakeTimeInMinutes: ignored,
    GrowthFactor: ignored,
    GrowthType: ignored,
    ReplicateTo: ignored,
  }),
  "AWS::AppConfig::HostedConfigurationVersion": version,
  "AWS::AppConfig::Deployment": deployment,
};
