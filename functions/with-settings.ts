import { AppConfigDataClient } from "@aws-sdk/client-appconfigdata";
import { createPoll } from "../shared/settings/app-config.ts";
import { createLiveSettings, type LiveSettings } from "../shared/settings/live-settings.ts";
import type { Settings } from "../shared/settings/settings.ts";
import { bundledSettings, given } from "./dependencies.ts";
import type { Runtime } from "./runtime.ts";

/** A runtime with the settings that hold from now until they change. */
export type Configured = Runtime & { readonly settings: Settings };

/**
 * Builds a handler for the settings that AppConfig has: they are asked for before each invocation, stay the same through it,
 * and where they have changed the handler is built anew, with nothing that was made of the old ones.
 */
export const withSettings =
  <Arguments extends readonly unknown[], Result>(
    build: (runtime: Configured) => (...of: Arguments) => Result | Promise<Result>,
  ) =>
  (runtime: Runtime): ((...of: Arguments) => Promise<Result>) => {
    const current = liveSettings(runtime);
    let built: { readonly settings: Settings; readonly run: ReturnType<typeof build> } | undefined;
    return async (...of) => {
      const settings = await current();
      if (built?.settings !== settings) built = { settings, run: build({ ...runtime, settings }) };
      return built.run(...of);
    };
  };

/** An answer that does not come is not waited for: an invocation has its own work to do. */
const impatient = { connectionTimeout: 2_000, requestTimeout: 3_000, throwOnRequestTimeout: true };

const liveSettings = (runtime: Runtime): LiveSettings => {
  const self = given(runtime, ["AWS_REGION", "SETTINGS_CONFIGURATION", "SETTINGS_FILE"]);
  const { AWS_REGION: region, SETTINGS_CONFIGURATION } = self.environment;
  const [application = "", environment = "", profile = ""] = SETTINGS_CONFIGURATION.split("/");
  const client = new AppConfigDataClient({ region, maxAttempts: 2, requestHandler: impatient, ...runtime.connection });
  return createLiveSettings({
    poll: createPoll(client, { application, environment, profile }),
    deployed: bundledSettings(self),
    telemetry: runtime.telemetry,
    clock: runtime.clock,
  });
};
