import * as z from "zod";

/** A path, or null for nothing. */
const path = z.string().nullable().optional();
const payload = z.record(z.string(), z.unknown()).optional();
const transition = { Next: z.string().optional(), End: z.literal(true).optional() };
const common = { Comment: z.string().optional(), InputPath: path, OutputPath: path };
const errors = z.array(z.string()).min(1);

const retrier = z.strictObject({
  ErrorEquals: errors,
  IntervalSeconds: z.number().min(1).default(1),
  MaxAttempts: z.number().int().min(0).default(3),
  BackoffRate: z.number().min(1).default(2),
  MaxDelaySeconds: z.number().optional(),
});
const catcher = z.strictObject({ ErrorEquals: errors, Next: z.string(), ResultPath: path });
const fallible = {
  ...{ Parameters: payload, ResultSelector: payload, ResultPath: path },
  Retry: z.array(retrier).default([]),
  Catch: z.array(catcher).default([]),
};

export type Retrier = z.output<typeof retrier>;
export type Catcher = z.output<typeof catcher>;

const task = z.strictObject({ Type: z.literal("Task"), Resource: z.string(), ...common, ...transition, ...fallible });
const pass = z.strictObject({
  ...{ Type: z.literal("Pass"), Result: z.unknown().optional(), Parameters: payload, ResultPath: path },
  ...common,
  ...transition,
});
const wait = z.strictObject({
  ...{ Type: z.literal("Wait"), Seconds: z.number().min(0).optional(), SecondsPath: z.string().optional() },
  ...{ Timestamp: z.iso.datetime().optional(), TimestampPath: z.string().optional() },
  ...common,
  ...transition,
});
const succeed = z.strictObject({ Type: z.literal("Succeed"), ...common });
const fail = z.strictObject({
  ...{ Type: z.literal("Fail"), Comment: z.string().optional() },
  ...{ Error: z.string().optional(), Cause: z.string().optional() },
});

const operators = {
  ...{
    StringEquals: z.string().optional(),
    NumericEquals: z.number().optional(),
    BooleanEquals: z.boolean().optional(),
  },
  ...{ NumericGreaterThan: z.number().optional(), NumericGreaterThanEquals: z.number().optional() },
  ...{ NumericLessThan: z.number().optional(), NumericLessThanEquals: z.number().optional() },
  ...{ IsPresent: z.boolean().optional(), IsNull: z.boolean().optional() },
};
export interface Rule {
  readonly Variable?: string | undefined;
  readonly And?: readonly Rule[] | undefined;
  readonly Or?: readonly Rule[] | undefined;
  readonly Not?: Rule | undefined;
  readonly [operator: string]: unknown;
}
const ruleShape = (): Record<string, z.ZodType> => ({
  Variable: z.string().optional(),
  And: z.array(z.lazy(() => rule)).optional(),
  Or: z.array(z.lazy(() => rule)).optional(),
  Not: z.lazy(() => rule).optional(),
  ...operators,
});
const rule: z.ZodType<Rule> = z.lazy(() => z.strictObject(ruleShape())) as z.ZodType<Rule>;
const choice = z.strictObject({
  Type: z.literal("Choice"),
  Choices: z
    .array(
      z.lazy(() => z.strictObject({ ...ruleShape(), Next: z.string() })) as unknown as z.ZodType<
        Rule & { readonly Next: string }
      >,
    )
    .min(1),
  Default: z.string().optional(),
  ...common,
});

const itemReader = z.strictObject({
  Resource: z.string().regex(/^arn:[\w-]+:states:::s3:getObject$/),
  ReaderConfig: z.strictObject({ InputType: z.literal("JSON") }),
  Parameters: payload,
});

const mapShape = {
  Type: z.literal("Map"),
  ItemsPath: z.string().default("$"),
  ItemReader: itemReader.optional(),
  ItemSelector: payload,
  MaxConcurrency: z.number().int().min(0).default(0),
  ToleratedFailurePercentage: z.number().min(0).max(100).default(0),
  ToleratedFailureCount: z.number().int().min(0).default(0),
  Label: z.string().optional(),
  ...common,
  ...transition,
  ...fallible,
};
const mapWithoutItems = z.strictObject(mapShape);

export interface Chain {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}
export type State =
  | z.output<typeof task>
  | z.output<typeof pass>
  | z.output<typeof wait>
  | z.output<typeof succeed>
  | z.output<typeof fail>
  | z.output<typeof choice>
  | MapState;
export type MapState = z.output<typeof mapWithoutItems> & { readonly ItemProcessor: Chain };

const states: z.ZodType<Chain["States"]> = z.record(
  z.string(),
  z.lazy(() => state),
);
const processor = z.strictObject({
  ProcessorConfig: z.strictObject({ Mode: z.literal("DISTRIBUTED"), ExecutionType: z.enum(["STANDARD", "EXPRESS"]) }),
  ...{ StartAt: z.string(), States: states, Comment: z.string().optional() },
});
const map = z.strictObject({ ...mapShape, ItemProcessor: processor });
const state: z.ZodType<State> = z.discriminatedUnion("Type", [task, pass, wait, succeed, fail, choice, map]);

const definition = z.strictObject({
  ...{ Comment: z.string().optional(), StartAt: z.string(), States: states, TimeoutSeconds: z.number().optional() },
  QueryLanguage: z.literal("JSONPath").optional(),
});

export type Definition = z.output<typeof definition>;

const targetsOf = (of: State): string[] => {
  const next = "Next" in of && of.Next !== undefined ? [of.Next] : [];
  if (of.Type === "Choice")
    return [...of.Choices.map(({ Next }) => Next), ...(of.Default === undefined ? [] : [of.Default])];
  return [...next, ...("Catch" in of ? of.Catch.map(({ Next }) => Next) : [])];
};

const endsOnce = (of: State): boolean => {
  if (of.Type === "Choice" || of.Type === "Succeed" || of.Type === "Fail") return true;
  return (of.Next === undefined) !== (of.End === undefined);
};

const problemsOf = ({ StartAt, States }: Chain): string[] => [
  ...(Object.hasOwn(States, StartAt) ? [] : [`there is no state ${StartAt}`]),
  ...Object.entries(States).flatMap(([name, of]) => [
    ...targetsOf(of).flatMap((target) =>
      Object.hasOwn(States, target) ? [] : [`${name} leads to ${target}, which is no state`],
    ),
    ...(endsOnce(of) ? [] : [`${name} has neither Next nor End, or both`]),
    ...(of.Type === "Map" ? problemsOf(of.ItemProcessor) : []),
  ]),
];

/** Reads a definition in the Amazon States Language. @throws Error for whatever in it the sandbox does not know */
export const parseDefinition = (text: string): Definition => {
  const found = definition.safeParse(JSON.parse(text));
  if (!found.success) throw new Error(`the sandbox does not know this state machine: ${z.prettifyError(found.error)}`);
  const problems = problemsOf(found.data);
  if (problems.length > 0) throw new Error(problems.join("; "));
  return found.data;
};
