import type { Service } from "../protocol/service.ts";
import { accountOperations } from "./account.ts";
import { centralRootOperations } from "./central-root.ts";
import { credentialReportOperations } from "./credential-report.ts";
import { credentialOperations } from "./credentials.ts";
import { groupOperations } from "./groups.ts";
import { lastAccessedOperations } from "./last-accessed.ts";
import { managedPolicyOperations } from "./managed-policies.ts";
import { oidcOperations } from "./oidc.ts";
import { iamNeeds } from "./permissions.ts";
import { policyOperations } from "./policies.ts";
import { decorationOperations, roleOperations } from "./roles.ts";
import { samlOperations } from "./saml.ts";
import { serverCertificateOperations } from "./server-certificates.ts";
import { serviceCredentialOperations } from "./service-credentials.ts";
import { simulateOperations } from "./simulate.ts";
import { userOperations } from "./users.ts";

/** AWS Identity and Access Management. */
export const iam: Service = {
  name: "iam",
  protocol: { type: "query", version: "2010-05-08", namespace: "https://iam.amazonaws.com/doc/2010-05-08/" },
  recordRegion: "us-east-1",
  needs: iamNeeds,
  operations: {
    ...userOperations,
    ...credentialOperations,
    ...serviceCredentialOperations,
    ...serverCertificateOperations,
    ...roleOperations,
    ...decorationOperations,
    ...managedPolicyOperations,
    ...policyOperations,
    ...groupOperations,
    ...oidcOperations,
    ...samlOperations,
    ...accountOperations,
    ...credentialReportOperations,
    ...simulateOperations,
    ...lastAccessedOperations,
    ...centralRootOperations,
  },
};
