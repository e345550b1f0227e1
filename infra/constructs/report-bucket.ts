import { Duration, RemovalPolicy, Stack } from "aws-cdk-lib";
import { type IGrantable, PolicyStatement } from "aws-cdk-lib/aws-iam";
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";
import { reportPrefix } from "../../shared/report/store.ts";
import { planPrefix } from "../../shared/sweep/kept-plan.ts";
import { accept, acceptWildcard } from "./accepted.ts";
import type { Plans } from "./sweep-definition.ts";

/** A year and a month: an auditor who asks about last year still finds its first day. */
const keptFor = Duration.days(396);
/** What a retried run replaced, or somebody deleted, can be brought back for a month. */
const oldVersionsKeptFor = Duration.days(30);

/** A plan is of use while its run lasts; for a month it shows what a run went through. */
const plansKeptFor = Duration.days(30);

/** Where the plans and the reports of sweeps lie. They name whom to attack, so that nobody reads them but whom IAM lets. */
export class ReportBucket extends Construct {
  readonly bucketName: string;
  readonly plans: Plans;
  readonly #objects: string;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const bucket = new Bucket(this, "Bucket", {
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      versioned: true,
      removalPolicy: RemovalPolicy.RETAIN,
      lifecycleRules: [
        {
          prefix: reportPrefix,
          expiration: keptFor,
          noncurrentVersionExpiration: oldVersionsKeptFor,
          abortIncompleteMultipartUploadAfter: Duration.days(1),
        },
        {
          prefix: planPrefix,
          expiration: plansKeptFor,
          noncurrentVersionExpiration: Duration.days(1),
          abortIncompleteMultipartUploadAfter: Duration.days(1),
        },
      ],
    });
    accept(
      bucket,
      "S1",
      "Logs of access would need a bucket of their own to guard; CloudTrail's data events tell who read a report, where an organization turns them on.",
    );
    this.bucketName = bucket.bucketName;
    this.#objects = bucket.arnForObjects(`${reportPrefix}*`);
    this.plans = { bucket, objects: bucket.arnForObjects(`${planPrefix}*`) };
    for (const objects of [this.#objects, this.plans.objects])
      acceptWildcard(
        Stack.of(this),
        objects,
        "The key of a plan or a report has the name of its run, which is not known when it is deployed.",
      );
  }

  /** Writing reports: no reading, listing or deleting, and nothing else in the bucket. */
  grantWrite(grantee: IGrantable): void {
    allow(grantee, "s3:PutObject", this.#objects);
  }

  grantPlan(grantee: IGrantable): void {
    allow(grantee, "s3:PutObject", this.plans.objects);
  }

  grantReadPlan(grantee: IGrantable): void {
    allow(grantee, "s3:GetObject", this.plans.objects);
  }
}

const allow = ({ grantPrincipal }: IGrantable, action: string, objects: string): void => {
  grantPrincipal.addToPrincipalPolicy(new PolicyStatement({ actions: [action], resources: [objects] }));
};
