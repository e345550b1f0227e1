import { ActivateOrganizationsAccessCommand, type CloudFormationClient } from "@aws-sdk/client-cloudformation";
import {
  EnableOrganizationsRootCredentialsManagementCommand,
  EnableOrganizationsRootSessionsCommand,
  type IAMClient,
} from "@aws-sdk/client-iam";
import {
  EnableAWSServiceAccessCommand,
  type OrganizationsClient,
  RegisterDelegatedAdministratorCommand,
} from "@aws-sdk/client-organizations";
import { errorCodeOf } from "../../shared/aws/errors.ts";
import type { Fact } from "../../shared/facts/facts.ts";

/** Clients with the management account's credentials. */
export interface Clients {
  readonly organizations: OrganizationsClient;
  readonly iam: IAMClient;
  readonly cloudFormation: CloudFormationClient;
}

/** What the organization has so far of what iam-warden needs; a read that failed is unknown, never "no". */
export interface Observed {
  /** Service principals with trusted access. */
  readonly trusted: Fact<ReadonlySet<string>>;
  /** Service principals that the hub administers for the organization. */
  readonly delegated: Fact<ReadonlySet<string>>;
  readonly stackSetsActivated: Fact<boolean>;
  /** What of central root access is on. */
  readonly rootFeatures: Fact<ReadonlySet<string>>;
}

/** One thing to switch on. Doing it again is harmless. */
export interface Step {
  readonly id: string;
  readonly what: string;
  /** The IAM action that it takes. */
  readonly permission: string;
  /** What does the same by hand. */
  readonly command: string;
  /** Steps without which AWS refuses this one, by id. */
  readonly needs: readonly string[];
  readonly isThere: (observed: Observed) => Fact<boolean>;
  readonly perform: (clients: Clients) => Promise<unknown>;
}

/** As Organizations names the services that iam-warden has access for. */
export const servicePrincipals = {
  stackSets: "member.org.stacksets.cloudformation.amazonaws.com",
  iam: "iam.amazonaws.com",
} as const;

const has = (set: Fact<ReadonlySet<string>>, name: string): Fact<boolean> =>
  set.known ? { known: true, value: set.value.has(name) } : set;

const trust = (id: string, service: string, principal: string): Step => ({
  id,
  what: `trusted access for ${service}`,
  permission: "organizations:EnableAWSServiceAccess",
  command: `aws organizations enable-aws-service-access --service-principal ${principal}`,
  needs: [],
  isThere: ({ trusted }) => has(trusted, principal),
  perform: ({ organizations }) =>
    organizations.send(new EnableAWSServiceAccessCommand({ ServicePrincipal: principal })),
});

const delegate = (id: string, service: string, principal: string, hub: string, needs: string): Step => ({
  id,
  what: `${hub} administers ${service}`,
  permission: "organizations:RegisterDelegatedAdministrator",
  command: `aws organizations register-delegated-administrator --account-id ${hub} --service-principal ${principal}`,
  needs: [needs],
  isThere: ({ delegated }) => has(delegated, principal),
  perform: async ({ organizations }) => {
    try {
      await organizations.send(
        new RegisterDelegatedAdministratorCommand({ AccountId: hub, ServicePrincipal: principal }),
      );
    } catch (error) {
      // Somebody else did it since it was looked at.
      if (errorCodeOf(error) !== "AccountAlreadyRegisteredException") throw error;
    }
  },
});

const stackSetSteps = (hub: string): readonly Step[] => [
  trust("trust-stack-sets", "CloudFormation StackSets", servicePrincipals.stackSets),
  {
    id: "activate-stack-sets",
    what: "StackSets may use the organization",
    permission: "cloudformation:ActivateOrganizationsAccess",
    command: "aws cloudformation activate-organizations-access",
    needs: [],
    isThere: ({ stackSetsActivated }) => stackSetsActivated,
    perform: ({ cloudFormation }) => cloudFormation.send(new ActivateOrganizationsAccessCommand({})),
  },
  delegate("delegate-stack-sets", "StackSets", servicePrincipals.stackSets, hub, "trust-stack-sets"),
];

const rootSteps = (hub: string): readonly Step[] => [
  trust("trust-iam", "IAM", servicePrincipals.iam),
  delegate("delegate-iam", "central root access", servicePrincipals.iam, hub, "trust-iam"),
  {
    id: "root-credentials",
    what: "central root access: credentials",
    permission: "iam:EnableOrganizationsRootCredentialsManagement",
    command: "aws iam enable-organizations-root-credentials-management",
    needs: ["trust-iam"],
    isThere: ({ rootFeatures }) => has(rootFeatures, "RootCredentialsManagement"),
    perform: ({ iam }) => iam.send(new EnableOrganizationsRootCredentialsManagementCommand({})),
  },
  {
    id: "root-sessions",
    what: "central root access: sessions",
    permission: "iam:EnableOrganizationsRootSessions",
    command: "aws iam enable-organizations-root-sessions",
    needs: ["trust-iam"],
    isThere: ({ rootFeatures }) => has(rootFeatures, "RootSessions"),
    perform: ({ iam }) => iam.send(new EnableOrganizationsRootSessionsCommand({})),
  },
];

/** What a deployment needs of the organization, in the order in which AWS takes it. */
export const stepsFor = (hub: string, { rootAccess }: { readonly rootAccess: boolean }): readonly Step[] => [
  ...stackSetSteps(hub),
  ...(rootAccess ? rootSteps(hub) : []),
];
