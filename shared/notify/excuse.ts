import { type Action, exemptCommand } from "./actions.ts";
import type { FindingNotice } from "./notice.ts";

/** How somebody who is not bothered by a finding makes it leave them alone, the narrowest way first. */
export interface Excuse {
  /** `To excuse it`, where there is no room for more. */
  readonly short: string;
  readonly first: Action;
  readonly closes?: string;
  readonly lastResort: string;
  /** Lines of the settings file for that. */
  readonly settings: string;
}

export const excuseFor = ({ finding, entry }: FindingNotice): Excuse => {
  const { kind, name } = finding.subject;
  const off = `controls:\n  ${finding.control}:\n    mode: off`;
  const isOneRole = kind === "role" && /^(?![.])[A-Za-z0-9+=,.@_-]{1,64}$/.test(name);
  return {
    ...(finding.activity === undefined
      ? {
          short: "To excuse it",
          first: {
            to: "Until a date and for a reason, both yours to put in; it stays counted, and is told anew after that",
            command: exemptCommand(finding, entry.at),
          },
        }
      : {
          short: "To acknowledge it",
          first: {
            to: "If you know who did it and why, acknowledge it; that closes it, and keeps your name",
            command: `warden ack ${finding.id}`,
          },
          closes: "Otherwise it closes by itself after 24 hours without further activity.",
        }),
    ...(isOneRole
      ? {
          lastResort:
            "As the last resort, in the settings file warden.config.yaml: exclude roles of this name (in every account) or turn the control off (for everything):",
          settings: `excludedRoles:\n  names:\n    - ${JSON.stringify(name)}\n# or\n${off}`,
        }
      : {
          lastResort:
            "As the last resort, in the settings file warden.config.yaml: turn the control off (for everything):",
          settings: off,
        }),
  };
};
