import { parseArn } from "../../shared/aws/arn.ts";
import { type Asked, isByTrust } from "../../shared/explain/asked.ts";
import { callerContext, callerOfArn } from "../../shared/explain/caller.ts";
import { type RequestContext, requestContext } from "../../shared/policy/language/variables.ts";
import { CommandError } from "../command-error.ts";

export interface AskedOptions {
  readonly principal?: string;
  readonly action?: string;
  readonly resource?: string;
  /** `key=value`. */
  readonly context?: readonly string[];
  readonly externalId?: string;
  /** Seconds. */
  readonly duration?: number;
}

/**
 * Condition keys that the options name. A key several times has several values, one without a value is known to be absent.
 * @throws CommandError for what is no `key=value`
 */
export const contextOf = ({ context = [], externalId }: AskedOptions): RequestContext => {
  const values: Record<string, string[]> = {};
  for (const each of context) {
    const [, key, value = ""] = /^([^=\s]+:[^=\s]+)=(.*)$/s.exec(each) ?? [];
    if (key === undefined)
      throw new CommandError(
        `--context ${JSON.stringify(each)}: write KEY=VALUE, e.g. aws:MultiFactorAuthPresent=true`,
      );
    values[key] = [...(values[key] ?? []), ...(value === "" ? [] : [value])];
  }
  return requestContext({ ...values, ...(externalId !== undefined && { "sts:ExternalId": externalId }) });
};

/** Only that it is one: which principals there are is told by whoever reads it. */
const requireArn = (option: string, text: string, example: string): void => {
  try {
    parseArn(text);
  } catch (cause) {
    throw new CommandError(`${option} is ${JSON.stringify(text)}; write an ARN, such as ${example}`, { cause });
  }
};

/**
 * The request that the options describe.
 * @throws CommandError if they leave out what it needs; MalformedInputError for a principal that is none
 */
export const askedByOptions = (options: AskedOptions): Asked => {
  const { principal, action, resource, externalId, duration } = options;
  if (principal === undefined || action === undefined)
    throw new CommandError("--principal needs --action: say what, e.g. --action s3:GetObject");
  if (!/^[a-z0-9-]+:[a-z0-9]+$/i.test(action))
    throw new CommandError(`--action ${JSON.stringify(action)}: write one action, e.g. s3:GetObject`);
  requireArn("--principal", principal, "arn:aws:iam::111122223333:user/bob");
  if (resource !== undefined && resource !== "*") requireArn("--resource", resource, "arn:aws:s3:::reports/q3.csv");
  if (isByTrust(action) && resource === undefined)
    throw new CommandError(`--action ${action} needs --resource: the ARN of the role`);
  const caller = callerOfArn(principal);
  return {
    caller,
    action,
    resource: resource ?? "*",
    context: new Map([
      ...callerContext(caller),
      ...requestContext({
        "aws:SecureTransport": "true",
        "aws:ViaAWSService": "false",
        ...(isByTrust(action) && externalId === undefined && { "sts:ExternalId": [] }),
      }),
    ]),
    ...(duration !== undefined && { durationSeconds: duration }),
  };
};
