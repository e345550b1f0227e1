import * as z from "zod";
import { severities } from "../control.ts";
import { controls } from "../controls/catalogue.ts";
import { repairNews, violationNews } from "../findings/finding.ts";
import type { Notice } from "../notify/notice.ts";
import { accountId, emailPattern, ouPath, tagText } from "./schema-parts.ts";

const protocols = ["email", "https", "sqs", "lambda"] as const;
type Protocol = (typeof protocols)[number];

/** The attributes of a message that a subscriber can choose by. */
type FilterAttribute = "severity" | "control" | "account" | "ouPath" | "kind" | "owner";

/** Who is told: of everything, or of what matches each of the attributes that `only` names. */
export interface Subscriber {
  readonly protocol: Protocol;
  readonly endpoint: string;
  /** `ouPath`: an OU with everything below it. */
  readonly only?: Readonly<Partial<Record<FilterAttribute, readonly string[]>>>;
}

/** What the messages' attribute `kind` may say: each kind of notice. */
const kinds = [
  ...violationNews,
  ...repairNews,
  "reminder",
  "breakerTripped",
  "exemptionExpiring",
  "blindAccounts",
  "digest",
] as const satisfies readonly Notice["kind"][];

const endpoints: Readonly<Record<Protocol, { readonly pattern: RegExp; readonly expected: string }>> = {
  email: { pattern: emailPattern, expected: "an email address" },
  https: { pattern: /^https:\/\/[A-Za-z0-9[][!-~]{0,2000}$/, expected: "a URL that begins with https://" },
  sqs: {
    pattern: /^arn:aws[a-z-]{0,20}:sqs:[a-z0-9-]{1,30}:\d{12}:[A-Za-z0-9_-]{1,80}$/,
    expected: "the ARN of a queue, not a FIFO queue",
  },
  lambda: {
    pattern:
      /^arn:aws[a-z-]{0,20}:lambda:[a-z0-9-]{1,30}:\d{12}:function:[A-Za-z0-9_-]{1,64}(?::[A-Za-z0-9$_-]{1,128})?$/,
    expected: "the ARN of a function",
  },
};

/** SNS takes filters of at most so many attributes, with at most so many combinations of values. */
const mostAttributes = 5;
const mostCombinations = 150;

const values = <T extends z.ZodType<string>>(value: T) => z.array(value).min(1).max(mostCombinations).exactOptional();

const only = z
  .strictObject({
    severity: values(z.enum(severities)),
    control: values(z.enum(controls.map(({ id }) => id))),
    account: values(accountId),
    ouPath: values(ouPath).describe("OUs with everything below them, by the names from the root down."),
    kind: values(z.enum(kinds)),
    owner: values(tagText(1, 256, "an owner as the tag names it, in quotes")),
  })
  .check(({ value, issues }) => {
    const lists = Object.entries(value).filter(([, list]) => list !== undefined);
    // An OU with everything below it takes two of SNS's conditions.
    const combinations = lists.reduce((all, [name, { length }]) => all * length * (name === "ouPath" ? 2 : 1), 1);
    const tooMuch = (message: string) => issues.push({ code: "custom", input: value, message });
    if (lists.length > mostAttributes)
      tooMuch(`names ${lists.length} attributes; write at most ${mostAttributes} for one subscriber`);
    if (combinations > mostCombinations)
      tooMuch(
        `makes ${combinations} combinations of values (an OU counts twice); write at most ${mostCombinations} for one subscriber`,
      );
  });

const subscriber = z
  .strictObject({
    protocol: z.enum(protocols).describe("email gets plain text, the others JSON."),
    endpoint: z.string({ error: "an email address, a URL or an ARN, as the protocol asks" }),
    only: only
      .exactOptional()
      .describe(
        "Which messages: those that match every attribute named here; absent: all. A digest has no control, account, ouPath or owner.",
      ),
  })
  .check(({ value: { protocol, endpoint }, issues }) => {
    const { pattern, expected } = endpoints[protocol];
    if (pattern.test(endpoint)) return;
    issues.push({
      code: "custom",
      path: ["endpoint"],
      input: endpoint,
      message: `is no endpoint of protocol ${protocol}; write ${expected}`,
    });
  })
  .meta({
    oneOf: protocols.map((protocol) => ({
      properties: { protocol: { enum: [protocol] }, endpoint: { pattern: endpoints[protocol].pattern.source } },
    })),
  });

/** Who is told, and of what. */
export const subscribersSchema = z
  .array(subscriber)
  .max(100)
  .default([])
  .check(({ value, issues }) => {
    for (const [index, { protocol, endpoint }] of value.entries()) {
      const first = value.findIndex((other) => other.protocol === protocol && other.endpoint === endpoint);
      if (first < index)
        issues.push({
          code: "custom",
          path: [index],
          input: value[index],
          message: "is subscribed already; write each endpoint only once",
        });
    }
  });
