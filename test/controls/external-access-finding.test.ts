import { externalAccessFinding } from "../../shared/controls/external-access-finding.ts";
import { type ExternalAccess, known, unknownFact } from "../../shared/facts/facts.ts";
import { unlimited } from "../../shared/organization/view.ts";
import { describeControl } from "../support/describe-control.ts";
import { account, organizationView, resourceFacts } from "../support/facts.ts";

const home = "us-east-1";
const hub = "444455556666";
const stranger = "999988887777";
const bucket = "arn:aws:s3:::example-bucket";
const analyzer = (region: string, of = account.id) => `arn:aws:access-analyzer:${region}:${of}:analyzer/external`;

/** Found by the account's own analyzer: everybody may get objects. */
const access = (over: Partial<ExternalAccess> = {}): ExternalAccess => ({
  principal: { AWS: "*" },
  actions: ["s3:GetObject"],
  condition: {},
  isPublic: over.principal === undefined,
  zone: "account",
  region: home,
  analyzerArn: analyzer(over.region ?? home),
  ...over,
});
const toStranger = { principal: { AWS: stranger } };
const evidence = (of: Partial<ExternalAccess> = {}) => {
  const { principal, actions, condition, isPublic } = access(of);
  return { principal, actions: [...actions], condition, isPublic };
};
const here = { region: home, analyzer: analyzer(home) };
const of = (...all: readonly ExternalAccess[]) => resourceFacts({ access: all });

/** A violation by what one analyzer found. */
const reached = (over: Partial<ExternalAccess>, by: string) => ({
  facts: of(access(over)),
  reason: `S3 bucket ${bucket} can be reached by ${by}: Access Analyzer found it in us-east-1.`,
  evidence: {
    ...{ type: "AWS::S3::Bucket", isPublic: access(over).isPublic, foundBy: [here], access: [evidence(over)] },
  },
});

describeControl(externalAccessFinding, {
  violates: {
    "anybody has access": { ...reached({}, "anyone (s3:GetObject)"), severity: "high" },
    "one account outside the organization": reached(toStranger, `account ${stranger} (s3:GetObject)`),
    "several, the worst first, however many analyzers found them": {
      facts: of(
        access({ ...toStranger, condition: { "aws:SourceVpc": "vpc-1" } }),
        access(),
        access({ region: "eu-west-1", actions: ["s3:GetObject", "s3:ListBucket", "s3:PutObject", "s3:DeleteObject"] }),
        access({ zone: "organization", analyzerArn: analyzer(home, hub) }),
      ),
      severity: "high",
      reason: `S3 bucket ${bucket} can be reached by anyone, account ${stranger} (s3:GetObject, s3:ListBucket, s3:PutObject and 1 more), under conditions on aws:SourceVpc: Access Analyzer found it in eu-west-1, us-east-1.`,
      evidence: {
        type: "AWS::S3::Bucket",
        isPublic: true,
        foundBy: [
          here,
          { region: "eu-west-1", analyzer: analyzer("eu-west-1") },
          { ...here, analyzer: analyzer(home, hub) },
        ],
        access: [
          evidence({ ...toStranger, condition: { "aws:SourceVpc": "vpc-1" } }),
          evidence(),
          evidence({ actions: ["s3:GetObject", "s3:ListBucket", "s3:PutObject", "s3:DeleteObject"] }),
        ],
      },
    },
    "a role of another account": reached(
      { principal: { AWS: `arn:aws:iam::${stranger}:role/reader` }, actions: [] },
      `arn:aws:iam::${stranger}:role/reader`,
    ),
    "somebody by other than an account": reached(
      { principal: { CanonicalUser: "79a59df900b949e5" } },
      "CanonicalUser 79a59df900b949e5 (s3:GetObject)",
    ),
    "somebody without a name": reached({ principal: {} }, "somebody whom Access Analyzer does not name (s3:GetObject)"),
    "an account that the organization's own analyzer calls outside": reached(
      { principal: { AWS: hub }, zone: "organization" },
      `account ${hub} (s3:GetObject)`,
    ),
    "another organization": reached(
      { principal: { AWS: "*" }, condition: { "aws:PrincipalOrgID": "o-stranger01" } },
      "anyone whom a condition lets in (s3:GetObject), under conditions on aws:PrincipalOrgID",
    ),
    "public, where the organization is not known": {
      ...reached({}, "anyone (s3:GetObject)"),
      organization: unknownFact("the organization was not read yet"),
      severity: "high",
    },
    "an account in no organization": {
      ...reached({ principal: { AWS: hub } }, `account ${hub} (s3:GetObject)`),
      organization: unlimited("the account is in no organization"),
    },
    "a resource of a type that is not known here": {
      ...reached(toStranger, ""),
      facts: { ...of(access(toStranger)), type: "AWS::New::Thing" },
      reason: `Resource (AWS::New::Thing) ${bucket} can be reached by account ${stranger} (s3:GetObject): Access Analyzer found it in us-east-1.`,
      evidence: { ...reached(toStranger, "").evidence, type: "AWS::New::Thing" },
    },
    "found in one Region while another cannot be read": {
      ...reached(toStranger, `account ${stranger} (s3:GetObject)`),
      facts: {
        ...of(access(toStranger)),
        unread: [{ region: "eu-west-1", why: "access-analyzer:ListFindings was denied" }],
      },
    },
  },
  complies: {
    "nothing is found any more": { facts: of() },
    "an account of the organization": { facts: of(access({ principal: { AWS: hub } })) },
    "a user of an account of the organization": {
      facts: of(access({ principal: { AWS: `arn:aws:iam::${hub}:user/reader` } })),
    },
    "the organization by a condition": {
      facts: of(access({ principal: { AWS: "*" }, condition: { "aws:PrincipalOrgID": "o-exampleorg1" } })),
    },
    "an account that the settings trust": {
      facts: of(access({ ...toStranger, zone: "organization" })),
      options: { trustedAccountIds: [stranger] },
    },
    "a trusted account where the organization is not known": {
      facts: of(access(toStranger)),
      options: { trustedAccountIds: [stranger] },
      organization: unknownFact("the organization was not read yet"),
    },
  },
  unknown: {
    "whether an account is of the organization": {
      facts: of(access({ principal: { AWS: hub } })),
      organization: unknownFact("the organization was not read yet"),
      reason: `Cannot tell whether others can reach ${bucket}: whether they are of the organization: the organization was not read yet`,
    },
    "a Region that cannot be read": {
      facts: { ...of(), unread: [{ region: home, why: "access-analyzer:ListFindings was denied" }] },
      reason: `Cannot tell whether others can reach ${bucket}: access-analyzer:ListFindings was denied in us-east-1`,
    },
    "a resource that Access Analyzer could not analyze": {
      facts: {
        ...of(access({ principal: { AWS: hub } })),
        unread: [{ region: home, why: "Access Analyzer could not analyze the resource (ACCESS_DENIED)" }],
      },
      organization: organizationView({ analyzers: known([]) }),
      reason: `Cannot tell whether others can reach ${bucket}: Access Analyzer could not analyze the resource (ACCESS_DENIED) in us-east-1`,
    },
  },
});
