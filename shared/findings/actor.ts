import type { CloudTrailRecord } from "../events/record.ts";
import type { Actor } from "./finding.ts";

/** Who made the call of a record, when and from where. */
export const actorOf = (record: CloudTrailRecord): Actor => {
  const { userIdentity, awsRegion, sourceIPAddress, userAgent } = record;
  const arn = userIdentity.arn ?? userIdentity.invokedBy ?? userIdentity.principalId;
  return {
    ...(arn === undefined ? {} : { arn }),
    ...(userIdentity.type === undefined ? {} : { type: userIdentity.type }),
    eventName: record.eventName,
    eventId: record.eventId,
    at: record.eventTime.toISOString(),
    ...(sourceIPAddress === undefined ? {} : { sourceIPAddress }),
    ...(userAgent === undefined ? {} : { userAgent }),
    ...(awsRegion === undefined ? {} : { region: awsRegion }),
  };
};
