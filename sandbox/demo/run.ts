import { setTimeout as pause } from "node:timers/promises";
import type { Listening } from "../protocol/http.ts";
import { administratorRole } from "../world/organization.ts";
import { demoLife } from "./life.ts";
import { jsonPrinter, type Printer, type Terminal } from "./lines.ts";
import { type DemoOptions, DemoUsageError, parseDemoOptions, usage } from "./options.ts";
import type { Stage } from "./stage.ts";
import { textPrinter } from "./text.ts";

/** How often virtual time moves on, and how long a person gets to read, in milliseconds. */
const tickMs = 250;
const readingMs = 5_000;
const accountMs = 200;
const sweepMessages = "What is critical is told at once and alone, the rest in one digest";
const dayMs = 86_400_000;

const main = async (args: readonly string[]): Promise<number> => {
  let options: DemoOptions;
  try {
    options = parseDemoOptions(args);
  } catch (error) {
    if (!(error instanceof DemoUsageError)) throw error;
    process.stderr.write(`${error.message}\n\n${usage}`);
    return 2;
  }
  if (options.help) {
    process.stdout.write(usage);
    return 0;
  }

  const printer = options.json
    ? jsonPrinter(standardOutput)
    : textPrinter(standardOutput, { environment: process.env, full: options.full });
  try {
    return await (options.once ? runOnce(printer, options) : runLive(printer, options, interruption()));
  } finally {
    printer.close();
  }
};

/** Ctrl-C reaches npm and this process; npm passes its own on. */
const passedOnWithinMs = 500;

/** Aborted by Ctrl-C. */
const interruption = (): AbortSignal => {
  const interrupted = new AbortController();
  let interruptedAt = 0;
  const interrupt = (): void => {
    // A second Ctrl-C does not wait for anything. One that comes at once is the same, passed on by npm.
    if (interrupted.signal.aborted && performance.now() - interruptedAt > passedOnWithinMs) process.exit(130);
    interruptedAt = performance.now();
    interrupted.abort();
    // Kept alive as long: in its last moments a process has no handlers, and the one passed on would kill it.
    setTimeout(() => {}, passedOnWithinMs);
  };
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", interrupt);
  return interrupted.signal;
};

const standardOutput: Terminal = {
  write: (text) => {
    process.stdout.write(text);
  },
  isTerminal: process.stdout.isTTY === true,
  get columns() {
    return process.stdout.columns ?? 100;
  },
};

/** Loaded when it is needed: whoever asks for help need not wait for the templates' libraries. */
const createStage = async (...how: Parameters<typeof import("./stage.ts").createStage>): Promise<Stage> =>
  (await import("./stage.ts")).createStage(...how);

/** Everything at once, in virtual time, held against what must come of it. */
const runOnce = async (printer: Printer, { seed }: DemoOptions): Promise<number> => {
  const stage = await createStage(printer, { seed });
  const { wiring, say, tellNews } = stage;
  await stage.sweepAll();
  say({ type: "step", title: sweepMessages });
  tellNews();
  const { found, problems } = await stage.compareWithTruth();
  const all = [...problems];
  const life = demoLife(stage, stage.organization);
  let deadLetters = 0;
  let confirmed = 0;
  for (const step of life) {
    say({ type: "step", title: step.title });
    await step.act();
    await wiring.settle();
    tellNews();
    const failures = await stage.compareWithStep(step);
    all.push(...failures);
    confirmed += step.expected.length - failures.length;
    deadLetters += step.deadLetters ?? 0;
  }
  if (wiring.deadLetters.length !== deadLetters) {
    all.push(`${wiring.deadLetters.length} messages in the dead-letter queue, ${deadLetters} were expected`);
  }
  all.push(...wiring.functionErrors.map((error) => `the intake function threw: ${error}`));
  const expected = stage.organization.truth.length + life.reduce((sum, step) => sum + step.expected.length, 0);
  const ok = all.length === 0;
  say({ type: "check", ok, expected, found: found + confirmed, problems: all });
  wiring.close();
  say({ type: "end", exitCode: ok ? 0 : 1 });
  return ok ? 0 : 1;
};

/** At a pace that a person can follow, then open to the person's own AWS CLI, until interrupted. */
const runLive = async (printer: Printer, { seed, port, speed }: DemoOptions, signal: AbortSignal): Promise<number> => {
  // What reads the endpoint by its own clock, such as `warden audit`, finds the same ages.
  const stage = await createStage(printer, { seed, start: new Date(), rate: speed });
  const { wiring, sandbox, say, tellNews } = stage;
  const server = await serve(stage, port);
  // Waiting ends at once when somebody wants to go.
  const wait = (ms: number): Promise<void> => pause(ms, undefined, { signal }).catch(() => {});
  try {
    const paced = async (): Promise<void> => {
      await wait(accountMs);
      signal.throwIfAborted();
    };
    await stage.sweepAll(paced);
    say({ type: "step", title: sweepMessages });
    tellNews();

    /** Lets virtual time pass for so long, or until the queue is empty. */
    const live = async (ms: number, untilQuiet = false): Promise<void> => {
      for (let passed = 0; passed < ms && !signal.aborted; passed += tickMs) {
        await wait(tickMs);
        sandbox.clock.advance(tickMs * speed);
        await stage.runSchedules();
        await wiring.deliverDue();
        tellNews();
        if (untilQuiet && wiring.waiting === 0) break;
      }
    };

    say({ type: "endpoint", url: server.url, commands: commandsFor(stage, server.url) });
    await live(readingMs);
    for (const step of demoLife(stage, stage.organization)) {
      if (signal.aborted) break;
      say({ type: "step", title: step.title });
      await step.act();
      await live(60_000, true);
      for (const problem of await stage.compareWithStep(step)) {
        if (!signal.aborted) say({ type: "log", level: "error", message: problem });
      }
      await live(readingMs);
    }
    if (!signal.aborted) say({ type: "endpoint", url: server.url, commands: commandsFor(stage, server.url) });
    while (!signal.aborted) await live(dayMs);
  } catch (error) {
    if (error !== signal.reason) throw error;
  } finally {
    wiring.close();
    await server.close();
  }
  say({ type: "end", exitCode: 0 });
  return 0;
};

/** Where `warden --local` asks if it is told no other place. */
const localPort = 4566;

/** The organization's endpoint, with the operator at `/operator` and the doctor at `/doctor`: whoever reaches it counts as the hub's administrator. */
const serve = async (
  { sandbox, operator, doctor, organization }: Stage,
  port: number | undefined,
): Promise<Listening> => {
  const arn = `arn:aws:sts::${organization.hubAccountId}:assumed-role/${administratorRole}/you`;
  const routes = {
    "/operator": (body: string) => operator(body, { arn }),
    "/doctor": (body: string) => doctor(body, { arn }),
  };
  try {
    return await sandbox.listen(port ?? localPort, routes);
  } catch (error) {
    if (port !== undefined || !(error instanceof Error && "code" in error && error.code === "EADDRINUSE")) throw error;
    return sandbox.listen(0, routes);
  }
};

/** What to paste into another terminal. */
const commandsFor = ({ organization }: Stage, url: string): readonly string[] => {
  // From the management account one gets everywhere.
  const credentials = organization.accounts[0]?.credentials ?? organization.hubCredentials;
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const aws = (command: string): string => `aws ${command} --endpoint-url ${url}`;
  return [
    `export AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1 AWS_ACCESS_KEY_ID=${accessKeyId} AWS_SECRET_ACCESS_KEY=${secretAccessKey} AWS_SESSION_TOKEN=${sessionToken}`,
    "",
    aws("sts get-caller-identity"),
    aws("iam create-user --user-name eve"),
    aws("iam create-login-profile --user-name eve --password 'Correct-Horse-Battery-9'"),
    aws("iam delete-login-profile --user-name eve"),
    aws("organizations list-accounts"),
    "",
    `AWS_ENDPOINT_URL=${url} npx warden audit --org`,
    "",
    `export WARDEN_LOCAL=${url}`,
    "npx warden findings --severity critical",
    "npx warden plan --control role-without-boundary",
    "npx warden exemptions",
    "npx warden doctor",
  ];
};

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // Whoever read along has gone, e.g. `npm start | head`.
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

process.exitCode = await main(process.argv.slice(2));
