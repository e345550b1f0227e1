import { createMemoryRemediationStore } from "../../shared/remediation/memory-store.ts";
import { describeRemediationStore } from "./store-contract.ts";

describeRemediationStore(async () => createMemoryRemediationStore());
