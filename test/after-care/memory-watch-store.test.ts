import { createMemoryWatchStore } from "../../shared/after-care/memory-watch-store.ts";
import { describeWatchStore } from "./watch-store-contract.ts";

describeWatchStore(async () => createMemoryWatchStore());
