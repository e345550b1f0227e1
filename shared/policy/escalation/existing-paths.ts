import { type EscalationPath, using } from "./path.ts";

/** Paths through what runs with a role already: nobody has to pass it one. */
export const existingPaths: readonly EscalationPath[] = [
  using("update-function-code", ["lambda:UpdateFunctionCode"], "Puts its own code into a function that has a role."),
  using(
    "update-function-configuration",
    ["lambda:UpdateFunctionConfiguration"],
    "Adds a layer or a wrapper of its own to a function that has a role.",
  ),
  using(
    "modify-instance-user-data",
    ["ec2:ModifyInstanceAttribute", "ec2:StopInstances", "ec2:StartInstances"],
    "Has an instance with a role run its own user data at the next start.",
  ),
  using(
    "modify-launch-template",
    ["ec2:ModifyLaunchTemplate", "ec2:CreateLaunchTemplateVersion"],
    "Has the next instances of a launch template with a role run its own user data.",
  ),
  using("instance-connect", ["ec2-instance-connect:SendSSHPublicKey"], "Enters an instance that has a role over SSH."),
  using(
    "serial-console",
    ["ec2-instance-connect:SendSerialConsoleSSHPublicKey"],
    "Enters an instance that has a role by its serial console.",
  ),
  using("send-command", ["ssm:SendCommand"], "Runs commands on an instance that has a role."),
  using("start-session", ["ssm:StartSession"], "Opens a shell on an instance that has a role."),
  using("execute-command", ["ecs:ExecuteCommand"], "Opens a shell in a container that has a role."),
  using("submit-batch-job", ["batch:SubmitJob"], "Runs its own command in a job that has a role."),
  using("update-app-runner-service", ["apprunner:UpdateService"], "Puts its own code into a service that has a role."),
  using(
    "cluster-administrator",
    ["eks:CreateAccessEntry", "eks:AssociateAccessPolicy"],
    "Makes itself an administrator of a cluster, whose pods have roles.",
  ),
  using("update-stack", ["cloudformation:UpdateStack"], "Changes a stack that has a role."),
  using(
    "execute-change-set",
    ["cloudformation:ExecuteChangeSet", "cloudformation:CreateChangeSet"],
    "Changes a stack that has a role.",
  ),
  using("start-build", ["codebuild:StartBuild"], "Runs its own commands in a build project that has a role."),
  using(
    "start-batch-build",
    ["codebuild:StartBuildBatch"],
    "Runs its own commands in a build project that has a role.",
  ),
  using(
    "code-deploy",
    ["codedeploy:CreateDeployment", "codedeploy:RegisterApplicationRevision"],
    "Runs its own hooks on instances that have a role.",
  ),
  using(
    "update-state-machine",
    ["states:UpdateStateMachine", "states:StartExecution"],
    "Has a state machine that has a role call AWS.",
  ),
  using(
    "update-glue-dev-endpoint",
    ["glue:UpdateDevEndpoint"],
    "Enters an endpoint that has a role with its own SSH key.",
  ),
  using("add-cluster-steps", ["elasticmapreduce:AddJobFlowSteps"], "Runs its own steps on a cluster that has a role."),
  using("open-studio", ["sagemaker:CreatePresignedDomainUrl"], "Opens a profile of a Studio domain that has a role."),
  using("open-notebook", ["sagemaker:CreatePresignedNotebookInstanceUrl"], "Opens a notebook that has a role."),
  using(
    "notebook-lifecycle",
    [
      "sagemaker:UpdateNotebookInstance",
      "sagemaker:CreateNotebookInstanceLifecycleConfig",
      "sagemaker:StopNotebookInstance",
      "sagemaker:StartNotebookInstance",
    ],
    "Has a notebook with a role run its own script at the next start.",
  ),
  using(
    "agentcore-existing-interpreter",
    ["bedrock-agentcore:InvokeCodeInterpreter", "bedrock-agentcore:StartCodeInterpreterSession"],
    "Runs its own code in an interpreter that has a role.",
  ),
  using(
    "agentcore-existing-browser",
    ["bedrock-agentcore:StartBrowserSession", "bedrock-agentcore:ConnectBrowserAutomationStream"],
    "Steers a browser that has a role to where the role's credentials are read.",
  ),
  using(
    "agentcore-runtime-command",
    ["bedrock-agentcore:InvokeAgentRuntimeCommand"],
    "Runs commands as root in a runtime that has a role.",
  ),
  using(
    "permission-set-inline-policy",
    ["sso:PutInlinePolicyToPermissionSet", "sso:ProvisionPermissionSet"],
    "Writes a policy that allows everything into a permission set of Identity Center.",
  ),
  using(
    "permission-set-managed-policy",
    ["sso:AttachManagedPolicyToPermissionSet", "sso:ProvisionPermissionSet"],
    "Attaches any policy to a permission set of Identity Center.",
  ),
  using(
    "identity-center-group",
    ["identitystore:CreateGroupMembership"],
    "Adds a user of its own to a group of Identity Center, with whatever permission sets the group has.",
  ),
  using("account-assignment", ["sso:CreateAccountAssignment"], "Assigns itself a permission set in any account."),
];
