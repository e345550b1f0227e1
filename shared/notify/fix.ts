import type { Finding } from "../findings/finding.ts";
import type { SubjectKind } from "../subject.ts";
import { shellQuote } from "./escape.ts";

/** What the controls' snippets leave open. */
const placeholder =
  /\b(?:USER_NAME|ROLE_NAME|KEY_ID|ACCOUNT_ID|FINDING_ID|BOUNDARY_ARN|BUCKET_NAME|OU_ID|POLICY_ID|EXTERNAL_ID|ORGANIZATION_ID)\b/g;

const subjectArn: Partial<Record<SubjectKind, RegExp>> = {
  user: /arn:aws:iam::ACCOUNT_ID:user\/USER_NAME\b/g,
  role: /arn:aws:iam::ACCOUNT_ID:role\/ROLE_NAME\b/g,
};

/** As long as IAM's longest name; what is longer is no name, and is not put into commands. */
const longest = 128;

/**
 * A control's AWS CLI snippet for one finding: placeholders that the finding can fill are filled, the others are named for
 * the reader to fill. A name that is not safe in a shell as it stands is assigned to a variable first, in quotes that hold
 * whatever it contains; the snippet, whatever its own quoting, then uses the variable.
 */
export const fixFor = (
  snippet: string,
  finding: Finding,
): { readonly commands: string; readonly open: readonly string[] } => {
  const { kind, name, accessKeyId } = finding.subject;
  const values: Record<string, string | undefined> = {
    USER_NAME: kind === "user" || kind === "accessKey" ? name : undefined,
    ROLE_NAME: kind === "role" ? name : undefined,
    KEY_ID: accessKeyId,
    ACCOUNT_ID: finding.account.id,
    FINDING_ID: finding.id,
  };
  const open = new Set<string>();
  const assigned = new Map<string, string>();
  // The snippets know no path and no partition; the subject's own ARN has both.
  const own =
    /^[A-Za-z0-9_+=,.@:/-]+$/.test(finding.subject.arn) && finding.subject.arn.length <= 1_000
      ? finding.subject.arn
      : "$&";
  const commands = snippet.replace(subjectArn[kind] ?? /(?!)/g, own).replace(placeholder, (key) => {
    const value = values[key];
    if (value === undefined || value === "" || value.length > longest) {
      open.add(key);
      return key;
    }
    const quoted = shellQuote(value);
    if (quoted === value) return value;
    assigned.set(key, quoted);
    return `"$${key}"`;
  });
  const assignments = [...assigned].map(([key, quoted]) => `${key}=${quoted}\n`).join("");
  return { commands: assignments + commands, open: [...open].sort() };
};
