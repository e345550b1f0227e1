/** An operator's file with everything opted in that can be, and subscribers that each want something else. */
export const scenarioSettings = `version: 1
controls:
  console-user-without-mfa: { mode: remediate, ladder: [{ after: 0d, do: remediate }] }
  role-without-boundary: { mode: remediate, ladder: [{ after: 0d, do: remediate }] }
  role-with-unapproved-boundary:
    mode: remediate
    ladder: [{ after: 0d, do: remediate }]
    options: { approvedBoundaries: [iam-warden-boundary] }
  root-access-key-exists: { mode: remediate, ladder: [{ after: 0d, do: remediate }] }
  unused-role: { mode: remediate }
  oidc-provider-unapproved: { options: { approvedIssuers: [token.actions.githubusercontent.com] } }
  saml-provider-unapproved: { options: { approvedProviders: [Okta] } }
  access-analyzer-missing: { mode: remediate }
  weak-password-policy: { mode: remediate }
  trust-open-to-anyone: { mode: remediate }
  stale-access-key:
    scopes:
      - ou: Root
        mode: remediate
        ladder: [{ after: 0d, do: remediate }, { after: 1d, do: finish }]
breaker: { perAccount: { count: 3, percent: 100 }, organization: { count: 50, percent: 100 } }
repairs: { permissionsBoundary: iam-warden-boundary, centralRootAccess: true }
owners: { principalTag: owner, accountTag: team }
deployment: { operationsEmail: operations@example.com, regions: [eu-west-1] }
subscribers:
  - { protocol: email, endpoint: everything@example.com }
  - { protocol: email, endpoint: critical@example.com, only: { severity: [critical] } }
  - { protocol: email, endpoint: payments@example.com, only: { owner: [payments] } }
  - { protocol: https, endpoint: "https://hooks.example.com/prod", only: { ouPath: [Root/Prod] } }
  - { protocol: email, endpoint: news@example.com, only: { kind: [digest, blindAccounts, breakerTripped, exemptionExpiring] } }
  - { protocol: email, endpoint: repairs@example.com, only: { kind: [repaired, undone, held, denied] } }
`;
