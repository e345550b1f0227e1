import * as z from "zod";
import { handler, ignored, type ResourceHandler } from "../resource.ts";

const stateMachine = handler(
  {
    StateMachineName: z.string().optional(),
    RoleArn: z.string(),
    DefinitionString: z.string(),
    LoggingConfiguration: ignored,
    Tags: ignored,
  },
  (
    making,
    { StateMachineName: name = making.newName().slice(0, 80), RoleArn: roleArn, DefinitionString: definition },
  ) => {
    const { state, place } = making;
    const arn = `arn:aws:states:${place.region}:${place.accountId}:stateMachine:${name}`;
    if (state.stateMachines.has(arn)) throw new Error(`there is a state machine ${arn} already`);
    state.stateMachines.set(arn, { arn, name, roleArn, definition, executions: [] });
    return { ref: arn, attributes: { Arn: arn, Name: name } };
  },
);

export const stateMachineResources: Readonly<Record<string, ResourceHandler>> = {
  "AWS::StepFunctions::StateMachine": stateMachine,
};
