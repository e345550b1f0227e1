import type { Service } from "../protocol/service.ts";
import { controlOperations, controlRoutes } from "./control.ts";
import { dataOperations, dataRoutes } from "./data.ts";

/** AWS AppConfig: of its control plane what it takes to deploy a configuration, and all of its data plane. */
export const appConfig: Service = {
  name: "appconfig",
  protocol: { type: "rest-json", routes: { ...dataRoutes, ...controlRoutes } },
  operations: { ...dataOperations, ...controlOperations },
  unrecorded: Object.keys(dataOperations),
};
