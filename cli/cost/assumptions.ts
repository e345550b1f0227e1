/** What nobody can read off the code: how long and how big things are. Each is a number that the result states. */
export const assumptions = {
  daysInMonth: { value: 30, says: "days in a month" },
  intakeSeconds: { value: 2, says: "seconds the intake runs for an event, each event in an invocation of its own" },
  sweepSeconds: { value: 20, says: "seconds a sweep takes in an account, in one turn" },
  listSeconds: { value: 5, says: "seconds it takes to list accounts, and a fifth of one more for each 20 accounts" },
  digestSeconds: { value: 5, says: "seconds the digest takes, and a twentieth of one more for each account" },
  hourlySeconds: { value: 5, says: "seconds the hourly run takes, and a fifth of one more for each account" },
  commandsPerDay: { value: 20, says: "commands of people a day" },
  commandSeconds: { value: 2, says: "seconds the operator takes for a command, and the doctor for an account" },
  doctorPerDay: { value: 1, says: "time a day that somebody asks the doctor about every account" },
  findingShare: { value: 0.02, says: "of the events open or resolve a finding (a fiftieth)" },
  findingKiB: { value: 3, says: "KiB of a finding in the table; as many again in its index" },
  writesPerFinding: { value: 4, says: "times that a finding is written: opened, told, resolved, told" },
  readsPerEvent: { value: 6, says: "read units for an event: its findings, exemptions, what is watched after repairs" },
  eventKiB: { value: 4, says: "KiB of an event" },
  logKiBPerInvocation: { value: 3, says: "KiB of log of an invocation, with its metrics" },
  emailSubscribers: { value: 2, says: "subscribers by email, who get every message" },
  metricCount: { value: 20, says: "metrics that the functions count" },
  pollersPerQueue: { value: 5, says: "pollers that Lambda keeps at a queue, each asking every 20 seconds" },
  settingsPerDay: { value: 100, says: "times a day that a function starts anew and receives the settings" },
  settingsChanges: { value: 4, says: "changes of the settings in a month" },
  keyRequestsPerDay: { value: 288, says: "times a day that DynamoDB asks for its key" },
} as const;

/** A number that is assumed. */
export const assumed = (name: keyof typeof assumptions): number => assumptions[name].value;

/** What the result leaves out, and why. */
export const excluded = [
  "repairs: a function, a queue and nine alarms more",
  "CloudTrail: the first trail's management events are free, and their bucket is there already",
  "IAM, STS, Organizations and StackSets, the rules of EventBridge, its scheduler below 14 million runs: AWS takes nothing",
  "the reports in S3: cents, unless there are findings by the ten thousand",
  "messages to chat, queues and functions, and what these cost you",
  "every free tier, discounts, taxes, and support",
] as const;
