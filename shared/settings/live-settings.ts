import { messageOf } from "../errors.ts";
import type { Telemetry } from "../telemetry.ts";
import type { Poll } from "./app-config.ts";
import { holding, repairingOnly } from "./held.ts";
import { parseSettingsJson } from "./parse-json.ts";
import type { Settings } from "./settings.ts";
import { withinDeployment } from "./within-deployment.ts";

/** Repairs are made by settings that are no older; then they are held. */
export const repairsGoodForMs = 10 * 60_000;

/** After a failure the next invocations go on without asking for so long. */
const retryAfterMs = 15_000;

export interface LiveSettingsDependencies {
  readonly poll: Poll;
  /** What the function was deployed with: what it has permissions for, and what holds before AppConfig has answered. */
  readonly deployed: Settings;
  readonly telemetry: Telemetry;
  readonly clock: () => Date;
}

/** What an invocation works by, all through: the same object as before while nothing has changed. Never fails. */
export type LiveSettings = () => Promise<Settings>;

const notYet = "The settings could not be read from AppConfig yet.";

/** What AppConfig delivered last: usable, or why not. */
type Delivered = { readonly settings: Settings } | { readonly refused: string };

/**
 * The settings as AppConfig has them now.
 *
 * - A failed poll changes nothing for ten minutes. After that the last usable settings go on saying what is judged and told,
 *   and repairs are held.
 * - Content that cannot be used holds repairs at once, by the last usable settings.
 * - Where AppConfig has never answered, those of the deployment hold, with every `remediate` lowered to `notify` and repairs
 *   held: somebody may have turned a repair off since.
 */
export const createLiveSettings = ({ poll, deployed, telemetry, clock }: LiveSettingsDependencies): LiveSettings => {
  const fallback = repairingOnly(deployed, () => false);
  let delivered: (Delivered & { readonly content: Uint8Array }) | undefined;
  let usable: Settings | undefined;
  let confirmedAt: number | undefined;
  let asked: { readonly at: number; readonly again: number } | undefined;
  let polling: Promise<void> | undefined;
  let held: Settings | undefined;

  const take = (content: Uint8Array, version = "unknown"): void => {
    // A new session is told again what the last one was.
    if (delivered !== undefined && Buffer.compare(delivered.content, content) === 0) return;
    try {
      const text = new TextDecoder("utf-8", { fatal: true }).decode(content);
      const { settings, notDeployed } = withinDeployment(
        parseSettingsJson(text, `settings (version ${version})`),
        deployed,
      );
      if (notDeployed.length > 0) {
        telemetry.error("The settings repair what is not deployed to: it is only told. Deploy first: npx cdk deploy", {
          controls: notDeployed,
          version,
        });
        telemetry.count("RepairsNotDeployed", notDeployed.length);
      }
      telemetry.info("The settings are read", { version });
      delivered = { content, settings };
      usable = settings;
    } catch (error) {
      telemetry.error(`The settings in AppConfig cannot be used: ${messageOf(error)}`, { error, version });
      telemetry.count("SettingsRefused");
      delivered = { content, refused: `The settings in AppConfig (version ${version}) cannot be used.` };
    }
  };

  const ask = async (): Promise<void> => {
    const at = clock().getTime();
    asked = { at, again: at + retryAfterMs };
    try {
      const { content, version, nextAfterMs } = await poll();
      confirmedAt = at;
      asked = { at, again: at + nextAfterMs };
      if (content !== undefined) take(content, version);
    } catch (error) {
      telemetry.error(`AppConfig cannot be asked for the settings: ${messageOf(error)}`, { error });
    }
  };

  /** Why nothing may be repaired, as a sentence that stays the same while it is so. */
  const whyNot = (now: number): string | undefined => {
    if (confirmedAt === undefined || delivered === undefined) return notYet;
    if ("refused" in delivered) return delivered.refused;
    const age = now - confirmedAt;
    return age >= 0 && age <= repairsGoodForMs
      ? undefined
      : `The settings could not be read from AppConfig since ${new Date(confirmedAt).toISOString()}.`;
  };

  const isTime = (now: number): boolean => asked === undefined || now >= asked.again || now < asked.at;

  return async () => {
    if (isTime(clock().getTime()))
      polling ??= ask().finally(() => {
        polling = undefined;
      });
    await polling;
    const why = whyNot(clock().getTime());
    const base = usable ?? fallback;
    if (why === undefined) return base;
    telemetry.count("SettingsUnusable");
    if (held?.repairs.held !== why || held.controls !== base.controls) held = holding(base, why);
    return held;
  };
};
