import { controls } from "../../shared/controls/catalogue.ts";
import { settingsJsonSchema } from "../../shared/settings/settings.ts";
import { controlPage, indexPage } from "./control-page.ts";
import { rolesPage } from "./roles-page.ts";
import { settingsSample } from "./settings-sample.ts";

/** Every generated file: its path below the project's top level, and what stands in it. */
export const generatedPages = (): ReadonlyMap<string, string> =>
  new Map([
    ["docs/controls/README.md", indexPage(controls)],
    ...controls.map((control) => [`docs/controls/${control.id}.md`, controlPage(control)] as const),
    ["docs/roles.md", rolesPage()],
    ["docs/warden.config.sample.yaml", settingsSample(controls)],
    ["docs/warden.config.schema.json", `${JSON.stringify(settingsJsonSchema(), null, 2)}\n`],
  ]);
