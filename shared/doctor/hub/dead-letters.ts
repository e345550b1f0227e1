import { GetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import { call } from "../../aws/errors.ts";
import { type Check, problem } from "../check.ts";
import type { DoctorDependencies } from "../dependencies.ts";

/** Whether anything was laid aside after its last try. */
export const deadLetters: Check<DoctorDependencies> = {
  id: "dead-letters",
  title: "nothing lies in a dead-letter queue",
  severity: "high",
  isWatching: false,
  look: async ({ clients, deployed }) => {
    const inEach = deployed.deadLetters.map(async ({ name, at }) => {
      const { Attributes = {} } = await call("sqs:GetQueueAttributes", deployed.hubAccountId, () =>
        clients
          .sqs()
          .send(new GetQueueAttributesCommand({ QueueUrl: at, AttributeNames: ["ApproximateNumberOfMessages"] })),
      );
      const count = Number(Attributes.ApproximateNumberOfMessages ?? 0);
      return count === 0
        ? []
        : [
            problem(
              `messages of ${name} were laid aside`,
              "The function's log says why each failed. Mend that, then start the queue's redrive.",
              { detail: `${count} ${count === 1 ? "message" : "messages"}` },
            ),
          ];
    });
    return (await Promise.all(inEach)).flat();
  },
};
