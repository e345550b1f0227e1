import { AccessDeniedError, messageOf } from "../../shared/errors.ts";
import { CommandError } from "../command-error.ts";

const expired = new Set(["ExpiredToken", "ExpiredTokenException", "RequestExpired"]);
const refused = new Set([
  "InvalidClientTokenId",
  "UnrecognizedClientException",
  "SignatureDoesNotMatch",
  "AuthFailure",
]);

/** An error of the SDK or the network before any account was read, as a sentence that says what to do about it. */
export const explain = (error: unknown): CommandError => {
  const chain = causesOf(error);
  const names = new Set(chain.flatMap((link) => [textField(link, "name"), textField(link, "code")]));
  const has = (codes: ReadonlySet<string>): boolean => [...codes].some((code) => names.has(code));
  const told = messageOf(chain[0]);
  const say = (text: string): CommandError => new CommandError(`${text}\n(${told})`, { cause: error });

  if (names.has("AWSOrganizationsNotInUseException"))
    return say("This account is not in an organization: leave out --org, or use the management account's credentials.");
  if (chain.some((link) => link instanceof AccessDeniedError && link.permission.startsWith("organizations:")))
    return say(
      "The organization's accounts could not be listed: --org needs the management account or a delegated administrator.",
    );
  if (has(expired) || /session .*(expired|invalid)|token .*expired/i.test(told))
    return say("The AWS credentials have expired: sign in again (for SSO: aws sso login).");
  if (names.has("CredentialsProviderError") || names.has("TokenProviderError"))
    return say(
      process.env.AWS_PROFILE
        ? `No usable AWS credentials were found by the profile ${process.env.AWS_PROFILE}: \`aws configure list-profiles\` lists what profiles there are.`
        : "No usable AWS credentials were found: set AWS_PROFILE (or --profile), or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
    );
  if (told.includes("Region is missing"))
    return say("The AWS Region is not known: set AWS_REGION (or --region), or name one in the profile.");
  if (has(refused)) return say("AWS did not accept the credentials.");
  if (names.has("ECONNREFUSED")) return say(`Nothing answers at the AWS endpoint${endpointHint()}.`);
  if (names.has("ENOTFOUND") || names.has("EAI_AGAIN"))
    return say(`The AWS endpoint's name cannot be resolved: check --region and the network${endpointHint()}.`);
  return new CommandError(told, { cause: error });
};

/**
 * The SDK takes any text for an endpoint, and then says of it no more than `NotFound`.
 * @throws CommandError
 */
export const checkEndpoints = (environment: NodeJS.ProcessEnv): void => {
  for (const service of ["", "_STS", "_IAM", "_ORGANIZATIONS", "_CLOUDFORMATION"]) {
    const variable = `AWS_ENDPOINT_URL${service}`;
    const value = environment[variable];
    if (value && !(/^https?:\/\//i.test(value) && URL.canParse(value))) {
      const told = JSON.stringify(value);
      throw new CommandError(`${variable} is ${told}; write a URL that begins with http:// or https://`);
    }
  }
};

const endpointHint = (): string => {
  const endpoint = process.env.AWS_ENDPOINT_URL;
  return endpoint === undefined ? "" : ` (AWS_ENDPOINT_URL is ${endpoint})`;
};

/** An error and what caused it, the members of an `AggregateError` (a refused connection to several addresses) included. */
const causesOf = (error: unknown): readonly unknown[] => {
  const chain: unknown[] = [];
  const visit = (link: unknown): void => {
    if (link === undefined || link === null || chain.includes(link)) return;
    chain.push(link);
    if (link instanceof AggregateError) for (const inner of link.errors) visit(inner);
    if (link instanceof Error) visit(link.cause);
  };
  visit(error);
  return chain;
};

const textField = (value: unknown, name: string): string => {
  const field: unknown = typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
  return typeof field === "string" ? field : "";
};
