import { createMemoryStore } from "../../shared/findings/memory-store.ts";
import { describeStore } from "./store-contract.ts";

describeStore(async () => createMemoryStore());
