/** The sandbox's own time: it stands still until somebody advances it. */
export interface VirtualClock {
  now(): Date;
  /** How many times faster than for the clients its time passes: what lasts an hour for them lasts so many here. */
  readonly rate: number;
  /** Moves time forward by `ms` milliseconds. */
  advance(ms: number): void;
}

export const createClock = (start: Date, rate = 1): VirtualClock => {
  let time = start.getTime();
  return {
    now: () => new Date(time),
    rate,
    advance: (ms) => {
      if (!(ms >= 0)) throw new RangeError(`time only moves forward, not by ${ms} ms`);
      time += ms;
    },
  };
};
