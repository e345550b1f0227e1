import type { OrganizationViews } from "../../shared/organization/stored-views.ts";
import { organization } from "./facts.ts";

/** The organization of `facts.ts`, whichever account asks: for tests of those who only pass it on. */
export const sameViews: OrganizationViews = { of: async () => organization, outdate: () => {} };
