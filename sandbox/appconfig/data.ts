import * as z from "zod";
import { AwsError, type Call, type Operation, operation, type RestRoute } from "../protocol/service.ts";
import { type Configuration, type ConfigurationSession, idOf } from "./state.ts";

const identifier = z.string().min(1).max(128);

/** Seconds, where the session names no interval of its own. */
const defaultInterval = 60;
/** A token that was not used for so long has expired. */
const tokenMs = 24 * 3_600_000;

const refused = (message: string) => new AwsError("BadRequestException", message);

const keep = (call: Call, session: ConfigurationSession): string => {
  const token = Buffer.from(call.ids.uuid()).toString("base64url");
  call.state.configurationSessions.set(token, session);
  return token;
};

const configurationIds = {
  ApplicationIdentifier: identifier,
  EnvironmentIdentifier: identifier,
  ConfigurationProfileIdentifier: identifier,
};
type ConfigurationIds = Readonly<Record<keyof typeof configurationIds, string>>;

const token = { ConfigurationToken: z.string().min(1) };

/** What is deployed under these names or ids. */
const find = (call: Call, asked: ConfigurationIds): Configuration | undefined => {
  const is = (given: string, name: string) => given === name || given === idOf(name);
  return call.state.configurations.find(
    ({ name, deployments }) =>
      name.accountId === call.account.id &&
      name.region === call.region &&
      is(asked.ApplicationIdentifier, name.application) &&
      is(asked.EnvironmentIdentifier, name.environment) &&
      is(asked.ConfigurationProfileIdentifier, name.profile) &&
      deployments.length > 0,
  );
};

/** As policies name a configuration: by ids. */
const arnOf = (configuration: Configuration | undefined): string => {
  if (configuration === undefined) return "*";
  const { accountId, region, application, environment, profile } = configuration.name;
  return `arn:aws:appconfig:${region}:${accountId}:application/${idOf(application)}/environment/${idOf(environment)}/configuration/${idOf(profile)}`;
};

export const dataRoutes: Readonly<Record<string, RestRoute>> = {
  StartConfigurationSession: { method: "POST", path: "/configurationsessions", status: 201 },
  GetLatestConfiguration: {
    method: "GET",
    path: "/configuration",
    input: { query: { configuration_token: "ConfigurationToken" } },
    output: {
      headers: {
        NextPollConfigurationToken: "next-poll-configuration-token",
        NextPollIntervalInSeconds: "next-poll-interval-in-seconds",
        ContentType: "content-type",
        VersionLabel: "version-label",
      },
      payload: "Configuration",
    },
  },
};

/** Sessions, and what is deployed. Tokens are good for one call, as AWS has it. */
export const dataOperations: Readonly<Record<string, Operation>> = {
  StartConfigurationSession: operation(
    {
      ...configurationIds,
      RequiredMinimumPollIntervalInSeconds: z.number().int().min(15).max(86_400).default(defaultInterval),
    },
    (call, input) => {
      const configuration = find(call, input);
      if (configuration === undefined)
        throw new AwsError("ResourceNotFoundException", "The requested configuration was not found.", 404);
      const minimumInterval = input.RequiredMinimumPollIntervalInSeconds;
      return {
        InitialConfigurationToken: keep(call, {
          configuration,
          minimumInterval,
          madeAt: call.now,
          notBefore: call.now,
        }),
      };
    },
    (call, input) => [arnOf(find(call, input))],
  ),
  GetLatestConfiguration: operation(
    token,
    (call, { ConfigurationToken }) => {
      const { configurationSessions } = call.state;
      const session = configurationSessions.get(ConfigurationToken);
      if (session === undefined) throw refused("The token is not valid.");
      if (call.now.getTime() - session.madeAt.getTime() > tokenMs) throw refused("The token has expired.");
      if (call.now < session.notBefore) throw refused("The configuration was asked for too early.");
      const { versions, deployments } = session.configuration;
      const number = deployments.at(-1)?.version ?? 0;
      const deployed = versions[number - 1];
      configurationSessions.delete(ConfigurationToken);
      const notBefore = new Date(call.now.getTime() + session.minimumInterval * 1000);
      return {
        NextPollConfigurationToken: keep(call, { ...session, seen: number, madeAt: call.now, notBefore }),
        NextPollIntervalInSeconds: session.minimumInterval,
        ContentType: deployed?.contentType,
        ...(number !== session.seen && { Configuration: deployed?.content, VersionLabel: String(number) }),
      };
    },
    (call, { ConfigurationToken }) => {
      // A token that is none is refused as such, whoever has it.
      const session = call.state.configurationSessions.get(ConfigurationToken);
      return session === undefined ? [] : [arnOf(session.configuration)];
    },
  ),
};
