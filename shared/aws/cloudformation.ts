import { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import { type ConnectionOptions, connectionOf } from "./aws-access.ts";

/** CloudFormation in a Region. It is built here, as no function needs it: what a function imports goes into its bundle. */
export const createCloudFormation = (options: ConnectionOptions & { readonly region: string }): CloudFormationClient =>
  new CloudFormationClient({ ...connectionOf(options), region: options.region });
