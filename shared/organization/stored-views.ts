import { MalformedInputError } from "../errors.ts";
import { type Fact, known, unknownFact } from "../facts/facts.ts";
import type { Telemetry } from "../telemetry.ts";
import { createViewer } from "./account-view.ts";
import type { OrganizationReading } from "./organization.ts";
import type { OrganizationStore } from "./store.ts";
import type { OrganizationView } from "./view.ts";

/** The organization as accounts see it, for whoever judges something. */
export interface OrganizationViews {
  /**
   * What nobody read, or nobody read of late, is not known.
   * @throws ThrottledError | StoreError
   */
  of(accountId: string): Promise<Fact<OrganizationView>>;
  /** Notes that there may be a newer reading: the next question looks for it. */
  outdate(): void;
}

/** A sweep that failed once is nothing yet; what is older than two of them would pass what has long been changed. */
export const goodForHours = 48;

/** How a reading looks to an account at a time. */
export const createTimedViewer = (
  reading: OrganizationReading | undefined,
): ((accountId: string, now: Date) => Fact<OrganizationView>) => {
  if (reading === undefined) return () => unknownFact("the organization was not read yet");
  const { readAt, organization } = reading;
  if (!organization.known) return () => organization;
  const view = createViewer(organization.value);
  return (accountId, now) =>
    now.getTime() - Date.parse(readAt) > goodForHours * 3_600_000
      ? unknownFact(`the organization was last read at ${readAt}, more than ${goodForHours} hours ago`)
      : known(view(accountId));
};

/** So long nobody asks whether there is a newer reading. */
const askedEveryMs = 60_000;

/** Views of what was stored last. A reading is taken from the store once; whether there is a newer one, at most once a minute. */
export const createStoredViews = ({
  store,
  clock,
  telemetry,
}: {
  readonly store: Pick<OrganizationStore, "latest" | "generation">;
  readonly clock: () => Date;
  readonly telemetry: Pick<Telemetry, "error">;
}): OrganizationViews => {
  let current:
    | { readonly generation: string | undefined; readonly view: ReturnType<typeof createTimedViewer> }
    | undefined;
  let asked: { readonly at: number; readonly done: Promise<void> } | undefined;

  const latest = async (): Promise<ReturnType<typeof createTimedViewer>> => {
    try {
      return createTimedViewer(await store.latest());
    } catch (error) {
      if (!(error instanceof MalformedInputError)) throw error;
      telemetry.error(`What is stored of the organization cannot be read: ${error.message}`, { error });
      return () => unknownFact("what is stored of the organization cannot be read");
    }
  };
  const refresh = async (): Promise<void> => {
    const generation = await store.generation();
    if (current === undefined || generation !== current.generation) current = { generation, view: await latest() };
  };

  return {
    of: async (accountId) => {
      const now = clock();
      if (asked === undefined || Math.abs(now.getTime() - asked.at) >= askedEveryMs) {
        const done = refresh().catch((error: unknown) => {
          asked = undefined;
          throw error;
        });
        asked = { at: now.getTime(), done };
      }
      await asked.done;
      return current?.view(accountId, now) ?? unknownFact("the organization was not read yet");
    },
    outdate: () => {
      asked = undefined;
    },
  };
};
