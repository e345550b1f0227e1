import { messageOf } from "../../shared/errors.ts";
import { refusedWithRole } from "../authorization/service-role.ts";
import type { Lambda } from "../lambda/invoke.ts";
import type { Sandbox } from "../sandbox.ts";
import { parseDefinition } from "./definition.ts";
import { interpret, type World } from "./interpret.ts";
import { StatesError } from "./paths.ts";
import type { Execution, StateMachine } from "./state.ts";

const service = "states.amazonaws.com";
const invokeResource = "arn:aws:states:::lambda:invoke";

/** Runs a state machine to its end, with its role, in virtual time. @throws Error if there is no such machine */
export const execute = async (
  sandbox: Pick<Sandbox, "state" | "ids" | "clock" | "authorization">,
  lambda: Lambda,
  stateMachineArn: string,
  input: unknown,
): Promise<Execution> => {
  const { state, ids, clock } = sandbox;
  const machine = state.stateMachines.get(stateMachineArn);
  if (machine === undefined) throw new Error(`there is no state machine ${stateMachineArn}`);
  const definition = parseDefinition(machine.definition);
  const name = ids.uuid();
  const arn = `${stateMachineArn.replace(":stateMachine:", ":execution:")}:${name}`;
  const execution: Execution = { arn, name, startedAt: clock.now(), input, status: "RUNNING" };
  machine.executions.push(execution);
  const until = execution.startedAt.getTime() + (definition.TimeoutSeconds ?? Number.POSITIVE_INFINITY) * 1000;

  const allow = (action: string, resource: string): void => {
    const source = { arn: stateMachineArn, accountId: stateMachineArn.split(":")[4] ?? "" };
    const refusal = refusedWithRole(sandbox, machine.roleArn, { service, source, action, resource });
    if (refusal !== undefined) throw new StatesError("States.Permissions", refusal);
  };
  const world: World = {
    call: (resource, given) => call(machine, lambda, allow, resource, given),
    wait: (ms) => clock.advance(ms),
    now: () => clock.now(),
    getObject: (bucket, key) => {
      try {
        allow("s3:GetObject", `arn:aws:s3:::${bucket}/${key}`);
      } catch (error) {
        throw new StatesError("States.ItemReaderFailed", messageOf(error));
      }
      const object = state.buckets.get(bucket)?.objects.get(key);
      if (object === undefined) throw new StatesError("States.ItemReaderFailed", `there is no s3://${bucket}/${key}`);
      return object.body;
    },
    startChildren: () => allow("states:StartExecution", stateMachineArn),
    enter: () => {
      if (clock.now().getTime() > until) throw new StatesError("States.Timeout", "The execution took too long");
    },
  };
  const context = {
    Execution: {
      Id: arn,
      Input: input,
      Name: name,
      RoleArn: machine.roleArn,
      StartTime: execution.startedAt.toISOString(),
    },
    StateMachine: { Id: stateMachineArn, Name: machine.name },
  };
  try {
    execution.output = await interpret(definition, input, world, context);
    execution.status = "SUCCEEDED";
  } catch (error) {
    if (!(error instanceof StatesError)) throw error;
    execution.status = error.name === "States.Timeout" ? "TIMED_OUT" : "FAILED";
    execution.error = error.name;
    execution.cause = error.message;
  } finally {
    execution.stoppedAt = clock.now();
  }
  return execution;
};

const call = async (
  { arn }: StateMachine,
  lambda: Lambda,
  allow: (action: string, resource: string) => void,
  resource: string,
  given: unknown,
): Promise<unknown> => {
  const isInvoke = resource === invokeResource;
  const { FunctionName = resource, Payload = given } = isInvoke ? Object(given) : {};
  const functionArn = String(FunctionName).replace(/:\$LATEST$/, "");
  if (!/^arn:aws:lambda:[^:]+:\d{12}:function:[\w-]+$/.test(functionArn))
    throw new Error(`${arn} calls ${resource}, which the sandbox does not know`);
  allow("lambda:InvokeFunction", functionArn);
  const answer = await lambda.invoke(functionArn, Payload);
  if (!("payload" in answer)) throw new StatesError(answer.errorType, answer.errorMessage);
  return isInvoke ? { ExecutedVersion: "$LATEST", Payload: answer.payload, StatusCode: 200 } : answer.payload;
};
