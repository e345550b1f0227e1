import type { OperatorDependencies } from "./dependencies.ts";
import { createOperator } from "./operator.ts";
import { type HandleRequest, overHttp } from "./over-http.ts";

/** Answers the commands of people over HTTP. */
export const createHttpOperator = (dependencies: OperatorDependencies): HandleRequest =>
  overHttp(createOperator(dependencies), dependencies.telemetry);
