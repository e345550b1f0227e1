import { MalformedRequestError, NotAuthenticatedError } from "../errors.ts";
import { nearest, showPath, whatIs } from "../settings/explain.ts";
import { isVisible } from "../visible-text.ts";
import { ack } from "./acknowledge.ts";
import { refusalOf } from "./answer.ts";
import { approve } from "./approve.ts";
import type { Ask } from "./command.ts";
import type { OperatorDependencies } from "./dependencies.ts";
import { doctor } from "./doctor.ts";
import { exempt, unexempt } from "./exempt.ts";
import { exemptions } from "./exemptions.ts";
import { findings } from "./findings.ts";
import type { Answering } from "./over-http.ts";
import { plan } from "./plan.ts";
import { resume } from "./resume.ts";
import { history, show } from "./show.ts";
import { undo } from "./undo.ts";

const commands = {
  findings,
  show,
  history,
  plan,
  ack,
  approve,
  undo,
  exempt,
  unexempt,
  exemptions,
  resume,
  doctor,
} satisfies Record<string, Ask<object>>;

export type CommandName = keyof typeof commands;
/** What each command answers. */
export type Results = { readonly [C in CommandName]: Awaited<ReturnType<(typeof commands)[C]>> };

/**
 * The commands of people: `{command, ...arguments}`. It answers with what was asked for, or with why not; and it records who asked for what changes
 * something, by the caller alone: a request cannot name anybody.
 */
export const createOperator =
  (dependencies: OperatorDependencies): Answering =>
  async (caller, request) => {
    try {
      if (caller.arn.trim() === "" || caller.arn.length > longestCaller || !isVisible(caller.arn))
        throw new NotAuthenticatedError("Nobody is named as caller.");
      const { command, args } = parseRequest(request);
      return { ok: true, ...(await commands[command](dependencies, caller, args)) };
    } catch (error) {
      return refusalOf(error, dependencies.telemetry);
    }
  };

/** Longer than any ARN of a principal, and what a message of the queue may have. */
const longestCaller = 1_000;

/** @throws MalformedRequestError */
const parseRequest = (request: unknown): { readonly command: CommandName; readonly args: object } => {
  const known = Object.keys(commands);
  const rightWould = `write any of ${known.join(", ")}`;
  if (typeof request !== "object" || request === null || Array.isArray(request))
    throw new MalformedRequestError(`the request: ${whatIs(request)}; write an object with a command`);
  const { command, ...args } = request as { readonly command?: unknown };
  if (typeof command !== "string") throw new MalformedRequestError(`command: ${whatIs(command)}; ${rightWould}`);
  if (!isCommand(command)) {
    const meant = nearest(command, known);
    throw new MalformedRequestError(
      `command: there is no ${showPath([command])}; ${meant === undefined ? rightWould : `did you mean ${meant}?`}`,
    );
  }
  return { command, args };
};

const isCommand = (name: string): name is CommandName => Object.hasOwn(commands, name);
