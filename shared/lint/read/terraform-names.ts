import { oidcProviderArn, policyArn, roleArn, userArn } from "../../aws/arn.ts";
import type { PlannedResource } from "./terraform-plan.ts";

/** What has no name before it is applied is called by its address. */
export const nameOf = ({ values, address }: Pick<PlannedResource, "values" | "address">): string =>
  typeof values.name === "string" ? values.name : address;

const nameWithPath = (planned: PlannedResource): string => {
  const { path } = planned.values;
  return `${typeof path === "string" ? path : "/"}${nameOf(planned)}`;
};

/** Of a managed policy: the ARN that it has, or will have. */
export const plannedPolicyArn = ({ values, ...planned }: PlannedResource, accountId: string): string =>
  typeof values.arn === "string" ? values.arn : policyArn("aws", accountId, nameWithPath({ ...planned, values }));

/** The ARN that a principal will have which is not made yet; `undefined`: it is none. */
export const plannedPrincipalArn = (planned: PlannedResource, accountId: string): string | undefined => {
  const { type, values } = planned;
  if (type === "aws_iam_role") return roleArn("aws", accountId, nameWithPath(planned));
  if (type === "aws_iam_user") return userArn("aws", accountId, nameWithPath(planned));
  if (type !== "aws_iam_openid_connect_provider" || typeof values.url !== "string") return undefined;
  return oidcProviderArn("aws", accountId, issuerOf(values.url));
};

/** Of an OIDC provider's URL. */
export const issuerOf = (url: string): string => url.replace(/^https:\/\//, "");
