import { createMemoryMarkStore } from "../../shared/marks/memory-mark-store.ts";
import { describeMarkStore } from "./mark-store-contract.ts";

describeMarkStore(async () => createMemoryMarkStore());
