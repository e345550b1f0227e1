/**
 * What the hub's stack has, as far as it costs, with nothing in mode `remediate`. A test holds this and the synthesized template
 * together: the command is shipped without the stacks.
 */
export const deployed = {
  /** MiB of each function, by its file. */
  memory: {
    "list-accounts": 256,
    "sweep-account": 1024,
    digest: 1024,
    doctor: 512,
    escalate: 1024,
    intake: 512,
    operator: 1024,
    "validate-settings": 512,
  },
  alarms: 40,
  dashboards: 1,
  /** Queues that Lambda polls. */
  polledQueues: 3,
  /** State transitions of a sweep: the states, and the start, of the run and of each account's turn. */
  transitions: { run: 7, account: 4 },
  /** Days that forwarded events are kept to be replayed. */
  archiveDays: 90,
  /** Days that logs are kept. */
  logDays: 90,
} as const;

export type FunctionName = keyof typeof deployed.memory;
