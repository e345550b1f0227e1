import { synthesize, type Templates } from "./cloudformation/synthesize.ts";

/** As synthesized, but that retries of events come sooner than in AWS: nobody wants to watch them for an hour. */
export const demoTemplates = (settings: string): Templates => {
  const templates = synthesize(settings);
  const queues = Object.values(templates.hub.Resources).filter(({ Type }) => Type === "AWS::SQS::Queue");
  const intake = queues.find(({ Properties }) => Properties?.DelaySeconds !== undefined)?.Properties;
  if (intake === undefined) throw new Error("no queue of the hub's template delays its messages");
  Object.assign(intake, { VisibilityTimeout: 60 });
  Object.assign(Object(intake.RedrivePolicy), { maxReceiveCount: 3 });
  return templates;
};
