import { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import { CloudTrailClient } from "@aws-sdk/client-cloudtrail";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { SQSClient } from "@aws-sdk/client-sqs";
import type { AwsAccess } from "../aws/access.ts";
import { type Connection, connectionOf } from "../aws/aws-access.ts";

/** The clients that only the doctor needs: no other function carries them. */
export interface DoctorClients {
  /** EventBridge in a Region of an account, with its audit role; without an account in the hub, with the function's own. */
  events(region: string, accountId?: string): EventBridgeClient;
  /** CloudTrail in a Region of an account, with its audit role. */
  cloudTrail(region: string, accountId: string): CloudTrailClient;
  cloudFormation(): CloudFormationClient;
  sqs(): SQSClient;
}

/**
 * @param audit lends the credentials of accounts' audit roles
 * @param region the hub's
 */
export const createDoctorClients = ({
  audit,
  region,
  connection,
}: {
  readonly audit: Pick<AwsAccess, "credentials">;
  readonly region: string;
  readonly connection: Connection;
}): DoctorClients => {
  const own = connectionOf(connection);
  const sqs = new SQSClient({ ...own, region });
  // They share one handler, hence its sockets.
  const base = { ...own, requestHandler: sqs.config.requestHandler };
  return {
    events: (at, accountId) =>
      new EventBridgeClient({
        ...base,
        region: at,
        ...(accountId !== undefined && { credentials: audit.credentials(accountId) }),
      }),
    cloudTrail: (at, accountId) =>
      new CloudTrailClient({ ...base, region: at, credentials: audit.credentials(accountId) }),
    cloudFormation: () => new CloudFormationClient({ ...base, region }),
    sqs: () => sqs,
  };
};
