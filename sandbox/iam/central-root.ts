import type { OrganizationState, RootFeature } from "../organizations/state.ts";
import { AwsError, type Call, type Operation, operation } from "../protocol/service.ts";

const iamPrincipal = "iam.amazonaws.com";

/** As `warden bootstrap` leaves an organization: an account that acts for it as root in its members. */
export const centralizeRoot = (organization: OrganizationState, accountId: string, at: Date): void => {
  const { delegatedAdministrators, rootFeatures, trustedServices } = organization;
  trustedServices.set(iamPrincipal, at);
  for (const feature of ["RootCredentialsManagement", "RootSessions"] as const) rootFeatures.add(feature);
  const delegated = delegatedAdministrators.get(accountId) ?? new Map<string, Date>();
  delegatedAdministrators.set(accountId, delegated.set(iamPrincipal, at));
};

/** @throws AwsError for a caller, or an organization, that has no say in central root access */
const checkAccess = ({ account, state }: Call): void => {
  const { delegatedAdministrators, featureSet, managementAccountId, trustedServices } = state.organization;
  if (account.standalone) {
    throw new AwsError("OrganizationNotFoundException", "No organization is associated with your account.");
  }
  const isAdministrator = delegatedAdministrators.get(account.id)?.has(iamPrincipal) === true;
  if (account.id !== managementAccountId && !isAdministrator) {
    throw new AwsError(
      "AccountNotManagementOrDelegatedAdministratorException",
      "The account is not the management account or delegated administrator account for centralized root access.",
    );
  }
  if (featureSet !== "ALL") {
    throw new AwsError("OrganizationNotInAllFeaturesModeException", "The organization has not enabled all features.");
  }
  if (!trustedServices.has(iamPrincipal)) {
    throw new AwsError("ServiceAccessNotEnabledException", "Trusted access is not enabled for IAM in Organizations.");
  }
};

const features = ({ state }: Call) => ({
  OrganizationId: state.organization.id,
  EnabledFeatures: [...state.organization.rootFeatures].sort(),
});

const enable = (feature: RootFeature): Operation =>
  operation({}, (call) => {
    checkAccess(call);
    call.state.organization.rootFeatures.add(feature);
    return features(call);
  });

/** Central root access, as the management account or IAM's delegated administrator switches it on. */
export const centralRootOperations: Readonly<Record<string, Operation>> = {
  EnableOrganizationsRootCredentialsManagement: enable("RootCredentialsManagement"),
  EnableOrganizationsRootSessions: enable("RootSessions"),
  ListOrganizationsFeatures: operation({}, (call) => {
    checkAccess(call);
    return features(call);
  }),
};
