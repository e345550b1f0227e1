import { createMemoryOrganizationStore } from "../../shared/organization/memory-store.ts";
import { describeOrganizationStore } from "./store-contract.ts";

describeOrganizationStore(async () => createMemoryOrganizationStore());
