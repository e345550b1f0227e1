/** What AppConfig keeps, as plain data in the sandbox's state. */
export interface Configuration {
  readonly name: ConfigurationName;
  /** By version number, from 1. */
  readonly versions: HostedVersion[];
  /** In order; the last one's is what is delivered. */
  readonly deployments: ConfigurationDeployment[];
  /** What the profile's validators say of content that is to be deployed; absent: they let everything pass. */
  validate?: (content: string | Uint8Array) => string | undefined;
}

export interface HostedVersion {
  readonly content: string | Uint8Array;
  readonly contentType: string;
  readonly description?: string | undefined;
}

export interface ConfigurationDeployment {
  readonly version: number;
  readonly startedAt: Date;
  readonly strategy: string;
  state: "DEPLOYING" | "COMPLETE";
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
  readonly configuration: Configuration;
  /** The version that was delivered last; absent before the first. */
  readonly seen?: number;
  /** Seconds. */
  readonly minimumInterval: number;
  readonly madeAt: Date;
  /** Before that it is too early to ask. */
  readonly notBefore: Date;
}

/** The id that AppConfig gives what has this name: seven letters and digits. */
export const idOf = (name: string): string =>
  [...name]
    .reduce((hash, letter) => (hash * 31 + letter.charCodeAt(0)) % 36 ** 7, 7)
    .toString(36)
    .padStart(7, "0");

/** Makes an application with its environment and profile, empty; the one that is there, if it is. */
export const addConfiguration = (configurations: Configuration[], name: ConfigurationName): Configuration => {
  const same = (one: Configuration) =>
    Object.entries(name).every(([key, value]) => Reflect.get(one.name, key) === value);
  const there = configurations.find(same);
  if (there) return there;
  const made: Configuration = { name, versions: [], deployments: [] };
  configurations.push(made);
  return made;
};

/** Deploys a configuration all at once: what is asked for from now on. */
export const deployConfiguration = (
  configurations: Configuration[],
  name: ConfigurationName,
  content: string | Uint8Array,
  contentType = "application/json",
): Configuration => {
  const configuration = addConfiguration(configurations, name);
  const version = configuration.versions.push({ content, contentType });
  configuration.deployments.push({ version, startedAt: new Date(0), strategy: "at-once", state: "COMPLETE" });
  return configuration;
};
