import { type EventBridgeEvent, envelope, parametersOrNull } from "./cloudtrail.ts";
import { timestamp } from "./protocol/query.ts";
import type { AwsError, Output } from "./protocol/service.ts";
import type { Ids } from "./random.ts";

/** The record of a call that a token vouches for, in the account of the role. Who holds the token has no account. */
export const webIdentityRecord = (
  ids: Ids,
  of: {
    readonly accountId: string;
    readonly providerArn: string;
    readonly aud: string;
    readonly sub: string;
    readonly input: {
      readonly RoleArn: string;
      readonly RoleSessionName: string;
      readonly DurationSeconds?: number | undefined;
    };
    readonly output?: Output;
    readonly error?: AwsError;
    readonly now: Date;
    readonly region: string;
    readonly sourceIPAddress: string;
    readonly userAgent: string;
  },
): EventBridgeEvent => {
  const { accountId, providerArn, aud, sub, input, output, error } = of;
  const { RoleArn, RoleSessionName, DurationSeconds } = input;
  return envelope(ids, accountId, "AWS API Call via CloudTrail", {
    eventVersion: "1.11",
    userIdentity: {
      type: "WebIdentityUser",
      principalId: `${providerArn}:${aud}:${sub}`,
      userName: sub,
      identityProvider: providerArn,
    },
    eventTime: timestamp(of.now),
    eventSource: "sts.amazonaws.com",
    eventName: "AssumeRoleWithWebIdentity",
    awsRegion: of.region,
    sourceIPAddress: of.sourceIPAddress,
    userAgent: of.userAgent,
    ...(error && { errorCode: error.code, errorMessage: error.message }),
    requestParameters: parametersOrNull({ RoleArn, RoleSessionName, DurationSeconds }),
    responseElements: parametersOrNull(output),
    requestID: ids.uuid(),
    eventID: ids.uuid(),
    readOnly: true,
    eventType: "AwsApiCall",
    managementEvent: true,
    recipientAccountId: accountId,
    eventCategory: "Management",
  });
};
