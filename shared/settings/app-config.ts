import {
  type AppConfigDataClient,
  BadRequestException,
  GetLatestConfigurationCommand,
  StartConfigurationSessionCommand,
} from "@aws-sdk/client-appconfigdata";
import { MalformedInputError } from "../errors.ts";

/** The least that AppConfig lets a session ask for, in seconds. */
const minimumInterval = 15;

/** Whose configuration: the names, or ids, of an AppConfig application, environment and configuration profile. */
export interface ConfigurationIdentifiers {
  readonly application: string;
  readonly environment: string;
  readonly profile: string;
}

/** What AppConfig answered. */
export interface Polled {
  /** Absent: what was delivered before is the latest still. */
  readonly content?: Uint8Array;
  /** As AppConfig counts versions. */
  readonly version?: string;
  /** How long to wait before the next poll. */
  readonly nextAfterMs: number;
}

/** Asks for the latest configuration. @throws whatever keeps it from being told; the next poll begins a session anew */
export type Poll = () => Promise<Polled>;

/**
 * Polls AppConfig in a session. A token is good for one call and a day: one that AppConfig refuses is replaced at once, by a
 * new session.
 */
export const createPoll = (client: AppConfigDataClient, identifiers: ConfigurationIdentifiers): Poll => {
  let token: string | undefined;

  const begin = async (): Promise<string | undefined> => {
    const { InitialConfigurationToken } = await client.send(
      new StartConfigurationSessionCommand({
        ApplicationIdentifier: identifiers.application,
        EnvironmentIdentifier: identifiers.environment,
        ConfigurationProfileIdentifier: identifiers.profile,
        RequiredMinimumPollIntervalInSeconds: minimumInterval,
      }),
    );
    return InitialConfigurationToken;
  };

  const ask = async (current: string | undefined): Promise<Polled> => {
    token = undefined;
    const isFirst = current === undefined;
    const answer = await client.send(
      new GetLatestConfigurationCommand({ ConfigurationToken: current ?? (await begin()) }),
    );
    const { Configuration, NextPollIntervalInSeconds, VersionLabel } = answer;
    // An empty body is null to the SDK, whatever its types say.
    const content = Configuration ?? new Uint8Array();
    if (isFirst && content.length === 0) throw new MalformedInputError("AppConfig has no content for a new session");
    token = answer.NextPollConfigurationToken;
    return {
      ...(content.length > 0 && { content }),
      ...(VersionLabel && { version: VersionLabel }),
      nextAfterMs: Math.max(NextPollIntervalInSeconds ?? 0, minimumInterval) * 1000,
    };
  };

  return async () => {
    const current = token;
    try {
      return await ask(current);
    } catch (error) {
      if (current === undefined || !(error instanceof BadRequestException)) throw error;
      return ask(undefined);
    }
  };
};
