import { Duration } from "aws-cdk-lib";
import { ManagedPolicy, PolicyStatement } from "aws-cdk-lib/aws-iam";
import { FunctionUrlAuthType } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import type { WriteName } from "../../shared/remediation/step.ts";
import type { Doctor } from "./doctor.ts";
import { assumeRoot } from "./repairs.ts";
import { WardenFunction } from "./warden-function.ts";
import {
  askForRepairs,
  assumeAuditRole,
  describeOrganization,
  environmentOf,
  listOrganization,
  type Wiring,
} from "./wiring.ts";

/** What people ask iam-warden through: a function's URL that lets in whom IAM lets in, and the policy that does. */
export class Operator extends Construct {
  readonly url: string;
  readonly function: WardenFunction;
  /** The managed policy of people who may use it. */
  readonly accessPolicyArn: string;

  constructor(scope: Construct, id: string, wiring: Wiring, written: readonly WriteName[], doctor: Doctor) {
    super(scope, id);
    const operator = new WardenFunction(this, "Function", {
      entry: "operator",
      description: "Answers people: findings, plans, approvals, undos, exemptions",
      timeout: Duration.minutes(2),
      memorySize: 1024, // As for the hourly run.
      environment: { ...environmentOf(this, wiring), DOCTOR_URL: doctor.url },
      bundledSettings: wiring.bundledSettings,
    });
    this.function = operator;
    operator.addToRolePolicy(assumeAuditRole(this, wiring));
    // The before-image of a plan for root is read as root.
    for (const statement of assumeRoot(this, written, ["IAMAuditRootUserCredentials"]))
      operator.addToRolePolicy(statement);
    operator.addToRolePolicy(listOrganization());
    operator.addToRolePolicy(describeOrganization());
    for (const statement of askForRepairs(wiring)) operator.addToRolePolicy(statement);
    wiring.table.grantStore(operator);
    wiring.table.grantBreakers(operator);
    wiring.topic.grantPublish(operator);

    this.url = operator.addFunctionUrl({ authType: FunctionUrlAuthType.AWS_IAM }).url;
    // Who may invoke the function itself can say to be anybody: only through its URL does Lambda say who asks.
    const resources = [operator.functionArn, doctor.function.functionArn];
    this.accessPolicyArn = new ManagedPolicy(this, "Access", {
      managedPolicyName: "iam-warden-operator-access",
      description: "May ask iam-warden for findings, plans and its doctor, approve, undo and exempt",
      statements: [
        new PolicyStatement({
          actions: ["lambda:InvokeFunctionUrl"],
          resources,
          conditions: { StringEquals: { "lambda:FunctionUrlAuthType": "AWS_IAM" } },
        }),
        new PolicyStatement({
          actions: ["lambda:InvokeFunction"],
          resources,
          conditions: { Bool: { "lambda:InvokedViaFunctionUrl": "true" } },
        }),
      ],
    }).managedPolicyArn;
  }
}
