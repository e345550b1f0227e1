import type { SandboxState } from "../state.ts";
import type { EventBus, Rule } from "./state.ts";

export const busArn = (accountId: string, region: string, name: string): string =>
  `arn:aws:events:${region}:${accountId}:event-bus/${name}`;

/** Of a rule on the default bus the ARN leaves the bus's name out. */
export const ruleArn = (accountId: string, region: string, bus: string, name: string): string =>
  `arn:aws:events:${region}:${accountId}:rule/${bus === "default" ? "" : `${bus}/`}${name}`;

const newBus = (arn: string, name: string): EventBus => ({ arn, name, statements: new Map(), rules: new Map() });

/** Adds a bus of its own. @throws Error if there is one of that name */
export const addBus = (state: SandboxState, accountId: string, region: string, name: string): EventBus => {
  const arn = busArn(accountId, region, name);
  if (state.buses.has(arn)) throw new Error(`event bus ${arn} exists already`);
  const bus = newBus(arn, name);
  state.buses.set(arn, bus);
  return bus;
};

/** The bus that every account has in every Region without making it. */
export const defaultBus = (state: SandboxState, accountId: string, region: string): EventBus => {
  const arn = busArn(accountId, region, "default");
  const bus = state.buses.get(arn) ?? newBus(arn, "default");
  state.buses.set(arn, bus);
  return bus;
};

/** The policy of a bus as JSON; undefined where it lets nobody else in. */
export const busPolicy = ({ statements }: EventBus): string | undefined =>
  statements.size === 0
    ? undefined
    : JSON.stringify({
        Version: "2012-10-17",
        Statement: [...statements].map(([Sid, statement]) => ({ Sid, ...Object(statement) })),
      });

/** The rules of an account in a Region, on whichever bus, in the order in which they were made. @internal for tests */
export const rulesOf = (state: SandboxState, accountId: string, region: string): readonly Rule[] =>
  [...state.buses.values()]
    .filter(({ arn }) => arn.startsWith(busArn(accountId, region, "")))
    .flatMap(({ rules }) => [...rules.values()]);
