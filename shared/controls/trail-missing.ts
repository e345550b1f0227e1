import { compliant, defineControl, noOptions, unknown, violation } from "../control.ts";

/** Nobody records what is done in the account. */
export const trailMissing = defineControl({
  id: "trail-missing",
  title: "No trail logs the account's management events",
  severity: "high",
  frameworks: { securityHub: "CloudTrail.1", nist: ["AU-2", "AU-12"] },
  subjects: ["account"],
  hints: [
    "cloudtrail:CreateTrail",
    "cloudtrail:DeleteTrail",
    "cloudtrail:PutEventSelectors",
    "cloudtrail:StartLogging",
    "cloudtrail:StopLogging",
    "cloudtrail:UpdateTrail",
  ],
  options: noOptions,
  guidance: {
    what: "No trail that logs in the account, neither its own nor its organization's, covers every Region, is logging, takes management events that write, and can write them to its bucket.",
    why: "What is done in the account leaves no record that lasts, and EventBridge hears of no call: iam-warden itself sees a change only in the next sweep.",
    counts: [
      "One trail that does all of it is enough; a trail of the organization counts in each of its accounts.",
      "A trail of one Region does not count, since IAM and sign-in record in others; neither does one whose logging was stopped.",
      "A trail that leaves out reads counts; one that takes reads alone, data events alone, or all but IAM's does not.",
      "Nor does one that S3 or KMS refused when it last wrote to its bucket (`LatestDeliveryError`): the bucket is gone, or its policy or key keeps CloudTrail out. No call of CloudTrail's own tells of that: the sweep finds it.",
      "Where the trails, or what one of them logs, may not be read: unknown.",
      "A trail that is stopped, deleted or narrowed is judged at once in the account that has it, where iam-warden hears of the trail's home Region; what an organization's trail leaves in its members, and a trail of any other Region, by the next sweep. The call that stops the last trail is the last of which EventBridge hears.",
    ],
    fix: {
      cli: `# Best of all once for the organization, from the management account; the bucket's policy has to let CloudTrail write:
aws cloudtrail create-trail --name organization --s3-bucket-name BUCKET_NAME --is-organization-trail --is-multi-region-trail
aws cloudtrail start-logging --name organization

# Where a trail is there, and stopped or of one Region, rather mend it, in the account and Region that it is at home in:
aws cloudtrail update-trail --name TRAIL_NAME --is-multi-region-trail
aws cloudtrail start-logging --name TRAIL_NAME

# Where it cannot write, what S3 answers (then mend the bucket's policy or the key's):
aws cloudtrail get-trail-status --name TRAIL_NAME --query LatestDeliveryError --output text

# What there is, as seen from the account:
aws cloudtrail describe-trails --query "trailList[].[TrailARN,IsMultiRegionTrail,IsOrganizationTrail]" --output text`,
      cloudFormation: `Resources:
  Trail:
    Type: AWS::CloudTrail::Trail
    Properties:
      TrailName: organization
      S3BucketName: BUCKET_NAME
      IsLogging: true
      IsMultiRegionTrail: true
      IsOrganizationTrail: true
      EnableLogFileValidation: true`,
      terraform: `resource "aws_cloudtrail" "organization" {
  name                       = "organization"
  s3_bucket_name             = "BUCKET_NAME"
  is_multi_region_trail      = true
  is_organization_trail      = true
  enable_log_file_validation = true
}`,
    },
  },
  evaluate: ({ account, trails }) => {
    if (!trails.known) return unknown(`Cannot tell whether a trail logs in account ${account.id}`, trails.why);
    const { covering, flaws } = trails.value;
    if (covering !== null) return compliant;
    const reason =
      flaws.length === 0
        ? `Account ${account.id} has no trail.`
        : `No trail of account ${account.id} will do: ${flaws.map(({ trail, flaw }) => `${trail} ${flaw}`).join("; ")}.`;
    return violation(reason, { trails: flaws.map(({ trail, flaw }) => ({ trail, flaw })) });
  },
});
