import { CreateTopicCommand, PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { describe, expect, test } from "vitest";
import { AwsError } from "../../sandbox/protocol/service.ts";
import { createSandbox } from "../../sandbox/sandbox.ts";
import { DeliveryError } from "../../shared/errors.ts";
import { type NoticeKind, repairNews, violationNews } from "../../shared/findings/finding.ts";
import { createSnsNotifier } from "../../shared/notify/sns.ts";
import { aDigest } from "../support/digest.ts";
import { actor, aFinding, findingAbout, hostileNames } from "../support/findings.ts";
import { noticeOf } from "../support/published-notice.ts";

const kinds: readonly NoticeKind[] = [...violationNews, ...repairNews];

describe("SNS", () => {
  const start = async () => {
    const sandbox = createSandbox();
    const credentials = sandbox.credentialsFor(sandbox.state.organization.managementAccountId, "root");
    const client = new SNSClient({ ...sandbox.clientConfig(credentials, { region: "eu-west-1" }), maxAttempts: 1 });
    const { TopicArn: topicArn = "" } = await client.send(new CreateTopicCommand({ Name: "findings" }));
    return { sandbox, client, topicArn };
  };

  test("takes every kind of notice", async () => {
    const { client, topicArn } = await start();
    const notifier = createSnsNotifier({ client, topicArn });
    for (const kind of kinds) await notifier.publish(noticeOf(aFinding({ actor }), kind));
    await notifier.publish({ kind: "digest", digest: aDigest() });
    for (const name of Object.values(hostileNames))
      await notifier.publish(noticeOf(findingAbout(name, { account: { id: "111122223333", name, ouPath: name } })));
  });

  test("that refuses a notice, and not all of them, says so", async () => {
    const { client, topicArn, sandbox } = await start();
    sandbox.intercept(() => {
      throw new AwsError("InvalidParameter", "Invalid parameter: Message too long", 400);
    });
    const failed = createSnsNotifier({ client, topicArn }).publish(noticeOf(aFinding()));
    await expect(failed).rejects.toMatchObject({ name: "DeliveryError", refused: true });
  });

  test("that does not answer is a retryable error with its cause", async () => {
    const { client, topicArn } = await start();
    const notifier = createSnsNotifier({ client, topicArn: `${topicArn}-missing` });
    const failed = await notifier.publish(noticeOf(aFinding())).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(DeliveryError);
    expect(failed).toMatchObject({ retryable: true, refused: false, cause: { name: "NotFoundException" } });
    await expect(
      client.send(new PublishCommand({ TopicArn: topicArn, Message: "still there" })),
    ).resolves.toBeDefined();
  });
});
