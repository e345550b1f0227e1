import { groupArn, oidcProviderArn, policyArn, roleArn, userArn } from "../../aws/arn.ts";
import type { Place } from "../../cloudformation/intrinsics.ts";
import { unresolved } from "../../cloudformation/unresolved.ts";
import { isRecord, textOf } from "./fields.ts";

/** What a template's resources are called, and what `Ref` and `Fn::GetAtt` make of them. */
export interface CloudFormationNames {
  /** The name that a resource has, or that CloudFormation makes up for it. */
  nameOf(logicalId: string): string;
  arnOf(logicalId: string): string;
  ref(logicalId: string): string;
  attribute(logicalId: string, name: string): string;
}

type Resource = Readonly<Record<string, unknown>>;

const nameProperty: Readonly<Record<string, string>> = {
  "AWS::IAM::Role": "RoleName",
  "AWS::IAM::User": "UserName",
  "AWS::IAM::Group": "GroupName",
  "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
};

/** `Ref` answers their ARN. AWS CDK makes OIDC providers by a resource of its own. */
const calledByArn: ReadonlySet<string> = new Set([
  "AWS::IAM::ManagedPolicy",
  "AWS::IAM::OIDCProvider",
  "Custom::AWSCDKOpenIdConnectProvider",
]);

/** Whose ARNs have a Region and an account, by the service's part of a resource's type. */
const arnServices: Readonly<Record<string, string>> = {
  DynamoDB: "dynamodb",
  Events: "events",
  KMS: "kms",
  Lambda: "lambda",
  Logs: "logs",
  SecretsManager: "secretsmanager",
  SNS: "sns",
  SQS: "sqs",
  StepFunctions: "states",
};

/** @param resolve a property, whose functions may refer to further names */
export const createNames = (
  resources: Readonly<Record<string, Resource>>,
  { partition, accountId, region, stackName }: Place,
  resolve: (value: unknown) => unknown,
): CloudFormationNames => {
  const naming: string[] = [];
  /** What is sure of an ARN: everything but what CloudFormation calls the resource. */
  const arnWithout = (id: string, type: string): string => {
    const [, service = ""] = type.split("::");
    if (service === "S3") return `arn:${partition}:s3:::${unresolved(id)}`;
    const prefix = arnServices[service];
    return prefix === undefined
      ? unresolved(`${id}.Arn`)
      : `arn:${partition}:${prefix}:${region}:${accountId}:${unresolved(id)}`;
  };
  const property = (id: string, key: string): string | undefined => {
    const { Properties: properties } = resources[id] ?? {};
    if (!isRecord(properties) || !Object.hasOwn(properties, key)) return undefined;
    if (naming.includes(id)) throw new Error(`${[...naming, id].join(" is named by ")}: none can be first`);
    naming.push(id);
    try {
      return textOf(resolve(properties[key]));
    } finally {
      naming.pop();
    }
  };
  const typeOf = (id: string): string => String(resources[id]?.Type);
  const nameOf = (id: string): string => {
    const key = nameProperty[typeOf(id)] ?? "";
    const name = property(id, key) ?? `${stackName}-${id}`;
    // What a function made says too little to tell two of them apart.
    return name.includes("«Fn::") ? unresolved(`${id}.${key}`) : name;
  };
  const arnOf = (id: string): string => {
    const path = property(id, "Path") ?? "/";
    switch (typeOf(id)) {
      case "AWS::IAM::Role":
        return roleArn(partition, accountId, `${path}${nameOf(id)}`);
      case "AWS::IAM::User":
        return userArn(partition, accountId, `${path}${nameOf(id)}`);
      case "AWS::IAM::Group":
        return groupArn(partition, accountId, `${path}${nameOf(id)}`);
      case "AWS::IAM::ManagedPolicy":
        return policyArn(partition, accountId, `${path}${nameOf(id)}`);
      case "AWS::IAM::OIDCProvider":
      case "Custom::AWSCDKOpenIdConnectProvider":
        return oidcProviderArn(
          partition,
          accountId,
          (property(id, "Url") ?? unresolved(id)).replace(/^https:\/\//, ""),
        );
      default:
        return arnWithout(id, typeOf(id));
    }
  };
  return {
    nameOf,
    arnOf,
    ref: (id) => {
      const type = typeOf(id);
      if (calledByArn.has(type)) return arnOf(id);
      return Object.hasOwn(nameProperty, type) ? nameOf(id) : unresolved(id);
    },
    attribute: (id, name) => (name === "Arn" || name === "PolicyArn" ? arnOf(id) : unresolved(`${id}.${name}`)),
  };
};
