import type { AwsCredentialIdentity } from "@smithy/types";
import { EnvironmentError } from "../errors.ts";

/**
 * The credentials of a function's role, as Lambda gives them: by environment. A bundle has this in the place of the SDK's
 * chain of providers (profiles, SSO, web identities, instances), which weighs 80 KB and finds nothing on Lambda.
 * @throws EnvironmentError if there are none
 */
export const defaultProvider = () => async (): Promise<AwsCredentialIdentity> => {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env;
  if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY)
    throw new EnvironmentError("The environment has no credentials: Lambda sets AWS_ACCESS_KEY_ID and its like");
  return {
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    ...(AWS_SESSION_TOKEN && { sessionToken: AWS_SESSION_TOKEN }),
  };
};
