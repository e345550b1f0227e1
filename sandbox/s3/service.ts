import * as z from "zod";
import { AwsError, type Call, operation, type Permission, type Service } from "../protocol/service.ts";
import type { Bucket, StoredObject } from "./state.ts";

const ofObject = { Bucket: z.string(), Key: z.string().min(1).max(1024) };

/** @throws AwsError `NoSuchBucket` */
const requireBucket = ({ state }: Call, name: string): Bucket => {
  const bucket = state.buckets.get(name);
  if (bucket === undefined) throw new AwsError("NoSuchBucket", "The specified bucket does not exist", 404);
  return bucket;
};

/** @throws AwsError `NoSuchBucket`, `NoSuchKey` */
const requireObject = (call: Call, bucket: string, key: string): StoredObject => {
  const found = requireBucket(call, bucket).objects.get(key);
  if (found === undefined) throw new AwsError("NoSuchKey", "The specified key does not exist.", 404);
  return found;
};

const objectNeeds = (call: Call, { Bucket: name, Key }: { Bucket: string; Key: string }): readonly Permission[] => {
  const { accountId, policy: resourcePolicy } = requireBucket(call, name);
  return [{ resource: `arn:aws:s3:::${name}/${Key}`, accountId, resourcePolicy }];
};

/** Of Amazon S3, the writing and reading of objects, in whose place a bucket stands in the path or in the host's name. */
export const s3: Service = {
  name: "s3",
  protocol: {
    type: "rest-json",
    routes: {
      GetObject: {
        method: "GET",
        path: "/{Bucket}/{Key+}",
        output: { headers: { ContentType: "content-type" }, payload: "Body" },
      },
      HeadObject: {
        method: "HEAD",
        path: "/{Bucket}/{Key+}",
        output: {
          headers: { ContentType: "content-type", ContentLength: "content-length", LastModified: "last-modified" },
        },
      },
      PutObject: {
        method: "PUT",
        path: "/{Bucket}/{Key+}",
        input: { headers: { "content-type": "ContentType" }, payload: "Body" },
      },
    },
  },
  operations: {
    GetObject: operation(
      ofObject,
      (call, { Bucket: name, Key }) => {
        const { body, contentType } = requireObject(call, name, Key);
        return { Body: body, ContentType: contentType };
      },
      objectNeeds,
    ),
    HeadObject: operation(
      ofObject,
      (call, { Bucket: name, Key }) => {
        const { body, contentType, at } = requireObject(call, name, Key);
        return { ContentType: contentType, ContentLength: Buffer.byteLength(body), LastModified: at.toUTCString() };
      },
      (call, input) => objectNeeds(call, input).map((need) => ({ ...need, action: "s3:GetObject" })),
    ),
    PutObject: operation(
      { ...ofObject, Body: z.string(), ContentType: z.string().default("binary/octet-stream") },
      (call, { Bucket: name, Key, Body: body, ContentType: contentType }) => {
        requireBucket(call, name).objects.set(Key, { body, contentType, at: call.now });
        return {};
      },
      objectNeeds,
    ),
  },
  unrecorded: ["GetObject", "HeadObject", "PutObject"],
};
