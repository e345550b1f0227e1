import { assumed } from "./assumptions.ts";
import { deployed, type FunctionName } from "./deployed.ts";
import { type Price, type PriceName, prices } from "./prices.ts";

/** How big a deployment is. Whole numbers. */
export interface Size {
  readonly accounts: number;
  /** Events a day, of all accounts together, that the rules forward. */
  readonly eventsPerDay: number;
  /** Regions with rules, that of IAM's events included. */
  readonly regions: number;
  /** Open findings, of all accounts together. */
  readonly findings: number;
}

/** One item of a month's bill. */
export interface Line {
  readonly item: string;
  /** Units in a month. */
  readonly quantity: number;
  readonly price: Price;
  /** US dollars in a month. */
  readonly usd: number;
}

const kib = 1024;
const gib = 1024 ** 3;

/** What each item takes in a month. */
const quantities = (size: Size): Readonly<Record<PriceName, number>> => {
  const days = assumed("daysInMonth");
  const { accounts, findings, regions } = size;
  const events = size.eventsPerDay * days;
  const hours = 24 * days;
  const changed = events * assumed("findingShare");
  const commands = assumed("commandsPerDay") * days;

  const invocations: Readonly<Record<FunctionName, readonly [count: number, seconds: number]>> = {
    intake: [events, assumed("intakeSeconds")],
    "list-accounts": [days, assumed("listSeconds") + accounts / 100],
    "sweep-account": [accounts * days, assumed("sweepSeconds")],
    // One that tells, one that writes the report.
    digest: [2 * days, assumed("digestSeconds") + accounts / 20],
    escalate: [hours, assumed("hourlySeconds") + accounts / 5],
    doctor: [assumed("doctorPerDay") * days * accounts, assumed("commandSeconds")],
    operator: [commands, assumed("commandSeconds")],
    "validate-settings": [assumed("settingsChanges"), assumed("commandSeconds")],
  };
  const runs = Object.entries(invocations).map(([name, [count, seconds]]) => ({
    count,
    gbSeconds: (count * seconds * deployed.memory[name as FunctionName]) / kib,
  }));
  const requests = sum(runs.map(({ count }) => count));
  const logGb = (requests * assumed("logKiBPerInvocation") * kib) / gib;

  // A finding, its copy in the index of what is active, and its key in that of what is untold.
  const writesOfFinding = assumed("writesPerFinding") * (2 * assumed("findingKiB") + 1);
  // All open findings are read: twice by each sweep, and each hour. A read unit is 4 KiB.
  const readsOfFindings = (findings * assumed("findingKiB")) / 4;
  const tableGb = ((findings + changed) * 2 * assumed("findingKiB") * kib) / gib;
  const eventsGb = (events * assumed("eventKiB") * kib) / gib;
  const publishes = changed + days;
  const polls = (deployed.polledQueues * assumed("pollersPerQueue") * days * 86_400) / 20;

  return {
    eventsForwarded: events,
    // IAM's events appear in one Region: with others there, the hub is taken to be in one of those.
    dataBetweenRegions: (eventsGb * (regions - 1)) / regions,
    archiveWritten: eventsGb,
    archiveKept: (eventsGb * deployed.archiveDays) / days,
    queueRequests: events * 3 + polls,
    lambdaRequests: requests,
    lambdaCompute: sum(runs.map(({ gbSeconds }) => gbSeconds)),
    // Of each sweep: its result, what was counted, what was verified, its mark, and that it arrived.
    tableWrites: changed * writesOfFinding + accounts * days * 7,
    tableReads: events * assumed("readsPerEvent") + (2 * days + hours) * (readsOfFindings + accounts) + hours * 6,
    tableStorage: tableGb,
    tableRecovery: tableGb,
    settingsPolls: requests,
    settingsReceived: assumed("settingsPerDay") * days,
    transitions: days * (deployed.transitions.run + accounts * deployed.transitions.account),
    publishes,
    emails: publishes * assumed("emailSubscribers"),
    keyRequests: publishes + assumed("keyRequestsPerDay") * days,
    logsIngested: logGb,
    logsStored: (logGb * deployed.logDays) / days,
    alarms: deployed.alarms,
    metrics: assumed("metricCount"),
    dashboards: deployed.dashboards,
  };
};

const items: Readonly<Record<PriceName, string>> = {
  eventsForwarded: "EventBridge: events to the hub",
  dataBetweenRegions: "Data between Regions",
  archiveWritten: "EventBridge: archive, written",
  archiveKept: "EventBridge: archive, kept",
  queueRequests: "SQS: events, and looking for them",
  lambdaRequests: "Lambda: requests",
  lambdaCompute: "Lambda: compute",
  tableWrites: "DynamoDB: writes",
  tableReads: "DynamoDB: reads",
  tableStorage: "DynamoDB: storage",
  tableRecovery: "DynamoDB: point-in-time recovery",
  settingsPolls: "AppConfig: asking for settings",
  settingsReceived: "AppConfig: settings received",
  transitions: "Step Functions: sweeps",
  publishes: "SNS: messages",
  emails: "SNS: emails",
  keyRequests: "KMS: AWS's own keys",
  logsIngested: "CloudWatch: logs written",
  logsStored: "CloudWatch: logs kept",
  alarms: "CloudWatch: alarms",
  metrics: "CloudWatch: metrics",
  dashboards: "CloudWatch: dashboard",
};

/** A month's bill, item by item. */
export const monthOf = (size: Size): readonly Line[] => {
  const used = quantities(size);
  return (Object.keys(items) as PriceName[]).map((name) => {
    const price: Price = prices[name];
    return { item: items[name], quantity: used[name], price, usd: (used[name] * price.usd) / price.per };
  });
};

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** US dollars in a month. */
export const totalOf = (lines: readonly Line[]): number => sum(lines.map(({ usd }) => usd));
