import {
  type AppConfigClient,
  CreateHostedConfigurationVersionCommand,
  GetHostedConfigurationVersionCommand,
  ListApplicationsCommand,
  ListConfigurationProfilesCommand,
  ListDeploymentStrategiesCommand,
  ListDeploymentsCommand,
  ListEnvironmentsCommand,
  StartDeploymentCommand,
} from "@aws-sdk/client-appconfig";
import { CommandError, RefusedError } from "../command-error.ts";

/** How fast settings are deployed: `gradually` an alarm takes them back, `at-once` nothing does. */
export type Pace = "gradually" | "at-once";

/** The settings of a deployed iam-warden, as AppConfig has them. */
export interface DeployedSettings {
  /** What was deployed last. */
  readonly content: string;
  /** Puts others in their place; gives the deployment's number. @throws RefusedError where AppConfig's validators say no */
  replace(content: string, options: { readonly pace: Pace; readonly why: string }): Promise<Replaced>;
}

export interface Replaced {
  readonly version: number;
  readonly deployment: number;
  /** What takes it back. */
  readonly stop: string;
}

/** What `infra/names.ts` calls them. */
const names = { application: "iam-warden", environment: "hub", profile: "settings" };

/** @throws CommandError if there are none here; RefusedError while a deployment is under way */
export const deployedSettings = async (client: AppConfigClient): Promise<DeployedSettings> => {
  const ApplicationId = await idNamed(names.application, "application", (NextToken) =>
    client.send(new ListApplicationsCommand({ NextToken })),
  );
  const EnvironmentId = await idNamed(names.environment, "environment", (NextToken) =>
    client.send(new ListEnvironmentsCommand({ ApplicationId, NextToken })),
  );
  const ConfigurationProfileId = await idNamed(names.profile, "configuration profile", (NextToken) =>
    client.send(new ListConfigurationProfilesCommand({ ApplicationId, NextToken })),
  );
  const { Items = [] } = await client.send(
    new ListDeploymentsCommand({ ApplicationId, EnvironmentId, MaxResults: 50 }),
  );
  const stopOf = (number: number | undefined, isDone: boolean): string =>
    `aws appconfig stop-deployment --application-id ${ApplicationId} --environment-id ${EnvironmentId} --deployment-number ${number}${isDone ? " --allow-revert" : ""}`;
  const underWay = Items.find(({ State }) => State !== undefined && !ended.has(State));
  if (underWay)
    throw new RefusedError(
      `Deployment ${underWay.DeploymentNumber} is under way (${underWay.State}), and AppConfig takes one at a time. To stop it:\n  ${stopOf(underWay.DeploymentNumber, false)}`,
    );
  const latest = Items.find(({ State }) => State === "COMPLETE");
  const content =
    latest === undefined
      ? '{"version":1}'
      : Buffer.from(
          (
            await client.send(
              new GetHostedConfigurationVersionCommand({
                ApplicationId,
                ConfigurationProfileId,
                VersionNumber: Number(latest.ConfigurationVersion),
              }),
            )
          ).Content ?? [],
        ).toString("utf8");

  return {
    content,
    replace: async (next, { pace, why }) => {
      const DeploymentStrategyId = await idNamed(`${names.application}-${pace}`, "deployment strategy", (NextToken) =>
        client.send(new ListDeploymentStrategiesCommand({ NextToken })),
      );
      const { VersionNumber } = await client.send(
        new CreateHostedConfigurationVersionCommand({
          ApplicationId,
          ConfigurationProfileId,
          ContentType: "application/json",
          Content: Buffer.from(next),
          Description: why,
        }),
      );
      try {
        const { DeploymentNumber } = await client.send(
          new StartDeploymentCommand({
            ApplicationId,
            EnvironmentId,
            ConfigurationProfileId,
            ConfigurationVersion: String(VersionNumber),
            DeploymentStrategyId,
            Description: why,
          }),
        );
        return { version: VersionNumber ?? 0, deployment: DeploymentNumber ?? 0, stop: stopOf(DeploymentNumber, true) };
      } catch (error) {
        const isNo = error instanceof Error && ["BadRequestException", "ConflictException"].includes(error.name);
        if (!isNo) throw error;
        throw new RefusedError(`AppConfig deploys nothing: ${error.message}`, { cause: error });
      }
    },
  };
};

const ended: ReadonlySet<string> = new Set(["COMPLETE", "ROLLED_BACK", "REVERTED"]);

interface Page {
  readonly Items?: readonly { readonly Id?: string | undefined; readonly Name?: string | undefined }[] | undefined;
  readonly NextToken?: string | undefined;
}

const idNamed = async (name: string, what: string, page: (token?: string) => Promise<Page>): Promise<string> => {
  let token: string | undefined;
  do {
    const { Items = [], NextToken } = await page(token);
    const id = Items.find(({ Name }) => Name === name)?.Id;
    if (id !== undefined) return id;
    token = NextToken;
  } while (token);
  throw new CommandError(
    `AppConfig has no ${what} ${name} here: use credentials of the account and the Region that iam-warden runs in.`,
  );
};
