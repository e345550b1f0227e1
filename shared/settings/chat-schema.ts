import * as z from "zod";

/** Text of one form. */
const text = (regex: RegExp, error: string, description: string) =>
  z.string({ error }).regex(regex, { error }).describe(description);

const uuid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;

const slackChannel = z.strictObject({
  workspaceId: text(
    /^[TE][A-Z0-9]{8,20}$/,
    "a Slack workspace's id such as T0123456789",
    "The workspace: authorized in the console of Amazon Q Developer first.",
  ),
  channelId: text(
    /^[CG][A-Z0-9]{8,20}$/,
    "a Slack channel's id such as C0123456789, not its name",
    "The channel; a private one has to have the app invited.",
  ),
});

const teamsChannel = z.strictObject({
  tenantId: text(uuid, "a tenant's id: a UUID in lower case", "The Microsoft Entra tenant."),
  teamId: text(
    uuid,
    "a team's id: a UUID in lower case",
    "The team: authorized in the console of Amazon Q Developer first.",
  ),
  channelId: text(
    /^19%3[aA][A-Za-z0-9_-]{1,200}%40thread\.(?:tacv2|skype)$/,
    "a Teams channel's id as its link has it, such as 19%3a0123abcd%40thread.tacv2",
    "The channel, percent-encoded as in its link.",
  ),
});

export type SlackChannel = z.output<typeof slackChannel>;
export type TeamsChannel = z.output<typeof teamsChannel>;

const channels = <T extends z.ZodType<SlackChannel | TeamsChannel>>(channel: T) =>
  z
    .array(channel)
    .max(20)
    .default([])
    .check(({ value, issues }) => {
      for (const [index, one] of value.entries())
        if (value.findIndex((other) => JSON.stringify(other) === JSON.stringify(one)) < index)
          issues.push({
            code: "custom",
            path: [index],
            input: one,
            message: "is named already; write each channel only once",
          });
    });

/** The chat channels that are told everything. */
export const chatSchema = z
  .strictObject({
    slack: channels(slackChannel).describe("Slack channels."),
    teams: channels(teamsChannel).describe("Microsoft Teams channels."),
  })
  .prefault({});

/** Why a channel cannot choose: what stands here is told to whoever tries. */
export const noChoiceInChat =
  "a channel is told everything: Amazon Q Developer makes one subscription for all channels of a topic, and it takes no filter; leave it out, or tell some things to a subscriber of your own";

/** The endpoint that Amazon Q Developer subscribes by itself. */
const amazonQ = /^https:\/\/[\w.-]*\bsns-api\.chatbot\.amazonaws\.com\b/i;

/** What a subscriber and a channel cannot both be. */
export const subscribedByAmazonQ = ({
  chat,
  subscribers,
}: {
  readonly chat: z.output<typeof chatSchema>;
  readonly subscribers: readonly { readonly endpoint: string }[];
}): z.core.$ZodRawIssue[] => {
  if (chat.slack.length + chat.teams.length === 0) return [];
  return subscribers.flatMap(({ endpoint }, index): z.core.$ZodRawIssue[] =>
    amazonQ.test(endpoint)
      ? [
          {
            code: "custom",
            path: ["subscribers", index, "endpoint"],
            input: endpoint,
            message: "is subscribed by Amazon Q Developer itself for the channels under chat; leave it out",
          },
        ]
      : [],
  );
};
