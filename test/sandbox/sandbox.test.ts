import { CreateUserCommand, GetUserCommand, IAMClient, ListUsersCommand } from "@aws-sdk/client-iam";
import { expect, test } from "vitest";
import { createSandbox, type EventBridgeEvent } from "../../sandbox/sandbox.ts";

const started = () => {
  const sandbox = createSandbox();
  const events: EventBridgeEvent[] = [];
  sandbox.subscribe((event) => events.push(event));
  const accountId = sandbox.state.organization.managementAccountId;
  const iam = new IAMClient(sandbox.clientConfig(sandbox.credentialsFor(accountId, "root")));
  return { sandbox, events, accountId, iam };
};

test("a user created through the SDK exists, and its record is delivered", async () => {
  const { iam, events, accountId } = started();
  const { User } = await iam.send(
    new CreateUserCommand({ UserName: "alice", Tags: [{ Key: "team", Value: "a+b = c" }] }),
  );
  expect(User).toMatchObject({
    Arn: `arn:aws:iam::${accountId}:user/alice`,
    UserId: expect.stringMatching(/^AIDA[A-Z2-7]{17}$/),
    CreateDate: new Date("2026-11-02T08:00:00Z"),
    Tags: [{ Key: "team", Value: "a+b = c" }],
  });
  expect((await iam.send(new GetUserCommand({ UserName: "alice" }))).User).toEqual(User);
  expect((await iam.send(new ListUsersCommand({}))).Users).toHaveLength(1);
  expect(events[0]).toMatchObject({
    "detail-type": "AWS API Call via CloudTrail",
    source: "aws.iam",
    account: accountId,
    detail: {
      eventName: "CreateUser",
      userIdentity: { type: "Root" },
      requestParameters: { userName: "alice", tags: [{ key: "team", value: "a+b = c" }] },
    },
  });
});
