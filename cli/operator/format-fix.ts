import { controlById } from "../../shared/controls/catalogue.ts";
import type { Finding } from "../../shared/findings/finding.ts";
import { fileFixFor, fixesFor, fixFor } from "../../shared/notify/fix.ts";
import { visibleText } from "../../shared/visible-text.ts";
import { CommandError } from "../command-error.ts";

/** What fixes are written for. */
export const tools = ["cli", "cloudformation", "terraform"] as const;

/**
 * What to do about a finding in one tool, ready to be used but for what its first line names.
 * @throws CommandError for a finding of a control that this command does not know
 */
export const formatFix = (finding: Finding, tool: (typeof tools)[number]): string => {
  const control = controlById(finding.control);
  if (control === undefined)
    throw new CommandError(`This command does not know the control ${finding.control}: it is of another version.`);
  const fixes = fixesFor(control.guidance, finding);
  const { text, open } = inTool(fixes, finding, tool);
  const lines = text.split("\n").map(visibleText);
  return `${[...(open.length > 0 ? [`# Put in yourself: ${open.join(", ")}.`] : []), ...lines].join("\n")}\n`;
};

const inTool = (fixes: ReturnType<typeof fixesFor>, finding: Finding, tool: (typeof tools)[number]) => {
  if (tool !== "cli") return fileFixFor(tool === "terraform" ? fixes.terraform : fixes.cloudFormation, finding);
  const { commands, open } = fixFor(fixes.cli, finding);
  return { text: commands, open };
};
