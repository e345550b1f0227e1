import type { Finding } from "../findings/finding.ts";
import { shellQuote } from "./escape.ts";
import type { FindingNotice } from "./notice.ts";
import { hoursAfter } from "./words.ts";

/** What a person can do: a command of `warden`, and what for. */
export interface Action {
  /** `To undo it`. */
  readonly to: string;
  readonly command: string;
}

/** An exemption that nobody has thought about ends after so many days. */
const exemptDays = 30;

/** Excuses one finding until 30 days after `at`; whoever sends it has the date and the reason to think of. */
export const exemptCommand = ({ id }: Pick<Finding, "id">, at: string): string =>
  `warden exempt ${id} ${untilAndReason(at)}`;

/** The end of such a command: 30 days after `at`. */
export const untilAndReason = (at: string): string =>
  `--until ${hoursAfter(at, exemptDays * 24).slice(0, 10)} --reason "…"`;

/**
 * What somebody may want to do about a finding's news, the likeliest first. An approval is only named where it lifts what
 * holds the repair: no approval lifts a protection, a mode or a breaker.
 */
export const actionsFor = ({ kind, finding, entry }: FindingNotice): readonly Action[] => {
  const { id, repair } = finding;
  const plan: Action = { to: "To see what would be done, and what that would cut off", command: `warden plan ${id}` };
  const show: Action = { to: "To see every step that was made", command: `warden show ${id}` };
  const stage = repair?.stage === "final" ? " --stage final" : "";
  const approve = (to: string): Action => ({ to, command: `warden approve ${id}${stage} --why "…"` });
  const undo: Action = { to: "To undo it", command: `warden undo ${id} --why "…"` };
  switch (kind) {
    case "held":
      return isApprovable(finding) ? [plan, approve("To let it happen all the same")] : [plan];
    case "repaired":
      return isIrreversible(finding) ? [show] : [undo, show];
    case "denied":
      return [{ ...undo, to: "To undo the repair" }, show];
    case "failed":
      if (isUndoRefused(finding))
        return [
          show,
          { to: "To undo it all the same, over what has changed since", command: `${undo.command} --force` },
        ];
      return [
        show,
        plan,
        ...(isIrreversible(finding) ? [] : [{ ...undo, to: "To take back what was done" }]),
        approve("To let it be tried again, however often it failed"),
      ];
    case "undone":
      return finding.status === "open" ? [plan, approve("To have it repaired again all the same")] : [show];
    case "exempted":
      return finding.exemption
        ? [
            {
              to: "To end the exemption before its time",
              command: `warden unexempt ${shellQuote(finding.exemption.id)}`,
            },
          ]
        : [];
    case "resolved":
      return [];
    default:
      return entry.repairAfterHours === undefined && repair === undefined ? [] : [plan];
  }
};

/** Whether a person's approval of the plan lets a held repair happen. */
const isApprovable = ({ repair }: Finding): boolean =>
  repair?.state === "held" && (repair.interlock === "blastRadius" || repair.interlock === "approved");

/** A ladder's last step deletes, and so does every repair of a root user: nothing brings that back. */
export const isIrreversible = ({ repair, subject }: Finding): boolean =>
  repair?.stage === "final" || subject.kind === "root";

/** Whether what failed last was not the repair, which stands, but undoing it. */
export const isUndoRefused = ({ history }: Finding): boolean =>
  history.findLast(({ what }) => what === "remediating" || what === "repaired" || what === "undone")?.what ===
  "repaired";
