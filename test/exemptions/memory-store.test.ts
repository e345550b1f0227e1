import { createMemoryExemptionStore } from "../../shared/exemptions/memory-store.ts";
import { describeExemptionStore } from "./store-contract.ts";

describeExemptionStore(async () => createMemoryExemptionStore());
