import type { AnyActivityControl, AnyControl, AnyStateControl, StateControlOf } from "../control.ts";
import type { SubjectKind } from "../subject.ts";
import { accessAnalyzerMissing } from "./access-analyzer-missing.ts";
import { adminPolicy } from "./admin-policy.ts";
import { assumeAnyRole } from "./assume-any-role.ts";
import { centralRootAccessDisabled } from "./central-root-access-disabled.ts";
import { consoleUserWithoutMfa } from "./console-user-without-mfa.ts";
import { externalAccessFinding } from "./external-access-finding.ts";
import { externalTrustWithoutExternalId } from "./external-trust-without-external-id.ts";
import { guardrailScpMissing } from "./guardrail-scp-missing.ts";
import { longLivedServiceCredential } from "./long-lived-service-credential.ts";
import { oidcProviderUnapproved } from "./oidc-provider-unapproved.ts";
import { oidcTrustUnscoped } from "./oidc-trust-unscoped.ts";
import { oidcTrustWithoutAudience } from "./oidc-trust-without-audience.ts";
import { policyAttachedToUser } from "./policy-attached-to-user.ts";
import { policyNearSizeLimit } from "./policy-near-size-limit.ts";
import { privilegeEscalationPath } from "./privilege-escalation-path.ts";
import { privilegedRoleWithoutMfa } from "./privileged-role-without-mfa.ts";
import { roleWithUnapprovedBoundary } from "./role-with-unapproved-boundary.ts";
import { roleWithoutBoundary } from "./role-without-boundary.ts";
import { rootAccessKeyExists } from "./root-access-key-exists.ts";
import { rootActivity } from "./root-activity.ts";
import { rootMfaNotHardware } from "./root-mfa-not-hardware.ts";
import { rootSignInFailure } from "./root-sign-in-failure.ts";
import { rootWithoutMfa } from "./root-without-mfa.ts";
import { samlProviderUnapproved } from "./saml-provider-unapproved.ts";
import { serverCertificateExpired } from "./server-certificate-expired.ts";
import { serviceTrustConfusedDeputy } from "./service-trust-confused-deputy.ts";
import { serviceWidePolicy } from "./service-wide-policy.ts";
import { staleAccessKey } from "./stale-access-key.ts";
import { trailMissing } from "./trail-missing.ts";
import { trustOpenToAnyone } from "./trust-open-to-anyone.ts";
import { twoActiveAccessKeys } from "./two-active-access-keys.ts";
import { unusedAccessKey } from "./unused-access-key.ts";
import { unusedConsolePassword } from "./unused-console-password.ts";
import { unusedRole } from "./unused-role.ts";
import { weakPasswordPolicy } from "./weak-password-policy.ts";

/** Every control, ordered by id. */
export const controls: readonly AnyControl[] = [
  accessAnalyzerMissing,
  adminPolicy,
  assumeAnyRole,
  centralRootAccessDisabled,
  consoleUserWithoutMfa,
  externalAccessFinding,
  externalTrustWithoutExternalId,
  guardrailScpMissing,
  longLivedServiceCredential,
  oidcProviderUnapproved,
  oidcTrustUnscoped,
  oidcTrustWithoutAudience,
  policyAttachedToUser,
  policyNearSizeLimit,
  privilegeEscalationPath,
  privilegedRoleWithoutMfa,
  roleWithUnapprovedBoundary,
  roleWithoutBoundary,
  rootAccessKeyExists,
  rootActivity,
  rootMfaNotHardware,
  rootSignInFailure,
  rootWithoutMfa,
  samlProviderUnapproved,
  serverCertificateExpired,
  serviceTrustConfusedDeputy,
  serviceWidePolicy,
  staleAccessKey,
  trailMissing,
  trustOpenToAnyone,
  twoActiveAccessKeys,
  unusedAccessKey,
  unusedConsolePassword,
  unusedRole,
  weakPasswordPolicy,
];

const byId: ReadonlyMap<string, AnyControl> = new Map(controls.map((control) => [control.id, control]));

export const controlById = (id: string): AnyControl | undefined => byId.get(id);

/** The controls that judge the live state of something, ordered by id. */
export const stateControls: readonly AnyStateControl[] = controls.filter((control) => control.type === "state");

/** The controls that judge CloudTrail records, ordered by id. */
export const activityControls: readonly AnyActivityControl[] = controls.filter(
  (control) => control.type === "activity",
);

/** Whether a control judges subjects of a kind. */
export const judges =
  <K extends SubjectKind>(kind: K) =>
  (control: AnyStateControl): control is AnyStateControl & StateControlOf<K> =>
    control.subjects.includes(kind);

/** The state controls that judge one kind of subject, ordered by id. */
export const stateControlsOf = <K extends SubjectKind>(kind: K): readonly StateControlOf<K>[] =>
  stateControls.filter(judges(kind));
