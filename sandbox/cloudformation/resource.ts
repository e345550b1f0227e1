import * as z from "zod";
import type { Place } from "../../shared/cloudformation/intrinsics.ts";
import type { ParameterValues } from "../../shared/cloudformation/template.ts";
import type { Ids } from "../random.ts";
import type { SandboxState } from "../state.ts";

/** What a deployment works on. */
export interface Deploying {
  readonly state: SandboxState;
  readonly ids: Ids;
  /** Virtual time. */
  readonly now: Date;
  /** The file of `functions/` behind each function, by logical id: what a bundle no longer says. */
  readonly entries: ReadonlyMap<string, string>;
  /** The directory that stands for the functions' `/var/task`. */
  readonly taskRoot?: string | undefined;
}

/** What a handler makes one resource with. */
export interface Making extends Deploying {
  readonly place: Place;
  readonly logicalId: string;
  /** A name as CloudFormation makes one up for what has none. */
  newName(): string;
  /** Deploys another template, e.g. in each account of a stack set. */
  deployStack(request: StackRequest): void;
}

export interface StackRequest {
  readonly accountId: string;
  readonly region: string;
  readonly stackName: string;
  readonly template: unknown;
  readonly parameters: ParameterValues;
  readonly stackSetId?: string;
  /** Names to take, by logical id, instead of new ones. */
  readonly names?: ReadonlyMap<string, string>;
}

/** What `Ref` and `Fn::GetAtt` answer of a resource that was made. */
export interface Made {
  readonly ref: string;
  readonly attributes?: Readonly<Record<string, string>>;
}

/** Makes a resource of one type in the sandbox's state. @throws Error for properties that the sandbox does not know */
export type ResourceHandler = (making: Making, properties: unknown) => Made;

/** A handler for properties of a shape; any property besides is an error, so that none is passed over in silence. */
export const handler = <Shape extends z.ZodRawShape>(
  shape: Shape,
  make: (making: Making, properties: z.output<z.ZodObject<Shape>>) => Made,
): ResourceHandler => {
  const schema = z.strictObject(shape);
  return (making, properties) => {
    const read = schema.safeParse(properties);
    if (!read.success) throw new Error(z.prettifyError(read.error));
    return make(making, read.data as z.output<z.ZodObject<Shape>>);
  };
};

/** A property that changes nothing here: descriptions, encryption, architectures. */
export const ignored = z.unknown().optional();
/** A policy document, kept as the JSON that the services keep. */
export const policyDocument = z.record(z.string(), z.unknown()).transform((document) => JSON.stringify(document));
