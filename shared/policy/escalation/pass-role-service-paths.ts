import { type EscalationPath, passing } from "./path.ts";

const ec2 = ["ec2.amazonaws.com"];
const glue = ["glue.amazonaws.com"];
const cloudFormation = ["cloudformation.amazonaws.com"];
const codeBuild = ["codebuild.amazonaws.com"];
const sageMaker = ["sagemaker.amazonaws.com"];
const states = ["states.amazonaws.com"];
const agentCore = ["bedrock-agentcore.amazonaws.com"];

const onBuildersAndWorkflows: readonly EscalationPath[] = [
  passing(
    "create-stack",
    cloudFormation,
    ["cloudformation:CreateStack"],
    "Has CloudFormation make what it likes, with the role.",
  ),
  passing(
    "update-stack-with-role",
    cloudFormation,
    ["cloudformation:UpdateStack"],
    "Has CloudFormation change a stack, with the role.",
  ),
  passing(
    "change-set-with-role",
    cloudFormation,
    ["cloudformation:CreateChangeSet", "cloudformation:ExecuteChangeSet"],
    "Has CloudFormation make what it likes, with the role.",
  ),
  passing(
    "create-stack-set",
    cloudFormation,
    ["cloudformation:CreateStackSet", "cloudformation:CreateStackInstances"],
    "Has CloudFormation make what it likes in accounts that trust the role.",
  ),
  passing(
    "update-stack-set",
    cloudFormation,
    ["cloudformation:UpdateStackSet"],
    "Has CloudFormation change a stack set, with the role.",
  ),
  passing(
    "create-build-project",
    codeBuild,
    ["codebuild:CreateProject", "codebuild:StartBuild"],
    "Runs its own build commands with the role.",
  ),
  passing(
    "create-batch-build-project",
    codeBuild,
    ["codebuild:CreateProject", "codebuild:StartBuildBatch"],
    "Runs its own build commands with the role.",
  ),
  passing(
    "update-build-project",
    codeBuild,
    ["codebuild:UpdateProject", "codebuild:StartBuild"],
    "Gives the role to a build project that is there, and runs its own commands.",
  ),
  passing(
    "code-star-project",
    ["codestar.amazonaws.com"],
    ["codestar:CreateProject"],
    "Has CodeStar make what it likes, with the role.",
  ),
  passing(
    "create-state-machine",
    states,
    ["states:CreateStateMachine", "states:StartExecution"],
    "Has a state machine call AWS with the role.",
  ),
  passing(
    "change-role-of-state-machine",
    states,
    ["states:UpdateStateMachine", "states:StartExecution"],
    "Gives the role to a state machine that is there, and has it call AWS.",
  ),
  passing(
    "create-schedule",
    ["scheduler.amazonaws.com"],
    ["scheduler:CreateSchedule"],
    "Has a schedule call AWS with the role.",
  ),
  passing(
    "update-schedule",
    ["scheduler.amazonaws.com"],
    ["scheduler:UpdateSchedule"],
    "Has a schedule that is there call AWS with the role.",
  ),
  passing(
    "put-rule-targets",
    ["events.amazonaws.com"],
    ["events:PutTargets"],
    "Has a rule call targets of its own with the role.",
  ),
  passing(
    "automation",
    ["ssm.amazonaws.com"],
    ["ssm:CreateDocument", "ssm:StartAutomationExecution"],
    "Has a runbook of its own call AWS with the role.",
  ),
  passing(
    "hybrid-activation",
    ["ssm.amazonaws.com"],
    ["ssm:CreateActivation"],
    "Registers a machine of its own, which is handed the role's credentials.",
  ),
  passing(
    "data-pipeline",
    ["datapipeline.amazonaws.com", ...ec2],
    ["datapipeline:CreatePipeline", "datapipeline:PutPipelineDefinition", "datapipeline:ActivatePipeline"],
    "Runs its own commands on an instance with the role.",
  ),
];

const onDataAndMore: readonly EscalationPath[] = [
  passing(
    "glue-dev-endpoint",
    glue,
    ["glue:CreateDevEndpoint"],
    "Makes an endpoint with the role, and enters it over SSH.",
  ),
  passing("glue-job", glue, ["glue:CreateJob", "glue:StartJobRun"], "Runs a script with the role."),
  passing(
    "glue-job-by-trigger",
    glue,
    ["glue:CreateJob", "glue:CreateTrigger"],
    "Has a trigger run a script with the role.",
  ),
  passing(
    "update-glue-job",
    glue,
    ["glue:UpdateJob", "glue:StartJobRun"],
    "Gives the role and a script to a job that is there.",
  ),
  passing(
    "update-glue-job-by-trigger",
    glue,
    ["glue:UpdateJob", "glue:CreateTrigger"],
    "Gives the role and a script to a job that is there, which a trigger runs.",
  ),
  passing(
    "glue-session",
    glue,
    ["glue:CreateSession", "glue:RunStatement"],
    "Runs statements in a session with the role.",
  ),
  passing(
    "notebook-instance",
    sageMaker,
    ["sagemaker:CreateNotebookInstance", "sagemaker:CreatePresignedNotebookInstanceUrl"],
    "Makes a notebook with the role, and opens it.",
  ),
  passing("training-job", sageMaker, ["sagemaker:CreateTrainingJob"], "Runs a container of its own with the role."),
  passing("processing-job", sageMaker, ["sagemaker:CreateProcessingJob"], "Runs a container of its own with the role."),
  passing(
    "studio-profile",
    sageMaker,
    ["sagemaker:CreateUserProfile", "sagemaker:CreatePresignedDomainUrl"],
    "Makes a profile of a Studio domain with the role, and opens it.",
  ),
  passing(
    "emr-cluster",
    ["elasticmapreduce.amazonaws.com", ...ec2],
    ["elasticmapreduce:RunJobFlow"],
    "Runs its own steps on a cluster with the role.",
  ),
  passing(
    "emr-serverless-job",
    ["emr-serverless.amazonaws.com"],
    ["emr-serverless:StartJobRun"],
    "Runs a job with the role.",
  ),
  passing(
    "managed-flink-application",
    ["kinesisanalytics.amazonaws.com"],
    ["kinesisanalytics:CreateApplication", "kinesisanalytics:StartApplication"],
    "Runs its own code with the role.",
  ),
  passing(
    "omics-workflow",
    ["omics.amazonaws.com"],
    ["omics:CreateWorkflow", "omics:StartRun"],
    "Runs a workflow with the role.",
  ),
  passing("braket-job", ["braket.amazonaws.com"], ["braket:CreateJob"], "Runs a container of its own with the role."),
  passing(
    "gamelift-fleet",
    ["gamelift.amazonaws.com", ...ec2],
    ["gamelift:CreateBuild", "gamelift:CreateFleet"],
    "Runs its own server process with the role.",
  ),
  passing(
    "agentcore-code-interpreter",
    agentCore,
    [
      "bedrock-agentcore:CreateCodeInterpreter",
      "bedrock-agentcore:StartCodeInterpreterSession",
      "bedrock-agentcore:InvokeCodeInterpreter",
    ],
    "Runs its own code in an interpreter with the role.",
  ),
  passing(
    "agentcore-runtime",
    agentCore,
    ["bedrock-agentcore:CreateAgentRuntime", "bedrock-agentcore:InvokeAgentRuntime"],
    "Runs a container of its own with the role.",
  ),
  passing(
    "agentcore-browser",
    agentCore,
    [
      "bedrock-agentcore:CreateBrowser",
      "bedrock-agentcore:StartBrowserSession",
      "bedrock-agentcore:ConnectBrowserAutomationStream",
    ],
    "Makes a browser with the role, and steers it to where the role's credentials are read.",
  ),
  passing(
    "airflow-environment",
    ["airflow.amazonaws.com", "airflow-env.amazonaws.com"],
    ["airflow:CreateEnvironment"],
    "Makes an environment with the role, which runs its own workflows.",
  ),
  passing(
    "iot-role-alias",
    ["credentials.iot.amazonaws.com"],
    ["iot:CreateRoleAlias", "iot:CreateKeysAndCertificate", "iot:CreatePolicy", "iot:AttachPolicy"],
    "Has a certificate of its own fetch credentials of the role.",
  ),
  passing(
    "identity-pool-roles",
    ["cognito-identity.amazonaws.com"],
    ["cognito-identity:SetIdentityPoolRoles"],
    "Hands the role to whoever the identity pool lets in.",
  ),
  passing(
    "roles-anywhere",
    ["rolesanywhere.amazonaws.com"],
    ["rolesanywhere:CreateTrustAnchor", "rolesanywhere:CreateProfile"],
    "Has certificates of its own authority stand for the role.",
  ),
];

/** Paths on which a role is passed to what builds, schedules and works on data. */
export const passRoleServicePaths: readonly EscalationPath[] = [...onBuildersAndWorkflows, ...onDataAndMore];
