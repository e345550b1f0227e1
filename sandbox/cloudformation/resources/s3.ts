import * as z from "zod";
import { handler, ignored, policyDocument, type ResourceHandler } from "../resource.ts";

const bucket = handler(
  {
    BucketName: z.string().optional(),
    // What S3 does with what lies there: nothing of it changes who may put an object.
    BucketEncryption: ignored,
    LifecycleConfiguration: ignored,
    OwnershipControls: ignored,
    PublicAccessBlockConfiguration: ignored,
    VersioningConfiguration: ignored,
    Tags: ignored,
  },
  (making, { BucketName: name = making.newName().toLowerCase() }) => {
    const { state, place } = making;
    const existing = state.buckets.get(name);
    const { accountId, region } = place;
    if (existing === undefined) state.buckets.set(name, { name, accountId, region, objects: new Map() });
    return { ref: name, attributes: { Arn: `arn:aws:s3:::${name}` } };
  },
);

const bucketPolicy = handler(
  { Bucket: z.string(), PolicyDocument: policyDocument },
  ({ state, logicalId }, { Bucket: name, PolicyDocument: policy }) => {
    const found = state.buckets.get(name);
    if (found === undefined) throw new Error(`there is no bucket ${name}`);
    found.policy = policy;
    return { ref: logicalId };
  },
);

export const s3Resources: Readonly<Record<string, ResourceHandler>> = {
  "AWS::S3::Bucket": bucket,
  "AWS::S3::BucketPolicy": bucketPolicy,
};
