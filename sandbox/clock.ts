/** The sandbox's own time: it stands still until somebody advances it. */
export interface VirtualClock {
  now(): Date;
  /** Moves time forward by `ms` milliseconds. */
  advance(ms: number): void;
}

export const createClock = (start: Date): VirtualClock => {
  let time = start.getTime();
  return {
    now: () => new Date(time),
    advance: (ms) => {
      if (!(ms >= 0)) throw new RangeError(`time only moves forward, not by ${ms} ms`);
      time += ms;
    },
  };
};
