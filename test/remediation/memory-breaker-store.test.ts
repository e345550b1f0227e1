import { createMemoryBreakerStore } from "../../shared/remediation/memory-breaker-store.ts";
import { describeBreakerStore } from "./breaker-store-contract.ts";

describeBreakerStore(async () => createMemoryBreakerStore());
