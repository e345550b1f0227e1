import type { Severity } from "../../shared/control.ts";
import { controlById } from "../../shared/controls/catalogue.ts";
import { lintRules } from "../../shared/lint/rules/index.ts";

/** What a rule's findings mean, and what to do about them. */
export interface RuleGuidance {
  readonly id: string;
  readonly title: string;
  readonly severity: Severity;
  readonly what: string;
  readonly why: string;
  /** How to repair it, in the tools that files are written for. */
  readonly fix?: { readonly cloudFormation: string; readonly terraform: string };
  /** In the repository. */
  readonly page: string;
}

/** Of a control, or of a rule of lint's own. @throws Error for an id that is neither's */
export const guidanceOf = (id: string): RuleGuidance => {
  const control = controlById(id);
  if (control !== undefined) {
    const { title, severity, guidance } = control;
    const { what, why, fix } = guidance;
    return { id, title, severity, what, why, fix, page: `docs/controls/${id}.md` };
  }
  const rule = lintRules.find((one) => one.id === id);
  if (rule === undefined) throw new Error(`there is no rule ${id}`);
  const { title, severity, why } = rule;
  return { id, title, severity, what: `${title}.`, why, page: `docs/lint.md#${id}` };
};
