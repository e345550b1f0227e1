import * as z from "zod";
import { NotFoundError } from "../errors.ts";
import { defineCommand } from "./command.ts";

/** Where the doctor answers: another function, so that this one need not carry what it looks with. */
export const doctor = defineCommand(z.strictObject({}), async ({ doctorUrl }): Promise<{ readonly url: string }> => {
  if (doctorUrl === undefined) throw new NotFoundError("No doctor is deployed here: deploy the current hub's stack.");
  return { url: doctorUrl };
});
