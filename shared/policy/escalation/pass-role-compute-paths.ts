import { type EscalationPath, passing } from "./path.ts";

const ec2 = ["ec2.amazonaws.com"];
const lambda = ["lambda.amazonaws.com"];
const tasks = ["ecs-tasks.amazonaws.com"];

const onEc2: readonly EscalationPath[] = [
  passing(
    "run-instances",
    ec2,
    ["ec2:RunInstances"],
    "Starts an instance with the role, and reads its credentials there.",
  ),
  passing(
    "request-spot-instances",
    ec2,
    ["ec2:RequestSpotInstances"],
    "Starts a spot instance with the role, whose user data use it.",
  ),
  passing(
    "create-fleet",
    ec2,
    ["ec2:CreateFleet", "ec2:CreateLaunchTemplate"],
    "Starts instances with the role from a launch template of its own.",
  ),
  passing(
    "associate-instance-profile",
    ec2,
    ["ec2:AssociateIamInstanceProfile"],
    "Gives the role to an instance that it can enter.",
  ),
  passing(
    "replace-instance-profile",
    ec2,
    ["ec2:ReplaceIamInstanceProfileAssociation"],
    "Gives the role to an instance that it can enter, in place of what it had.",
  ),
  passing(
    "add-role-to-instance-profile",
    ec2,
    ["iam:AddRoleToInstanceProfile"],
    "Puts the role into the profile of an instance that it can enter.",
  ),
  passing(
    "auto-scaling-with-launch-template",
    [...ec2, "autoscaling.amazonaws.com"],
    ["autoscaling:CreateAutoScalingGroup", "ec2:CreateLaunchTemplate"],
    "Has Auto Scaling start instances with the role.",
  ),
  passing(
    "auto-scaling-with-launch-configuration",
    [...ec2, "autoscaling.amazonaws.com"],
    ["autoscaling:CreateLaunchConfiguration", "autoscaling:CreateAutoScalingGroup"],
    "Has Auto Scaling start instances with the role.",
  ),
  passing(
    "update-auto-scaling-group",
    [...ec2, "autoscaling.amazonaws.com"],
    ["autoscaling:CreateLaunchConfiguration", "autoscaling:UpdateAutoScalingGroup"],
    "Has an Auto Scaling group that is there start instances with the role.",
  ),
  passing(
    "image-builder",
    ec2,
    [
      "imagebuilder:CreateComponent",
      "imagebuilder:CreateImageRecipe",
      "imagebuilder:CreateInfrastructureConfiguration",
      "imagebuilder:CreateImage",
    ],
    "Builds an image on an instance with the role, where its component uses it.",
  ),
];

const onLambdaAndContainers: readonly EscalationPath[] = [
  passing(
    "create-and-invoke-function",
    lambda,
    ["lambda:CreateFunction", "lambda:InvokeFunction"],
    "Makes a function with the role, and runs it.",
  ),
  passing(
    "create-function-with-event-source",
    lambda,
    ["lambda:CreateFunction", "lambda:CreateEventSourceMapping"],
    "Makes a function with the role, which a queue, stream or table runs.",
  ),
  passing(
    "create-function-with-permission",
    lambda,
    ["lambda:CreateFunction", "lambda:AddPermission"],
    "Makes a function with the role, and lets another account or a service run it.",
  ),
  passing(
    "change-role-of-function",
    lambda,
    ["lambda:UpdateFunctionConfiguration", "lambda:UpdateFunctionCode"],
    "Gives the role to a function that is there, and changes its code.",
  ),
  passing("run-task", tasks, ["ecs:RegisterTaskDefinition", "ecs:RunTask"], "Runs a container with the role."),
  passing(
    "create-service",
    tasks,
    ["ecs:RegisterTaskDefinition", "ecs:CreateService"],
    "Runs a container with the role.",
  ),
  passing("start-task", tasks, ["ecs:RegisterTaskDefinition", "ecs:StartTask"], "Runs a container with the role."),
  passing(
    "override-task-role",
    tasks,
    ["ecs:RunTask"],
    "Runs a task that is there, with the role and a command of its own.",
  ),
  passing(
    "override-task-role-on-instance",
    tasks,
    ["ecs:StartTask"],
    "Runs a task that is there on a container instance, with the role and a command of its own.",
  ),
  passing(
    "batch-job",
    [...tasks, "batch.amazonaws.com"],
    ["batch:RegisterJobDefinition", "batch:SubmitJob"],
    "Runs a job with the role.",
  ),
  passing(
    "app-runner-service",
    ["apprunner.amazonaws.com", "tasks.apprunner.amazonaws.com"],
    ["apprunner:CreateService"],
    "Runs a service with the role.",
  ),
  passing(
    "pod-identity",
    ["pods.eks.amazonaws.com", "eks.amazonaws.com"],
    ["eks:CreatePodIdentityAssociation"],
    "Gives the role to a service account of a cluster in which it can run pods.",
  ),
];

/** Paths on which a role is passed to what runs instances, functions and containers. */
export const passRoleComputePaths: readonly EscalationPath[] = [...onEc2, ...onLambdaAndContainers];
