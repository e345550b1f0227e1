import { describe, expect, it } from "vitest";
import { SettingsError } from "../../shared/errors.ts";
import { parseSettings } from "../../shared/settings/parse-yaml.ts";
import { defaultSettings } from "../../shared/settings/settings.ts";

const slack = "{ workspaceId: T0123456789, channelId: C0123456789 }";
const teams =
  "{ tenantId: 01234567-89ab-cdef-0123-456789abcdef, teamId: 89abcdef-0123-4567-89ab-cdef01234567, channelId: 19%3a0123abcd%40thread.tacv2 }";
const read = (text: string) => parseSettings(`version: 1\n${text}`, "f");
const problems = (text: string): readonly string[] => {
  try {
    read(text);
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
};

describe("chat", () => {
  it("is told nothing by default", () => {
    expect(defaultSettings().chat).toEqual({ slack: [], teams: [] });
  });

  it("names channels as Slack and Teams name them", () => {
    expect(read(`chat:\n  slack: [${slack}]\n  teams: [${teams}]\n`).chat).toEqual({
      slack: [{ workspaceId: "T0123456789", channelId: "C0123456789" }],
      teams: [
        {
          tenantId: "01234567-89ab-cdef-0123-456789abcdef",
          teamId: "89abcdef-0123-4567-89ab-cdef01234567",
          channelId: "19%3a0123abcd%40thread.tacv2",
        },
      ],
    });
  });

  it.each([
    [`slack: [${slack.replace("C0123456789", "'#alerts'")}]`, "channelId", "not its name"],
    [`slack: [${slack.replace("C0123456789", "D0123456789")}]`, "channelId", "such as C0123456789"],
    [`slack: [${slack.replace("T0123456789", "acme")}]`, "workspaceId", "such as T0123456789"],
    [`slack: [{ channelId: C0123456789 }]`, "workspaceId", "is missing"],
    [`teams: [${teams.replace("89abcdef-0123", "89abcdef")}]`, "teamId", "a UUID"],
    [
      `teams: [${teams.replace("19%3a0123abcd%40", "'19:0123abcd@")}]`.replace("tacv2", "tacv2'"),
      "channelId",
      "as its link has it",
    ],
    [`slack: [${slack}, ${slack}]`, "slack[1]", "only once"],
    [`slack: ${slack}`, "chat.slack", "a list"],
    [`discord: []`, "chat.discord", "write any of slack, teams"],
  ])("with %s is refused, and it says what would be right", (chat, where, says) => {
    const found = problems(`chat:\n  ${chat}\n`);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(where);
    expect(found[0]).toContain(says);
  });

  it("cannot choose, and says why", () => {
    expect(problems(`chat:\n  slack:\n    - ${slack.replace(" }", ", only: { severity: [critical] } }")}\n`)).toEqual([
      "f:4:59 chat.slack[0].only: a channel is told everything: Amazon Q Developer makes one subscription for all channels of a topic, and it takes no filter; leave it out, or tell some things to a subscriber of your own",
    ]);
  });

  it("is not subscribed a second time", () => {
    const subscribers =
      'subscribers:\n  - { protocol: https, endpoint: "https://global.sns-api.chatbot.amazonaws.com" }\n';
    expect(problems(subscribers)).toEqual([]);
    expect(problems(`${subscribers}chat: { slack: [${slack}] }\n`)).toEqual([
      "f:3:34 subscribers[0].endpoint: is subscribed by Amazon Q Developer itself for the channels under chat; leave it out",
    ]);
  });
});
