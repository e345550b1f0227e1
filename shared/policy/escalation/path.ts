/**
 * On what an action of a path is needed. `self`: the principal. `user`, `role`: another one. `policy`, `group`, `samlProvider`: any of
 * the account. `existing`: something that runs with a role of its own. `any`: something that the principal makes or names as it
 * likes. `everything`: the action has no resources.
 */
export type Target = "self" | "user" | "role" | "policy" | "group" | "samlProvider" | "existing" | "any" | "everything";

export interface Need {
  readonly action: string;
  readonly on: Target;
}

/** A way for a principal to get permissions that nobody gave it. */
export interface EscalationPath {
  readonly id: string;
  /**
   * What is gained. `grant-itself`: whatever a policy can allow, within its boundary. `take-over`: what another user or role can
   * do. `pass-role`: what a role can do that a service is given. `use-existing`: what a role can do that something already has.
   */
  readonly kind: "grant-itself" | "take-over" | "pass-role" | "use-existing";
  /** Whose path it is; absent: a user's and a role's. */
  readonly who?: "user" | "role";
  /** What has to stand in the principal's way for the path to gain anything. */
  readonly only?: "withBoundary" | "withDenial";
  readonly needs: readonly Need[];
  /** The services that the role may be passed to, one of which is enough: the values of `iam:PassedToService`. */
  readonly passedTo?: readonly string[];
  /**
   * Whether what it reaches decides if it counts. `open`: it counts on whatever it is open. `byTarget`: on a wildcard, and on a policy
   * or group of the principal's own; whatever else is named might be ordinary.
   */
  readonly judged: "open" | "byTarget";
  /** How it works, in a sentence. */
  readonly how: string;
}

/** The actions below that AWS documents without resources. */
const withoutResources: ReadonlySet<string> = new Set([
  "bedrock-agentcore:ConnectBrowserAutomationStream",
  "bedrock-agentcore:CreateAgentRuntime",
  "bedrock-agentcore:CreateBrowser",
  "bedrock-agentcore:CreateCodeInterpreter",
  "cloudformation:CreateStackSet",
  "codestar:CreateProject",
  "cognito-identity:SetIdentityPoolRoles",
  "datapipeline:CreatePipeline",
  "elasticmapreduce:RunJobFlow",
  "gamelift:CreateBuild",
  "gamelift:CreateFleet",
  "glue:CreateDevEndpoint",
  "iot:CreateKeysAndCertificate",
  "kinesisanalytics:CreateApplication",
  "lambda:CreateEventSourceMapping",
  "omics:CreateWorkflow",
  "rolesanywhere:CreateProfile",
  "rolesanywhere:CreateTrustAnchor",
  "ssm:CreateActivation",
]);

/** An action on something that the principal makes or chooses. */
const anywhere = (action: string): Need => ({ action, on: withoutResources.has(action) ? "everything" : "any" });

/** A path on which a role is passed to a service. */
export const passing = (
  id: string,
  passedTo: readonly string[],
  actions: readonly string[],
  how: string,
): EscalationPath => ({
  id,
  kind: "pass-role",
  needs: [{ action: "iam:PassRole", on: "role" }, ...actions.map(anywhere)],
  passedTo,
  judged: "byTarget",
  how,
});

/** A path through something that runs with a role already. The first action decides which. */
export const using = (id: string, actions: readonly string[], how: string): EscalationPath => ({
  id,
  kind: "use-existing",
  needs: actions.map((action, at) => (at === 0 ? { action, on: "existing" } : anywhere(action))),
  judged: "byTarget",
  how,
});
