import { demand, demandEqual } from "../demand.ts";
import { dayMs, type Stage } from "../stage.ts";

/** A person excuses somebody, everybody hears that it ends, and the person takes it back. */
export const exemption = async (stage: Stage): Promise<void> => {
  const { sandbox, ask, store, management, told } = stage;
  const finding = (await store.listOpen(management.id)).find(({ control }) => control === "role-without-boundary");
  demand(finding !== undefined, "the undone repair of a role is open");
  const until = new Date(sandbox.clock.now().getTime() + 3 * dayMs).toISOString();
  const { exemption: made } = await ask("operator", {
    ...{ command: "exempt", id: finding?.id, reason: "Migrates on Thursday", until },
  });
  const excused = await store.get(management.id, finding?.id ?? "");
  demandEqual(excused?.exemption?.id, made.id, "who is excused is marked");
  await stage.hours(1);
  demand(told("news@example.com").includes("exemptionExpiring"), "that an exemption ends is told");
  await ask("operator", { command: "unexempt", id: made.id });
  const after = await store.get(management.id, finding?.id ?? "");
  demandEqual(after?.exemption, undefined, "an exemption that a person ended excuses nobody");
};
