import { SourceError } from "../../text/source-error.ts";

/** The blocks that a configuration of Terraform consists of, as a line of it begins one. */
const block = /^(?:resource|data|module|provider|variable|output|locals|terraform)(?:[ \t]+"[^"\n]*")*[ \t]*\{/m;

/**
 * Terraform's own files say less than what Terraform makes of them, and are no JSON: configurations by their name or their blocks, and
 * saved plans, which are zip archives.
 * @throws SourceError for one of them, which says how it is judged
 */
export const refuseTerraformSource = (text: string, fileName: string): void => {
  const isPlan = text.startsWith("PK\u0003\u0004");
  const isSource = /\.tf$/i.test(fileName) || (!/\.(?:json|ya?ml)$/i.test(fileName) && block.test(text));
  if (!isPlan && !isSource) return;
  throw new SourceError(
    0,
    `this is Terraform's own ${isPlan ? "plan file" : "configuration"}, which is read as \`terraform show -json\` prints it: ` +
      "terraform plan -out plan.out && terraform show -json plan.out | npx warden lint -",
  );
};
