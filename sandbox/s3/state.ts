/** An S3 bucket; its name is its own in all the sandbox. */
export interface Bucket {
  readonly name: string;
  readonly accountId: string;
  readonly region: string;
  /** The bucket policy, as JSON. */
  policy?: string;
  /** By key, the latest version of each. */
  readonly objects: Map<string, StoredObject>;
}

export interface StoredObject {
  readonly body: string;
  readonly contentType: string;
  readonly at: Date;
}
