/** What AppConfig keeps, as plain data in the sandbox's state. */
export interface DeployedConfiguration {
  readonly content: string | Uint8Array;
  readonly contentType: string;
  readonly version: number;
}

/** Whose configuration, by the names of application, environment and profile. */
export interface ConfigurationName {
  readonly accountId: string;
  readonly region: string;
  readonly application: string;
  readonly environment: string;
  readonly profile: string;
}

export interface ConfigurationSession {
  readonly key: string;
  /** The version that was delivered last; absent before the first. */
  readonly seen?: number;
  /** Seconds. */
  readonly minimumInterval: number;
  readonly madeAt: Date;
  /** Before that it is too early to ask. */
  readonly notBefore: Date;
}

export const configurationKey = (name: ConfigurationName): string =>
  [name.accountId, name.region, name.application, name.environment, name.profile].join("/");

/** Deploys a configuration all at once: what is asked for from now on. */
export const deployConfiguration = (
  configurations: Map<string, DeployedConfiguration>,
  name: ConfigurationName,
  content: string | Uint8Array,
  contentType = "application/json",
): void => {
  const key = configurationKey(name);
  const version = (configurations.get(key)?.version ?? 0) + 1;
  configurations.set(key, { content, contentType, version });
};
