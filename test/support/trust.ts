import type { Json } from "../../shared/control.ts";
import { known, type RoleFacts } from "../../shared/facts/facts.ts";
import { roleFacts } from "./facts.ts";

/** Role app with a trust policy of these statements. */
export const trusting = (...Statement: readonly Json[]): RoleFacts =>
  roleFacts({ trustPolicy: known({ Version: "2012-10-17", Statement }) });

/** That a principal may assume a role; each part can be another. */
export const allow = (principal: Json, over: Readonly<Record<string, Json>> = {}) => ({
  Effect: "Allow",
  Principal: principal,
  Action: "sts:AssumeRole",
  ...over,
});
