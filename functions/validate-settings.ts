import * as z from "zod";
import { MalformedInputError } from "../shared/errors.ts";
import type { Settings } from "../shared/settings/settings.ts";
import { validateSettings } from "../shared/settings/validate.ts";
import { bundledSettings, given } from "./dependencies.ts";
import { lambdaHandler, type Runtime } from "./runtime.ts";

/** What AppConfig asks its validators about, before it deploys anything of it. */
const eventSchema = z.object({ content: z.base64(), configurationVersion: z.string().optional() });

/** Refuses, by failing with all problems in words, settings that no function could work by. */
export const createHandler =
  ({ deployed }: { readonly deployed: Settings }) =>
  async (event: unknown): Promise<void> => {
    const parsed = eventSchema.safeParse(event);
    if (!parsed.success)
      throw new MalformedInputError("This is not what AppConfig asks a validator: no content in base64");
    validateSettings(Buffer.from(parsed.data.content, "base64"), deployed);
  };

/** The handler, built from the variables and connections of whatever it runs on. */
export const build = (runtime: Runtime) =>
  createHandler({ deployed: bundledSettings(given(runtime, ["SETTINGS_FILE"])) });

export const handler = lambdaHandler<unknown, void>("validate-settings", build);
