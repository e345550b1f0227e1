import { guardrailName } from "../world/permission-plans.ts";
import { approvedIssuer, approvedSamlProvider } from "../world/trust-plans.ts";

/**
 * The demo's `warden.config.yaml`, as its operators would write it: people get a week before anything is repaired, and in
 * production they do it themselves.
 */
export const demoSettings = (organization: {
  readonly approvedBoundary: string;
  readonly chatEndpoint: string;
  readonly emailEndpoint: string;
}): string => `version: 1
controls:
  role-without-boundary:
    mode: remediate
    scopes:
      - { ou: Root/Workloads/Prod, mode: notify }
  stale-access-key:
    mode: remediate
    ladder:
      - { after: 0d, do: notify }
      - { after: 14d, do: remediate }
      - { after: 60d, do: finish }
    scopes:
      - { ou: Root/Workloads/Prod, mode: notify }
  guardrail-scp-missing:
    scopes:
      - { ou: Root/Security, options: { requiredPolicies: [${guardrailName}] } } # the log archive has it
  role-with-unapproved-boundary:
    options: { approvedBoundaries: [${organization.approvedBoundary}] }
  oidc-provider-unapproved:
    options: { approvedIssuers: [${approvedIssuer}] }
  saml-provider-unapproved:
    options: { approvedProviders: [${approvedSamlProvider}] }
  privileged-role-without-mfa:
    mode: off
    scopes:
      - { ou: Root/Infrastructure, mode: notify }
breaker:
  perAccount: { count: 10, percent: 20 } # of some twenty roles, 5 % would be one an hour
repairs:
  permissionsBoundary: ${organization.approvedBoundary}
deployment:
  operationsEmail: platform@kestrel.example
subscribers:
  - { protocol: https, endpoint: "${organization.chatEndpoint}" }
  - { protocol: email, endpoint: ${organization.emailEndpoint} }
`;
