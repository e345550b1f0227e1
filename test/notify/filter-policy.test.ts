import { describe, expect, it } from "vitest";
import { passesFilter } from "../../sandbox/sns/filter.ts";
import { filterPolicyOf } from "../../shared/notify/filter-policy.ts";
import { snsMessage } from "../../shared/notify/sns.ts";
import { parseSettings } from "../../shared/settings/parse-yaml.ts";
import { aFinding } from "../support/findings.ts";
import { noticeOf } from "../support/published-notice.ts";

const finding = aFinding({
  severity: "high",
  account: { id: "111122223333", name: "shop", ouPath: "Root/Workloads/Prod" },
  owners: ["team-a", "team-b"],
});

/** Whether a subscriber whom the settings describe so hears of that finding, by SNS's own rules. */
const hears = (only: string): boolean => {
  const text = `version: 1\nsubscribers: [{ protocol: email, endpoint: a@example.com${only === "" ? "" : `, only: ${only}`} }]\n`;
  const [subscriber] = parseSettings(text, "warden.config.yaml").subscribers;
  const policy = subscriber && filterPolicyOf(subscriber);
  const { Message, MessageAttributes } = snsMessage(noticeOf(finding));
  const attributes = Object.fromEntries(
    Object.entries(MessageAttributes).map(([name, { DataType = "", StringValue = "" }]) => [
      name,
      { type: DataType, value: StringValue },
    ]),
  );
  const asked = new Map(policy === undefined ? [] : [["FilterPolicy", JSON.stringify(policy)]]);
  const subscription = { arn: "", ownerId: "", protocol: "email", endpoint: "a@example.com", attributes: asked };
  return passesFilter(subscription, Message, attributes);
};

describe("a subscriber hears", () => {
  it.each([
    ["everything where nothing is asked for", "", true],
    ["of a severity", "{ severity: [high, critical] }", true],
    ["nothing of others", "{ severity: [low] }", false],
    ["of an account", '{ account: ["111122223333"] }', true],
    ["of an OU itself", "{ ouPath: [Root/Workloads/Prod] }", true],
    ["of what is below an OU", "{ ouPath: [Root/Workloads] }", true],
    ["nothing of an OU whose name only begins alike", "{ ouPath: [Root/Work] }", false],
    ["of one of its owners", "{ owner: [team-b] }", true],
    ["nothing of other owners", "{ owner: [team-c] }", false],
    ["of what matches every attribute", "{ severity: [high], kind: [opened], ouPath: [Root] }", true],
    ["nothing of what misses one", "{ severity: [high], kind: [resolved] }", false],
  ])("%s", (_name, only, expected) => {
    expect(hears(only)).toBe(expected);
  });
});
