import { synthesize, type Templates } from "../cloudformation/synthesize.ts";

/** As synthesized, but that retries of events come sooner than in AWS: nobody wants to watch them for an hour. */
export const demoTemplates = (settings: string): Templates => {
  const templates = synthesize(settings);
  for (const { Type, Properties = {} } of Object.values(templates.hub.Resources)) {
    if (Type !== "AWS::SQS::Queue" || Properties.DelaySeconds === undefined) continue;
    Object.assign(Properties, { VisibilityTimeout: 60 });
    Object.assign(Object(Properties.RedrivePolicy), { maxReceiveCount: 3 });
  }
  return templates;
};
