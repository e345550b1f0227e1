import { TagRoleCommand } from "@aws-sdk/client-iam";
import { limitTo } from "../../organizations/attachments.ts";
import type { Queue } from "../../sqs/state.ts";
import { troubled } from "../arrange.ts";
import { demand, demandEqual } from "../demand.ts";
import type { Stage } from "../stage.ts";

/** What cannot be delivered, started or judged is laid aside, each where it belongs, and the doctor says so. */
export const outages = async (stage: Stage): Promise<void> => {
  await notForwarded(stage);
  await notQueued(stage);
  await notStarted(stage);
  await notJudged(stage);
  await stage.hours(1);
};

/** Empties a queue, and says how much lay in it. */
const drain = ({ messages }: Queue): number => messages.splice(0).length;

const queueOf = ({ sandbox }: Stage, matches: (queue: Queue) => boolean): Queue => {
  const found = [...sandbox.state.queues.values()].filter(matches);
  const [queue] = found;
  if (queue === undefined || found.length > 1) throw new Error(`there are ${found.length} such queues`);
  return queue;
};

const notForwarded = async (stage: Stage): Promise<void> => {
  const { sandbox, hub, wiring } = stage;
  const bus = [...sandbox.state.buses.values()].find(({ arn, name }) => arn.includes(hub.id) && name === "iam-warden");
  if (bus === undefined) throw new Error("there is no bus");
  const statements = new Map(bus.statements);
  bus.statements.clear();
  for (const { id } of troubled(stage)) sandbox.signIn(id, "root", { success: false });
  await wiring.settle();
  for (const [name, statement] of statements) bus.statements.set(name, statement);
  for (const { id, name } of troubled(stage)) {
    const aside = queueOf(stage, ({ arn }) => arn === `arn:aws:sqs:us-east-1:${id}:iam-warden-not-forwarded`);
    demand(drain(aside) > 0, `what ${name} cannot forward is laid aside`);
  }
};

/** The queues before the intake, by what is put on them. */
const notQueued = async (stage: Stage): Promise<void> => {
  const { sandbox, data, iam } = stage;
  const rules = [...sandbox.state.buses.values()].flatMap(({ rules }) => [...rules.values()]);
  const lanes = new Map(
    rules.flatMap(({ targets }) =>
      [...targets.values()].flatMap(({ arn, deadLetterArn }) =>
        arn.includes(":sqs:") && deadLetterArn !== undefined ? [[arn, deadLetterArn] as const] : [],
      ),
    ),
  );
  demandEqual(lanes.size, 3, "each lane has a queue");
  const policies = [...lanes.keys()].map((arn) => {
    const queue = queueOf(stage, (one) => one.arn === arn);
    const policy = queue.attributes.get("Policy") ?? "";
    queue.attributes.delete("Policy");
    return () => void queue.attributes.set("Policy", policy);
  });
  await iam(data).send(new TagRoleCommand({ RoleName: "limited", Tags: [{ Key: "owner", Value: "payments" }] }));
  sandbox.signIn(data.id, "root", { success: false });
  sandbox.use(data.id, { role: "limited" }, { service: "iam", action: "DeleteAccountPasswordPolicy" });
  for (const restore of policies) restore();
  for (const arn of lanes.values())
    demand(drain(queueOf(stage, (one) => one.arn === arn)) > 0, `what is not queued lies in ${arn}`);
};

/** A service control policy of somebody else's. */
const notStarted = async (stage: Stage): Promise<void> => {
  const { sandbox, hub, wiring, ask } = stage;
  const statement = (Effect: string, Action: readonly string[]) => ({ Effect, Action, Resource: "*" });
  const denying = [statement("Allow", ["*"]), statement("Deny", ["states:StartExecution", "lambda:InvokeFunction"])];
  const document = JSON.stringify({ Version: "2012-10-17", Statement: denying });
  const lift = limitTo(sandbox.state.organization, hub.id, [document]);
  const due = [...sandbox.state.schedules.values()];
  sandbox.clock.advance(24 * 3_600_000);
  await wiring.runSchedules();
  lift();
  const aside = queueOf(stage, ({ arn }) => due.every(({ target }) => target.deadLetterArn === arn));
  const failed = new Set(sandbox.state.undelivered.filter(({ laidAside }) => laidAside).map(({ from }) => from));
  for (const { arn } of due) demand(failed.has(arn), `what ${arn} cannot start is laid aside`);
  const { checks } = await ask("doctor", { command: "hub" });
  demand(
    troublesOf(checks).includes("dead-letters problem"),
    "the doctor sees what was laid aside",
    troublesOf(checks),
  );
  drain(aside);
};

export const troublesOf = (checks: readonly { readonly check: string; readonly status: string }[]): readonly string[] =>
  checks.filter(({ status }) => status !== "ok").map(({ check, status }) => `${check} ${status}`);

const notJudged = async (stage: Stage): Promise<void> => {
  const { wiring, sandbox } = stage;
  wiring.send("{ no event");
  wiring.sendRepair("{ no repair");
  await wiring.settle();
  const bodies = wiring.deadLetters.map(({ body }) => body).sort();
  demandEqual(bodies, ["{ no event", "{ no repair"], "what cannot be judged or repaired is laid aside");
  for (const queue of sandbox.state.queues.values())
    if (queue.messages.some(({ body }) => bodies.includes(body))) drain(queue);
};
