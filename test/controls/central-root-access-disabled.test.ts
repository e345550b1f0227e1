import { centralRootAccessDisabled } from "../../shared/controls/central-root-access-disabled.ts";
import { known, unknownFact } from "../../shared/facts/facts.ts";
import { describeControl } from "../support/describe-control.ts";
import { account, accountFacts, organizationView } from "../support/facts.ts";

const facts = accountFacts();
const managing = (features: readonly string[]) =>
  organizationView({ managementAccountId: account.id, serviceControl: known([]), rootFeatures: known(features) });
const off = (words: string) =>
  `The organization that account ${account.id} manages has these parts of central root access off: ${words}.`;

describeControl(centralRootAccessDisabled, {
  violates: {
    "nothing of it": {
      facts,
      organization: managing([]),
      reason: off("root credentials management and root sessions"),
      evidence: { enabledFeatures: [], missingFeatures: ["RootCredentialsManagement", "RootSessions"] },
    },
    "sessions alone": {
      facts,
      organization: managing(["RootSessions"]),
      reason: off("root credentials management"),
      evidence: { enabledFeatures: ["RootSessions"], missingFeatures: ["RootCredentialsManagement"] },
    },
    "credentials management alone": {
      facts,
      organization: managing(["RootCredentialsManagement"]),
      reason: off("root sessions"),
      evidence: { enabledFeatures: ["RootCredentialsManagement"], missingFeatures: ["RootSessions"] },
      severity: "low",
    },
  },
  complies: {
    "all of it": { facts, organization: managing(["RootCredentialsManagement", "RootSessions"]) },
    "a part that nobody knows yet besides": {
      facts,
      organization: managing(["RootCredentialsManagement", "RootMailboxes", "RootSessions"]),
    },
  },
  notApplicable: {
    "a member, whatever is enabled": {
      facts,
      organization: organizationView({ rootFeatures: known([]) }),
      reason: `Account ${account.id} is not the organization's management account, for which central root access is judged.`,
    },
    "a member, where nobody may look it up": {
      facts,
      organization: organizationView({ rootFeatures: unknownFact("iam:ListOrganizationsFeatures was denied") }),
      reason: `Account ${account.id} is not the organization's management account, for which central root access is judged.`,
    },
  },
  unknown: {
    "the organization was not read": {
      facts,
      organization: unknownFact("the organization was not read yet"),
      reason: `Cannot tell whether account ${account.id} is to enable central root access: the organization was not read yet`,
    },
    "the features may not be listed": {
      facts,
      organization: organizationView({
        managementAccountId: account.id,
        rootFeatures: unknownFact("iam:ListOrganizationsFeatures was denied"),
      }),
      reason:
        "Cannot tell whether the organization has central root access enabled: iam:ListOrganizationsFeatures was denied",
    },
  },
});
