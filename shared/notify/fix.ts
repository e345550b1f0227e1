import type { Guidance } from "../control.ts";
import type { Finding } from "../findings/finding.ts";
import type { SubjectKind } from "../subject.ts";
import { shellQuote } from "./escape.ts";

/** What the controls' snippets leave open. */
const placeholder =
  /\b(?:USER_NAME|ROLE_NAME|KEY_ID|ACCOUNT_ID|FINDING_ID|BOUNDARY_ARN|BUCKET_NAME|TRAIL_NAME|PROVIDER_ARN|ANALYZER_ARN|RESOURCE_ARN|CERTIFICATE_NAME|CREDENTIAL_ID|OU_ID|POLICY_ID|EXTERNAL_ID|ORGANIZATION_ID|REGION_NAME|PRINCIPAL_(?:KIND|NAME|ARN)|POLICY_(?:NAME|ARN)|STATEMENT_NAME|GROUP_NAME)\b/g;

const subjectArn: Partial<Record<SubjectKind, RegExp>> = {
  user: /arn:aws:iam::ACCOUNT_ID:user\/USER_NAME\b/g,
  role: /arn:aws:iam::ACCOUNT_ID:role\/ROLE_NAME\b/g,
};

/** As long as IAM's longest name; what is longer is no name, and is not put into commands. An ARN has a path, too. */
const longest = (key: string): number => (key.endsWith("_ARN") ? 700 : 128);

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

/** The first statement that gives a principal what its finding is about, as the evidence has it. */
const grantOf = ({ evidence }: Finding): Readonly<Record<string, string | undefined>> => {
  const [grant] = Array.isArray(evidence.grants) ? evidence.grants : [];
  if (!isRecord(grant)) return {};
  const policy = textOf(grant.policy);
  const isArn = policy?.startsWith("arn:");
  return {
    POLICY_ARN: isArn ? policy : undefined,
    POLICY_NAME: isArn ? policy?.slice(policy.lastIndexOf("/") + 1) : policy,
    STATEMENT_NAME: textOf(grant.statement),
    GROUP_NAME: textOf(grant.group),
  };
};

/**
 * A control's AWS CLI snippet for one finding: placeholders that the finding can fill are filled, the others are named for
 * the reader to fill. A name that is not safe in a shell as it stands is assigned to a variable first, in quotes that hold
 * whatever it contains; the snippet, whatever its own quoting, then uses the variable.
 */
export const fixFor = (
  snippet: string,
  finding: Finding,
): { readonly commands: string; readonly open: readonly string[] } => {
  const { kind } = finding.subject;
  const values = valuesOf(finding);
  const open = new Set<string>();
  const assigned = new Map<string, string>();
  // The snippets know no path and no partition; the subject's own ARN has both.
  const commands = snippet.replace(subjectArn[kind] ?? /(?!)/g, ownArn(finding)).replace(placeholder, (key) => {
    const value = values[key];
    if (value === undefined || value === "" || value.length > longest(key)) {
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

const ownArn = ({ subject: { arn } }: Finding): string =>
  /^[A-Za-z0-9_+=,.@:/-]+$/.test(arn) && arn.length <= 1_000 ? arn : "$&";

/** The first analyzer that found access to a resource, as the evidence has it. */
const analyzerOf = ({ evidence: { foundBy } }: Finding): Readonly<Record<string, string | undefined>> => {
  const first: unknown = Array.isArray(foundBy) ? foundBy[0] : undefined;
  return isRecord(first) ? { ANALYZER_ARN: textOf(first.analyzer), REGION_NAME: textOf(first.region) } : {};
};

/** The first trail that will not do, by the name that ends its ARN. */
const trailOf = ({ evidence: { trails } }: Finding): Readonly<Record<string, string | undefined>> => {
  const first: unknown = Array.isArray(trails) ? trails[0] : undefined;
  return isRecord(first) ? { TRAIL_NAME: textOf(first.trail)?.replace(/^.*:trail\//, "") } : {};
};

/** What a finding knows of what the snippets leave open. */
const valuesOf = (finding: Finding): Readonly<Record<string, string | undefined>> => {
  const { kind, name, arn, accessKeyId } = finding.subject;
  return {
    USER_NAME: kind === "user" || kind === "accessKey" ? name : undefined,
    ROLE_NAME: kind === "role" ? name : undefined,
    CERTIFICATE_NAME: kind === "serverCertificate" ? name : undefined,
    PROVIDER_ARN: kind === "oidcProvider" || kind === "samlProvider" ? finding.subject.arn : undefined,
    ...(kind === "resource" && { RESOURCE_ARN: arn, ...analyzerOf(finding) }),
    ...(kind === "account" && trailOf(finding)),
    KEY_ID: accessKeyId,
    ACCOUNT_ID: finding.account.id,
    FINDING_ID: finding.id,
    ...(kind === "user" || kind === "role" || kind === "group"
      ? { PRINCIPAL_KIND: kind, PRINCIPAL_NAME: name, PRINCIPAL_ARN: arn }
      : {}),
    ...grantOf(finding),
  };
};

/** The same of a template or configuration: a value that would need quotes there is left open. */
export const fileFixFor = (
  snippet: string,
  finding: Finding,
): { readonly text: string; readonly open: readonly string[] } => {
  const values = valuesOf(finding);
  const open = new Set<string>();
  const text = snippet
    .replace(subjectArn[finding.subject.kind] ?? /(?!)/g, ownArn(finding))
    .replace(placeholder, (key) => {
      const value = values[key];
      if (value !== undefined && value.length <= longest(key) && /^[A-Za-z0-9][A-Za-z0-9_+=.:/@-]*$/.test(value))
        return value;
      open.add(key);
      return key;
    });
  return { text, open: [...open].sort() };
};

/** What to do about one finding, in each tool: where its evidence says what to write, that is written. */
export const fixesFor = ({ fix, fixOf }: Guidance, finding: Pick<Finding, "subject" | "evidence">): Guidance["fix"] =>
  fixOf?.(finding) ?? fix;
