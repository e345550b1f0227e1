import { setTimeout as sleep } from "node:timers/promises";
import type { DoctorResults } from "../../shared/doctor/doctor.ts";
import { messageOf } from "../../shared/errors.ts";
import type { Refusal } from "../../shared/operator/answer.ts";
import type { CommandName, Results } from "../../shared/operator/operator.ts";
import { explain } from "../audit/explain.ts";
import { CommandError, RefusedError } from "../command-error.ts";
import { signed } from "./sign.ts";
import type { Target } from "./target.ts";

/** Asks one who answers so; gives back what was asked for. */
export type Asking<R> = <C extends keyof R & string>(command: C, args: object) => Promise<R[C]>;
/** Asks the operator. */
export type Ask = Asking<Results>;

/** What changes nothing is asked again where that may help. */
const reads: ReadonlySet<string> = new Set<CommandName>([
  "findings",
  "show",
  "history",
  "plan",
  "exemptions",
  "doctor",
]);
const waits = [500, 1_500, 4_000];
/** Longer than the function may take. */
const timeoutMs = 100_000;

/**
 * @throws RefusedError where the operator says no; CommandError where it could not be asked, or did not understand
 */
export const createAsk = (target: Target): Ask => askingAt<Results>(target, (command) => reads.has(command));

/**
 * Asks the doctor, which answers where the operator says.
 * @throws as `createAsk` does
 */
export const createDoctorAsk = async (target: Target): Promise<Asking<DoctorResults>> => {
  const { url } = await createAsk(target)("doctor", {});
  // On this machine the doctor stands beside the operator, whatever its function's URL would be.
  const at = target.signs ? new URL(url) : new URL("/doctor", target.url);
  return askingAt<DoctorResults>({ ...target, url: at }, () => true);
};

const askingAt =
  <R>(target: Target, isRead: (command: string) => boolean): Asking<R> =>
  async <C extends keyof R & string>(command: C, args: object): Promise<R[C]> => {
    for (let attempt = 0; ; attempt++) {
      const { status, text } = await post(target, JSON.stringify({ command, ...args }));
      const wait = waits[attempt];
      if (isPassing(status) && isRead(command) && wait !== undefined) await sleep(wait);
      else return resultOf<R[C]>(target, status, text);
    }
  };

const isPassing = (status: number): boolean => [429, 502, 503, 504].includes(status);

const post = async (target: Target, body: string): Promise<{ readonly status: number; readonly text: string }> => {
  const headers = { "content-type": "application/json" };
  try {
    const response = await fetch(target.url, {
      method: "POST",
      headers: target.signs ? await signed(target.url, headers, body) : headers,
      body,
      redirect: "error",
      signal: AbortSignal.timeout(timeoutMs),
    });
    return { status: response.status, text: await response.text() };
  } catch (error) {
    if (error instanceof CommandError) throw error;
    if (error instanceof Error && error.name === "CredentialsProviderError") throw explain(error);
    const why = error instanceof Error && error.cause !== undefined ? messageOf(error.cause) : messageOf(error);
    const hint = target.signs ? "" : " Is `npm start` running, and is this its URL?";
    throw new CommandError(`The operator at ${target.url.href} cannot be reached.${hint}\n(${why})`, { cause: error });
  }
};

const resultOf = <Result>(target: Target, status: number, text: string): Result => {
  const answer = parsed<Result>(text);
  if (answer === undefined) throw strange(target, status, text);
  if (answer.ok) return answer;
  const message = inOptions(answer.error.message);
  if (status === 404 || status === 409) throw new RefusedError(message);
  throw new CommandError(isPassing(status) ? `${message}\nTry again.` : message);
};

/** What the operator calls its fields, as they are written in a command line. */
const optionOf: Readonly<Record<string, string>> = {
  controls: "--control",
  "scope.account": "--account",
  "scope.ou": "--ou",
  subject: "--subject",
  "subject.kind": "--subject",
  "subject.pattern": "--subject",
  id: "the id",
  ...Object.fromEntries(
    ["account", "control", "digest", "limit", "reason", "severity", "stage", "status", "until", "why"].map((name) => [
      name,
      `--${name}`,
    ]),
  ),
};

/** The lines of a refusal with the names of options in place of the fields with which they begin: `account[0]: …`. */
const inOptions = (message: string): string =>
  message.replaceAll(/^([a-z.]+)(?:\[\d+\])?(?=: )/gm, (field, name: string) =>
    Object.hasOwn(optionOf, name) ? (optionOf[name] ?? field) : field,
  );

/** `undefined` if this is not what the operator answers, but what stands before it. */
const parsed = <Result>(text: string): ({ readonly ok: true } & Result) | Refusal | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null || !("ok" in value)) return undefined;
    const { ok } = value;
    return ok === true || (ok === false && "error" in value)
      ? (value as ({ readonly ok: true } & Result) | Refusal)
      : undefined;
  } catch {
    return undefined;
  }
};

const strange = ({ url, signs }: Target, status: number, text: string): CommandError => {
  const said = text.replace(/\s+/g, " ").slice(0, 300);
  if (signs && (status === 401 || status === 403))
    return new CommandError(
      `AWS refused the request to ${url.href}: your credentials need lambda:InvokeFunctionUrl and lambda:InvokeFunction ` +
        `on the operator's function, and their Region has to be the function's.\n(HTTP ${status}: ${said})`,
    );
  if (isPassing(status))
    return new CommandError(`The operator at ${url.href} did not answer; try again.\n(HTTP ${status}: ${said})`);
  return new CommandError(`What answers at ${url.href} is not the operator.\n(HTTP ${status}: ${said})`);
};
