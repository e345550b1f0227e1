/**
 * Actions on data, which many a role calls day and night and which last accessed details do not, or need not, list: that
 * others of the service are listed does not mean that these were not called. By service, as policies name it.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html
 */
export const untrackedActions: Readonly<Record<string, readonly string[]>> = {
  dynamodb: ["BatchGetItem", "BatchWriteItem", "DeleteItem", "GetItem", "PutItem", "Query", "Scan", "UpdateItem"],
  "execute-api": ["Invoke"],
  firehose: ["PutRecord", "PutRecordBatch"],
  kinesis: ["GetRecords", "PutRecord", "PutRecords"],
  kms: ["Decrypt", "Encrypt", "GenerateDataKey"],
  lambda: ["InvokeFunction"],
  logs: ["CreateLogStream", "PutLogEvents"],
  s3: ["DeleteObject", "GetObject", "ListBucket", "PutObject"],
  secretsmanager: ["GetSecretValue"],
  sns: ["Publish"],
  sqs: ["DeleteMessage", "ReceiveMessage", "SendMessage"],
};

/** AWS lets everybody call them, whatever a policy says. */
export const freeActions: ReadonlySet<string> = new Set(["sts:getcalleridentity"]);
