import { Aws, CfnCondition, CfnOutput, CfnParameter, CfnRule, Fn, Stack, type StackProps } from "aws-cdk-lib";
import { CfnManagedPolicy, CfnOIDCProvider, CfnRole } from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";
import { acceptWildcard } from "./constructs/accepted.ts";
import { documentOf, iamArn } from "./policies/place.ts";

const issuer = "token.actions.githubusercontent.com";
const audience = "sts.amazonaws.com";
const here = { partition: Aws.PARTITION, accountId: Aws.ACCOUNT_ID };

/** CDK's bootstrap roles that a deployment goes through. What CloudFormation may then do is its own role's matter. */
const bootstrapRoles = ["deploy-role", "file-publishing-role", "lookup-role"];

/**
 * Who deploys the hub: a role for GitHub Actions, trusted in one repository and there on one branch or in one environment.
 * Nobody has to deploy it. It may pass on to CDK's bootstrap roles of its account, and by its boundary never more.
 */
export class DeployRoleStack extends Stack {
  constructor(scope: Construct, id: string, props: StackProps = {}) {
    super(scope, id, { description: "iam-warden: the role that GitHub Actions deploys the hub with", ...props });
    const parameter = (name: string, description: string, allowedPattern: string, fallback?: string): string =>
      new CfnParameter(this, name, {
        description,
        allowedPattern,
        ...(fallback !== undefined && { default: fallback }),
      }).valueAsString;

    const owner = parameter(
      "Owner",
      "The organization or user that owns the repository",
      "^[A-Za-z0-9][A-Za-z0-9-]{0,38}$",
    );
    const repository = parameter("Repository", "The repository, by name alone", "^[A-Za-z0-9._-]{1,100}$");
    const ids =
      "of repositories since July 2026 tokens carry it (gh api repos/OWNER/REPO says both ids); empty for older ones";
    const ownerId = parameter("OwnerId", `The owner's number: ${ids}`, "^[0-9]{0,20}$", "");
    const repositoryId = parameter("RepositoryId", `The repository's number: ${ids}`, "^[0-9]{0,20}$", "");
    const subject = parameter(
      "DeploysFrom",
      "The one place that may deploy: environment:NAME, or ref:refs/heads/BRANCH",
      "^(environment:[A-Za-z0-9._-]{1,255}|ref:refs/heads/[A-Za-z0-9._/-]{1,244})$",
      "environment:iam-warden",
    );
    const providerArn = parameter(
      "ProviderArn",
      "The account's provider for GitHub's tokens, of which there can be only one; empty to make it",
      `^(arn:[a-z-]+:iam::[0-9]{12}:oidc-provider/${issuer.replaceAll(".", "\\.")})?$`,
      "",
    );
    const qualifier = parameter("Qualifier", "What cdk bootstrap was given", "^[a-z0-9]{1,10}$", "hnb659fds");

    const makesProvider = this.#condition("MakesProvider", Fn.conditionEquals(providerArn, ""));
    const provider = new CfnOIDCProvider(this, "Provider", { url: `https://${issuer}`, clientIdList: [audience] });
    provider.cfnOptions.condition = makesProvider;

    const roles = bootstrapRoles.map((role) => iamArn(here, `role/cdk-${qualifier}-${role}-${Aws.ACCOUNT_ID}-*`));
    for (const role of roles)
      acceptWildcard(
        this,
        role,
        "Bootstrapping makes the role once in each Region, and its name ends with the Region's.",
      );
    const passOn = documentOf([
      {
        Sid: "PassOnToBootstrapRoles",
        Effect: "Allow",
        Action: ["sts:AssumeRole"],
        Resource: roles,
      },
    ]);
    const boundary = new CfnManagedPolicy(this, "Boundary", {
      description: "The most that the deploying role may ever do, whatever is attached to it",
      policyDocument: passOn,
    });

    const isEmpty = (value: string) => Fn.conditionEquals(value, "");
    const [noOwnerId, noRepositoryId] = [isEmpty(ownerId), isEmpty(repositoryId)];
    new CfnRule(this, "BothIdsOrNeither", {
      assertions: [
        {
          assert: Fn.conditionOr(
            Fn.conditionAnd(noOwnerId, noRepositoryId),
            Fn.conditionNot(Fn.conditionOr(noOwnerId, noRepositoryId)),
          ),
          assertDescription: "Give OwnerId and RepositoryId, or neither: a token carries both.",
        },
      ],
    });
    // Two subjects, never a pattern: a token carries one of them, by when the repository was made.
    const knowsIds = this.#condition("KnowsIds", Fn.conditionNot(noOwnerId));
    const byName = `repo:${owner}/${repository}:${subject}`;
    const byId = `repo:${owner}@${ownerId}/${repository}@${repositoryId}:${subject}`;
    const role = new CfnRole(this, "Role", {
      roleName: "iam-warden-deploy",
      description: "GitHub Actions deploys iam-warden's hub with it",
      maxSessionDuration: 3600,
      permissionsBoundary: boundary.ref,
      policies: [{ policyName: "iam-warden-deploy", policyDocument: passOn }],
      assumeRolePolicyDocument: documentOf([
        {
          Effect: "Allow",
          Principal: { Federated: Fn.conditionIf(makesProvider.logicalId, provider.ref, providerArn) },
          Action: "sts:AssumeRoleWithWebIdentity",
          Condition: {
            StringEquals: {
              [`${issuer}:aud`]: audience,
              [`${issuer}:sub`]: [byName, Fn.conditionIf(knowsIds.logicalId, byId, Aws.NO_VALUE)],
            },
          },
        },
      ]),
    });
    new CfnOutput(this, "RoleArn", { value: role.attrArn, description: "For the workflow: variable DEPLOY_ROLE_ARN" });
  }

  #condition(id: string, expression: ReturnType<typeof Fn.conditionEquals>): CfnCondition {
    return new CfnCondition(this, id, { expression });
  }
}
