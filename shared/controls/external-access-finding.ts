import * as z from "zod";
import {
  compliant,
  defineControl,
  type EvaluationContext,
  type Evidence,
  type Severity,
  unknown,
  violation,
} from "../control.ts";
import { type ExternalAccess, type ResourceFacts, whyUnread } from "../facts/facts.ts";
import { isUnlimited } from "../organization/view.ts";
import type { Ternary } from "../policy/language/ternary.ts";
import { trustedAccountIds } from "./terms/trust/account-ids.ts";

const options = z.strictObject({
  trustedAccountIds: trustedAccountIds("Accounts outside the organization that may have access to resources."),
});
type Options = z.infer<typeof options>;

const severity: Severity = "medium";
const severityOfPublic: Severity = "high";

/** A resource that somebody outside the organization can reach, as IAM Access Analyzer found. */
export const externalAccessFinding = defineControl({
  id: "external-access-finding",
  title: "Resource can be reached from outside",
  severity,
  frameworks: {},
  subjects: ["resource"],
  hints: [],
  analyzerFindings: true,
  options,
  guidance: {
    what: "IAM Access Analyzer has an active finding of external access: the policy, access list or grant of a resource (a bucket, key, queue, secret, function, snapshot and the like) lets in somebody outside the organization.",
    why: "What a resource's own policy allows needs no user or role in the account: whoever it names, or anybody at all, reads the bucket or uses the key with credentials of their own.",
    counts: [
      "Findings are read from the account's analyzers and from its organization's, in the Regions that iam-warden watches: each day of all resources, and of one when Access Analyzer tells of it, which takes it up to an hour.",
      "Only active findings count. One that somebody archived in Access Analyzer, or an archive rule did, is approved; one that Access Analyzer resolved is over. Whoever administers an account can archive what its own analyzers find, and not what the organization's find.",
      "A resource is one finding here, however many analyzers, Regions, principals and actions were found.",
      "Severity high where access is public, else medium.",
      "Access for accounts of the organization, or for whoever `aws:PrincipalOrgID` holds to it, counts as none, though an account's own analyzer finds it. So do accounts of trustedAccountIds.",
      "Roles are left to `trust-open-to-anyone`, `external-trust-without-external-id` and the controls of OIDC trust, which judge conditions and external ids: nobody is told of a role twice.",
      "Findings of unused access and of internal access are others, and are not read.",
      "Unknown, never in order: where a Region has no active analyzer (see `access-analyzer-missing`), an analyzer may not be asked, or Access Analyzer could not analyze the resource.",
    ],
    fix: {
      cli: `# How the resource is shared, and which actions that allows; ask in the account that has the analyzer:
aws accessanalyzer get-analyzed-resource --analyzer-arn ANALYZER_ARN --resource-arn RESOURCE_ARN --region REGION_NAME
# Take whom it should not let in out of its policy, access list or grants, in its own service. Or, if the access is meant:
# aws accessanalyzer update-findings --analyzer-arn ANALYZER_ARN --resource-arn RESOURCE_ARN --status ARCHIVED --region REGION_NAME`,
      cloudFormation: `# Of a bucket that should not be public; of other resources, take whom it should not let in out of the policy:
Resources:
  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      PublicAccessBlockConfiguration:
        BlockPublicAcls: true
        BlockPublicPolicy: true
        IgnorePublicAcls: true
        RestrictPublicBuckets: true`,
      terraform: `# Of a bucket that should not be public; of other resources, take whom it should not let in out of the policy:
resource "aws_s3_bucket_public_access_block" "bucket" {
  bucket                  = "BUCKET_NAME"
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}`,
    },
  },
  evaluate: (resource, context) => {
    const judged = resource.access.map((access) => ({ access, isInside: isInside(access, context) }));
    const of = (wanted: Ternary) => judged.flatMap(({ access, isInside }) => (isInside === wanted ? [access] : []));
    const outside = of(false);
    if (outside.length > 0) {
      const isPublic = outside.some((access) => access.isPublic);
      return violation(
        reasonOf(resource, outside),
        evidenceOf(resource, outside),
        isPublic ? severityOfPublic : undefined,
      );
    }
    const what = `Cannot tell whether others can reach ${resource.arn}`;
    if (of("unknown").length > 0 && !context.organization.known)
      return unknown(what, `whether they are of the organization: ${context.organization.why}`);
    const why = whyUnread(resource.unread);
    return why === undefined ? compliant : unknown(what, why);
  },
});

/** The account of a principal; `undefined` where it names everybody or somebody by other than an account. */
const accountOf = ({ principal }: ExternalAccess): string | undefined => {
  const { AWS: named = "" } = principal;
  return /^(?:arn:[\w-]+:(?:iam|sts)::)?(\d{12})(?::|$)/.exec(named)?.[1];
};

/** Whether the access is for those whom the settings trust, or for those of the organization alone. */
const isInside = (access: ExternalAccess, { organization, options }: EvaluationContext<Options>): Ternary => {
  if (access.isPublic) return false;
  const account = accountOf(access);
  if (account !== undefined && options.trustedAccountIds.includes(account)) return true;
  if (access.zone === "organization") return false;
  const organizationId = access.condition["aws:PrincipalOrgID"];
  if (account === undefined && organizationId === undefined) return false;
  if (isUnlimited(organization)) return false;
  if (!organization.known) return "unknown";
  const { id, accountIds } = organization.value;
  return organizationId === id || (account !== undefined && accountIds.has(account));
};

/** What people call a resource of each type that Access Analyzer knows. */
const typeWords: Readonly<Record<string, string>> = {
  "AWS::DynamoDB::Stream": "DynamoDB stream",
  "AWS::DynamoDB::Table": "DynamoDB table",
  "AWS::EC2::Snapshot": "EBS snapshot",
  "AWS::ECR::Repository": "ECR repository",
  "AWS::EFS::FileSystem": "EFS file system",
  "AWS::KMS::Key": "KMS key",
  "AWS::Lambda::Function": "Lambda function",
  "AWS::Lambda::LayerVersion": "Lambda layer",
  "AWS::RDS::DBClusterSnapshot": "RDS cluster snapshot",
  "AWS::RDS::DBSnapshot": "RDS snapshot",
  "AWS::S3::Bucket": "S3 bucket",
  "AWS::S3Express::DirectoryBucket": "S3 directory bucket",
  "AWS::SNS::Topic": "SNS topic",
  "AWS::SQS::Queue": "SQS queue",
  "AWS::SecretsManager::Secret": "Secret",
};

const wordOf = ({ type }: ResourceFacts): string =>
  type !== null && Object.hasOwn(typeWords, type) ? (typeWords[type] ?? type) : `Resource (${type})`;

/** So many are named in a reason; the evidence has them all. */
const named = 3;

const listed = (all: readonly string[]): string => {
  const some = [...new Set(all)];
  const more = some.length - named;
  return more > 0 ? `${some.slice(0, named).join(", ")} and ${more} more` : some.join(", ");
};

const principalOf = ({ principal, isPublic }: ExternalAccess): string => {
  if (isPublic) return "anyone";
  const { AWS: aws, ...others } = principal;
  if (aws !== undefined)
    return /^\d{12}$/.test(aws) ? `account ${aws}` : aws === "*" ? "anyone whom a condition lets in" : aws;
  const all = Object.entries(others).map(([kind, name]) => `${kind} ${name}`);
  return all.length === 0 ? "somebody whom Access Analyzer does not name" : all.join(", ");
};

const reasonOf = (resource: ResourceFacts, outside: readonly ExternalAccess[]): string => {
  const worstFirst = outside.toSorted((a, b) => Number(b.isPublic) - Number(a.isPublic));
  const conditions = outside.flatMap(({ condition }) => Object.keys(condition)).sort();
  const under = conditions.length === 0 ? "" : `, under conditions on ${listed(conditions)}`;
  const regions = outside.map(({ region }) => region).sort();
  const actions = worstFirst.flatMap((access) => access.actions);
  const allowed = actions.length === 0 ? "" : ` (${listed(actions)})`;
  return `${wordOf(resource)} ${resource.arn} can be reached by ${listed(worstFirst.map(principalOf))}${allowed}${under}: Access Analyzer found it in ${listed(regions)}.`;
};

/** The same of the same access, whichever analyzer told of it first. */
const evidenceOf = ({ type }: ResourceFacts, outside: readonly ExternalAccess[]): Evidence => {
  const access = outside.map(({ principal, actions, condition, isPublic }) => ({
    ...{ principal: sorted(principal), actions: [...actions], condition: sorted(condition), isPublic },
  }));
  const foundBy = outside.map(({ region, analyzerArn }) => ({ region, analyzer: analyzerArn }));
  return {
    type,
    isPublic: outside.some((one) => one.isPublic),
    foundBy: distinct(foundBy),
    access: distinct(access),
  };
};

const sorted = (entries: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.keys(entries)
      .sort()
      .map((key) => [key, entries[key] ?? ""]),
  );

const distinct = <T>(all: readonly T[]): T[] => [...new Map(all.map((one) => [JSON.stringify(one), one])).values()];
