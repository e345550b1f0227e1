import { type NewFinding, putFinding } from "../analyzers/findings.ts";
import { analyzedRegions, analyzerArn, analyzerIn } from "../analyzers/state.ts";
import type { AccountState, SandboxState } from "../state.ts";
import type { Twin, Violation } from "./plan.ts";

interface Sharing {
  readonly state: SandboxState;
  readonly joinedAt: Date;
  readonly hub: AccountState;
  readonly active: readonly AccountState[];
}

const control = "external-access-finding";
/** Of an account that nobody here knows. */
const stranger = "999988887777";

/** What the organization's analyzers look at, and the Region of which the accounts' own tell. */
const home = "us-east-1";
const ownRegion = "eu-west-1";

/** What analyzers found of resources; which of it is a flaw, and what stands beside it and is none, is given back. */
export const shareResources = ({
  state,
  joinedAt,
  hub,
  active,
}: Sharing): { readonly violations: readonly Violation[]; readonly twins: readonly Twin[] } => {
  const named = (name: string): AccountState => {
    const found = active.find((account) => account.name === name);
    if (found === undefined) throw new Error(`the demo has no account ${name}`);
    return found;
  };
  let made = 0;
  const put = (analyzer: string, finding: Omit<NewFinding, "id">): void => {
    const id = `0c5b1f6e-0000-4000-8000-${String(++made).padStart(12, "0")}`;
    putFinding(state, analyzer, { id, ...finding }, joinedAt);
  };
  const organizations = (region: string) => analyzerArn(hub.id, region, "organization");
  const own = ({ id }: AccountState) => analyzerArn(id, ownRegion, "account");
  const bucket = (name: string) => ({ resource: `arn:aws:s3:::${name}`, resourceType: "AWS::S3::Bucket" });

  const [shop, data, services] = ["shop-prod", "data-platform-prod", "kestrel-shared-services"].map(named) as [
    AccountState,
    AccountState,
    AccountState,
  ];
  // A website that once was in a bucket: everybody may read it, and somebody even write.
  const website = { ...bucket("shop-assets.kestrel.example"), owner: shop.id };
  put(organizations(home), { ...website, action: ["s3:GetObject", "s3:ListBucket"] });
  put(organizations(home), { ...website, principal: { AWS: stranger }, action: ["s3:PutObject"] });
  const key = {
    ...{ resource: `arn:aws:kms:${ownRegion}:${data.id}:key/5d3a1c52-7f0e-4a57-9f0b-2f7f6f0a9b11` },
    ...{ resourceType: "AWS::KMS::Key", owner: data.id },
  };
  put(own(data), { ...key, principal: { AWS: stranger }, action: ["kms:Decrypt", "kms:DescribeKey"] });

  // Quiet: what somebody approved, what is over, what an account of the organization may, and what others judge.
  put(organizations(home), { ...bucket("shop-images.kestrel.example"), owner: shop.id, status: "ARCHIVED" });
  put(organizations(home), { ...bucket("shop-import.kestrel.example"), owner: shop.id, status: "RESOLVED" });
  const queue = `arn:aws:sqs:${ownRegion}:${services.id}:builds`;
  put(own(services), {
    ...{ resource: queue, resourceType: "AWS::SQS::Queue", owner: services.id },
    ...{ principal: { AWS: shop.id }, action: ["sqs:SendMessage"] },
  });
  const role = [...services.roles.values()].find(({ trustPolicy }) => trustPolicy.includes('"*"'));
  if (role === undefined) throw new Error("nobody in the demo trusts everybody");
  for (const region of analyzedRegions) {
    const analyzer = region === ownRegion ? own(services) : organizations(region);
    const trusted = { resource: role.arn, resourceType: "AWS::IAM::Role", owner: services.id };
    put(analyzer, { ...trusted, action: ["sts:AssumeRole"] });
  }
  const unused = analyzerIn(hub.id, home, {
    ...{ createdAt: joinedAt, name: "unused", type: "ORGANIZATION_UNUSED_ACCESS" },
  });
  hub.analyzers.set(unused.arn, unused);
  put(unused.arn, { resource: role.arn, resourceType: "AWS::IAM::Role", owner: services.id, principal: {} });

  const violates = ({ id: account }: AccountState, name: string): Violation => ({
    ...{ control, account, subject: { kind: "resource", name } },
  });
  return {
    violations: [violates(shop, website.resource), violates(data, key.resource)],
    twins: [{ ...violates(services, queue), confinedBy: "likeness" }],
  };
};
