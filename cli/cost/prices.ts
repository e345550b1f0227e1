/** What AWS takes for so many units. */
export interface Price {
  /** US dollars for `per` units. */
  readonly usd: number;
  readonly per: number;
  /** As the bill counts, in the plural. */
  readonly unit: string;
  /** Not read off a price list, but as it is commonly known. */
  readonly isApproximate?: true;
}

const million = 1_000_000;

/**
 * All prices in one place, without any free tier. EventBridge's are from AWS's price page, Lambda's and DynamoDB's from
 * published price lists of us-east-1, SQS's and SNS's from the list of eu-central-1 of 11 September 2026, which is the same or
 * dearer; the approximate ones are to be compared with https://calculator.aws before anybody relies on them.
 */
export const prices = {
  eventsForwarded: { usd: 1, per: million, unit: "events" },
  lambdaRequests: { usd: 0.2, per: million, unit: "requests" },
  lambdaCompute: { usd: 0.0000133334, per: 1, unit: "GB-seconds" },
  tableWrites: { usd: 0.625, per: million, unit: "write units" },
  tableReads: { usd: 0.125, per: million, unit: "read units" },
  tableStorage: { usd: 0.25, per: 1, unit: "GB", isApproximate: true },
  tableRecovery: { usd: 0.2, per: 1, unit: "GB", isApproximate: true },
  queueRequests: { usd: 0.4, per: million, unit: "requests" },
  publishes: { usd: 0.5, per: million, unit: "publishes" },
  emails: { usd: 2, per: 100_000, unit: "emails", isApproximate: true },
  keyRequests: { usd: 0.03, per: 10_000, unit: "requests", isApproximate: true },
  transitions: { usd: 0.025, per: 1000, unit: "transitions", isApproximate: true },
  logsIngested: { usd: 0.5, per: 1, unit: "GB", isApproximate: true },
  logsStored: { usd: 0.03, per: 1, unit: "GB", isApproximate: true },
  alarms: { usd: 0.1, per: 1, unit: "alarms", isApproximate: true },
  metrics: { usd: 0.3, per: 1, unit: "metrics", isApproximate: true },
  dashboards: { usd: 3, per: 1, unit: "dashboards", isApproximate: true },
  archiveWritten: { usd: 0.1, per: 1, unit: "GB", isApproximate: true },
  archiveKept: { usd: 0.023, per: 1, unit: "GB", isApproximate: true },
  settingsPolls: { usd: 0.2, per: million, unit: "requests", isApproximate: true },
  settingsReceived: { usd: 0.0008, per: 1, unit: "answers", isApproximate: true },
  dataBetweenRegions: { usd: 0.02, per: 1, unit: "GB", isApproximate: true },
} as const satisfies Readonly<Record<string, Price>>;

export type PriceName = keyof typeof prices;

/** Of when and where the prices are. */
export const pricesOf = { region: "us-east-1", month: "2026-11" } as const;
