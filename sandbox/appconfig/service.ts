import * as z from "zod";
import { AwsError, type Call, operation, type Service } from "../protocol/service.ts";
import { type ConfigurationSession, configurationKey, type DeployedConfiguration } from "./state.ts";

const identifier = z.string().min(1).max(128);

/** Seconds, where the session names no interval of its own. */
const defaultInterval = 60;
/** A token that was not used for so long has expired. */
const tokenMs = 24 * 3_600_000;

const configurationOf = ({ state }: Call, key: string): DeployedConfiguration => {
  const found = state.configurations.get(key);
  if (found) return found;
  throw new AwsError("ResourceNotFoundException", "The requested configuration was not found.", 404);
};

const refused = (message: string) => new AwsError("BadRequestException", message);

const keep = (call: Call, session: ConfigurationSession): string => {
  const token = Buffer.from(call.ids.uuid()).toString("base64url");
  call.state.configurationSessions.set(token, session);
  return token;
};

/** AppConfig's data plane: sessions, and what is deployed. Tokens are good for one call, as AWS has it. */
export const appConfigData: Service = {
  name: "appconfig",
  protocol: {
    type: "rest-json",
    routes: {
      StartConfigurationSession: { method: "POST", path: "/configurationsessions", status: 201 },
      GetLatestConfiguration: {
        method: "GET",
        path: "/configuration",
        query: { configuration_token: "ConfigurationToken" },
        headers: {
          NextPollConfigurationToken: "next-poll-configuration-token",
          NextPollIntervalInSeconds: "next-poll-interval-in-seconds",
          ContentType: "content-type",
          VersionLabel: "version-label",
        },
        payload: "Configuration",
      },
    },
  },
  unrecorded: ["StartConfigurationSession", "GetLatestConfiguration"],
  operations: {
    StartConfigurationSession: operation(
      {
        ApplicationIdentifier: identifier,
        EnvironmentIdentifier: identifier,
        ConfigurationProfileIdentifier: identifier,
        RequiredMinimumPollIntervalInSeconds: z.number().int().min(15).max(86_400).default(defaultInterval),
      },
      (call, input) => {
        const key = configurationKey({
          accountId: call.account.id,
          region: call.region,
          application: input.ApplicationIdentifier,
          environment: input.EnvironmentIdentifier,
          profile: input.ConfigurationProfileIdentifier,
        });
        configurationOf(call, key);
        const minimumInterval = input.RequiredMinimumPollIntervalInSeconds;
        return {
          InitialConfigurationToken: keep(call, { key, minimumInterval, madeAt: call.now, notBefore: call.now }),
        };
      },
    ),
    GetLatestConfiguration: operation({ ConfigurationToken: z.string().min(1) }, (call, { ConfigurationToken }) => {
      const { configurationSessions } = call.state;
      const session = configurationSessions.get(ConfigurationToken);
      if (session === undefined) throw refused("The token is not valid.");
      if (call.now.getTime() - session.madeAt.getTime() > tokenMs) throw refused("The token has expired.");
      if (call.now < session.notBefore) throw refused("The configuration was asked for too early.");
      const { content, contentType, version } = configurationOf(call, session.key);
      configurationSessions.delete(ConfigurationToken);
      const notBefore = new Date(call.now.getTime() + session.minimumInterval * 1000);
      return {
        NextPollConfigurationToken: keep(call, { ...session, seen: version, madeAt: call.now, notBefore }),
        NextPollIntervalInSeconds: session.minimumInterval,
        ContentType: contentType,
        ...(version !== session.seen && { Configuration: content, VersionLabel: String(version) }),
      };
    }),
  },
};
