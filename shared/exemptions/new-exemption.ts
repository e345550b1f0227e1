import { type Acting, callerOf, type Exemption, exemptionId } from "./exemption.ts";
import { readRequest } from "./request.ts";

/**
 * The first version of the exemption that somebody asks for.
 * @param request what they sent: `{controls, scope, subject?, reason, until}`; `until` is a date (its first moment in UTC)
 *   or a time
 * @param acting.by the caller of the authenticated request; the request itself cannot name one
 * @throws MalformedInputError with a line for each thing that is wrong: `where: what; what would be right`
 */
export const newExemption = (request: unknown, { by, now }: Acting): Exemption => {
  const asked = { ...readRequest(request, now), by: callerOf(by), createdAt: now.toISOString() };
  return { id: exemptionId(asked), ...asked, version: 1 };
};
