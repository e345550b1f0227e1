import { CommandError } from "../command-error.ts";

/** Where the operator answers. */
export interface Target {
  readonly url: URL;
  /** Whether it is AWS's to say who asks: the local run takes everybody for its administrator. */
  readonly signs: boolean;
}

export interface TargetOptions {
  readonly url?: string;
  /** Empty: given without a URL. */
  readonly local?: string;
}

/** Where `npm start` listens by default. */
const localDefault = "http://127.0.0.1:4566";

/**
 * What the options say, else `WARDEN_URL`, else `WARDEN_LOCAL`.
 * @throws CommandError if they say nothing, or no URL
 */
export const targetOf = ({ url, local }: TargetOptions, environment: NodeJS.ProcessEnv): Target => {
  const { WARDEN_URL, WARDEN_LOCAL } = environment;
  if (url !== undefined) return remote("--url", url);
  if (local !== undefined) return nearby("--local", local || WARDEN_LOCAL || localDefault);
  if (WARDEN_URL && WARDEN_LOCAL)
    throw new CommandError("WARDEN_URL and WARDEN_LOCAL are both set; say which you mean with --url or --local");
  if (WARDEN_URL) return remote("WARDEN_URL", WARDEN_URL);
  if (WARDEN_LOCAL) return nearby("WARDEN_LOCAL", WARDEN_LOCAL);
  throw new CommandError(
    "Where is the operator? Set WARDEN_URL (or --url) to the URL of its function, or use --local for `npm start`",
  );
};

const parsed = (name: string, text: string, right: string): URL => {
  if (URL.canParse(text) && /^https?:\/\//i.test(text)) return new URL(text);
  throw new CommandError(`${name} is ${JSON.stringify(text)}; write ${right}`);
};

const encrypted = "a URL that begins with https://";

const isLoopback = ({ hostname }: URL): boolean => /^(?:127(?:\.\d+){3}|localhost|\[::1\])$/.test(hostname);

const remote = (name: string, text: string): Target => {
  const url = parsed(name, text, encrypted);
  // A signature and a session token are not for everybody on the way.
  if (url.protocol !== "https:" && !isLoopback(url))
    throw new CommandError(`${name} is ${JSON.stringify(text)}; write ${encrypted}`);
  return { url, signs: true };
};

const nearby = (name: string, text: string): Target => {
  const url = parsed(name, text, `a URL such as ${localDefault}`);
  if (!isLoopback(url))
    throw new CommandError(
      `${name} is ${JSON.stringify(text)}, which is not on this machine; for a function's URL use --url`,
    );
  return { url: url.pathname === "/" ? new URL("/operator", url) : url, signs: false };
};
