import * as z from "zod";
import { EnvironmentError } from "../shared/errors.ts";

const named = (pair: string): { readonly name: string; readonly at: string } => {
  const equals = pair.indexOf("=");
  return { name: pair.slice(0, equals), at: pair.slice(equals + 1) };
};

const shapes = {
  /** Set by the Lambda runtime itself. */
  AWS_REGION: z.string().min(1),
  /** The account that iam-warden runs in. */
  HUB_ACCOUNT_ID: z.string().regex(/^\d{12}$/, "must be twelve digits"),
  /** The role, by name, that is assumed in every other account. */
  AUDIT_ROLE_NAME: z.string().min(1),
  /** The role, by name, that repairs in every account. */
  REMEDIATION_ROLE_NAME: z.string().min(1),
  FINDINGS_TABLE: z.string().min(1),
  TOPIC_ARN: z.string().regex(/^arn:[\w-]+:sns:/, "must be the ARN of an SNS topic"),
  /** The bucket that the plans and the reports of sweeps are written to. */
  REPORT_BUCKET: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/, "must be the name of an S3 bucket, without dots"),
  /** The queue of the function that repairs; absent where the settings opted nothing in, so that there is no such function. */
  REPAIR_QUEUE_URL: z.url({ protocol: /^https?$/, error: "must be the URL of an SQS queue" }).optional(),
  /** The queue on which what root does is waited for; absent: whatever queue. */
  ACTIVITY_QUEUE_ARN: z
    .string()
    .regex(/^arn:[\w-]+:sqs:/, "must be the ARN of an SQS queue")
    .optional(),
  /** What AppConfig delivers the settings of: the names of its application, environment and configuration profile. */
  SETTINGS_CONFIGURATION: z
    .string()
    .regex(/^[^/]+\/[^/]+\/[^/]+$/, "must be application/environment/profile of AppConfig"),
  /** The URL of the function that looks at everything; absent where a hub of before has none. */
  DOCTOR_URL: z.url({ protocol: /^https?$/, error: "must be the URL of a function" }).optional(),
  /** Where iam-warden's own alarms are published. */
  OPERATIONS_TOPIC_ARN: z.string().regex(/^arn:[\w-]+:sns:/, "must be the ARN of an SNS topic"),
  EVENT_BUS_ARN: z.string().regex(/^arn:[\w-]+:events:/, "must be the ARN of an event bus"),
  /** The stack set that gives each account its stack, by name. */
  STACK_SET_NAME: z.string().min(1),
  /** The Regions in which every account has its rules, with commas between them. */
  WATCHED_REGIONS: z
    .string()
    .regex(/^[a-z0-9-]+(?:,[a-z0-9-]+)*$/, "must be Regions with commas between them")
    .transform((text): readonly string[] => [...new Set(text.split(","))]),
  /** Dead-letter queues as `name=URL`, with commas between them. */
  DEAD_LETTER_URLS: z
    .string()
    .regex(/^[a-z]+=https?:\/\/[^,]+(?:,[a-z]+=https?:\/\/[^,]+)*$/, "must be name=URL, with commas between them")
    .transform((text) => text.split(",").map(named)),
  /** The settings inside the bundle, as JSON; without it every control runs with its defaults. */
  SETTINGS_FILE: z.string().min(1).optional(),
};

/** A process's environment variables. */
export type Variables = Readonly<Record<string, string | undefined>>;

export type Variable = keyof typeof shapes;
export type Environment<V extends Variable> = { readonly [K in V]: z.output<(typeof shapes)[K]> };

/**
 * The named variables of a function's environment, checked.
 * @throws EnvironmentError that names every variable that is missing or wrong, not only the first
 */
export const readEnvironment = <const V extends Variable>(
  variables: readonly V[],
  source: Variables,
): Environment<V> => {
  const values: Partial<Record<Variable, unknown>> = {};
  const problems: string[] = [];
  for (const variable of variables) {
    const parsed = shapes[variable].safeParse(source[variable] === "" ? undefined : source[variable]);
    if (parsed.success) values[variable] = parsed.data;
    else if (source[variable] === undefined || source[variable] === "") problems.push(`${variable} is missing`);
    else problems.push(`${variable} ${parsed.error.issues[0]?.message ?? "is not valid"}`);
  }
  if (problems.length > 0)
    throw new EnvironmentError(`The function's environment is incomplete: ${problems.join("; ")}`);
  return values as Environment<V>;
};
