import type { Remediation } from "../../shared/remediation/remediation.ts";
import { minuteMs } from "./plan.ts";
import type { Observed, OwnWrite } from "./record.ts";

/** Between what a run of the writer read and what it writes by it: as long as an invocation may last, and clocks differ. */
export const graceMs = 20 * minuteMs;

/** A write of a repair, not of its undo. */
export type RepairWrite = OwnWrite & { readonly remediation: Remediation };

export const isRepair = (write: OwnWrite): write is RepairWrite =>
  write.remediation !== undefined && write.remediation.undo === undefined;

/** Which write, and when. */
export const describe = ({ operation, slot, accountId, at }: OwnWrite): string =>
  `${operation} (${slot}) in ${accountId} at ${new Date(at).toISOString()}`;

/** The first write of each remediation: those after it complete what it began. */
export const firstWrites = ({ writes }: Observed): readonly RepairWrite[] => {
  const seen = new Set<string>();
  return writes.filter(isRepair).filter(({ remediation }) => {
    const isFirst = !seen.has(remediation.id);
    seen.add(remediation.id);
    return isFirst;
  });
};

/** What stood at a slot before the first write of each remediation there. */
export const beforeImages = ({ writes }: Observed): ReadonlyMap<string, OwnWrite> => {
  const images = new Map<string, OwnWrite>();
  for (const write of writes.filter(isRepair)) {
    const key = `${write.remediation.id} ${write.slot}`;
    if (!images.has(key)) images.set(key, write);
  }
  return images;
};
