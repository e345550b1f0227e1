import {
  CredentialReportExpiredException,
  CredentialReportNotPresentException,
  CredentialReportNotReadyException,
  type IAMClient,
} from "@aws-sdk/client-iam";
import type { OrganizationsClient } from "@aws-sdk/client-organizations";
import type { SNSClient } from "@aws-sdk/client-sns";
import type { STSClient } from "@aws-sdk/client-sts";
import type { AwsCredentialIdentity } from "@smithy/types";
import { createAccessAnalyzer } from "../../shared/analyzers/access-analyzer.ts";
import type { AwsAccess } from "../../shared/aws/access.ts";
import { roleArn } from "../../shared/aws/arn.ts";
import { createAwsAccess } from "../../shared/aws/aws-access.ts";
import { AwsError } from "../protocol/service.ts";
import type { Sandbox } from "../sandbox.ts";
import { sdkError } from "./faults.ts";

/** What a function's clients are built for. */
export interface AccessOptions {
  readonly credentials: AwsCredentialIdentity;
  readonly ownAccountId: string;
  readonly roleName: string;
  readonly sessionName: string;
  readonly clock: () => Date;
}

export type CreateAccess = (options: AccessOptions) => AwsAccess;

/** What an SDK client does, as far as anything here uses it. */
interface Sender {
  send(command: object): Promise<unknown>;
}

/** One is enough for whatever may go wrong in any of them. */
const watchedRegions = ["us-east-1"];

/** The SDK's own clients. Slower: each call is signed, written and parsed. */
export const sdkAccess =
  (sandbox: Sandbox): CreateAccess =>
  ({ credentials, ...options }) =>
    createAwsAccess({
      ...sandbox.clientConfig(credentials),
      ...options,
      assumeInOwnAccount: true,
      watchedRegions,
      maxAttempts: 1,
    });

const sessionMs = 55 * 60_000;

/** Clients that hand their commands to the sandbox as they are, and throw errors as the SDK does. */
export const directAccess =
  (sandbox: Sandbox): CreateAccess =>
  ({ credentials: own, roleName, sessionName, clock }) => {
    const sender = (service: string, credentials: () => Promise<AwsCredentialIdentity>): Sender => ({
      send: async (command) => {
        const request = {
          service,
          operation: operationOf(command),
          region: "us-east-1",
          input: Reflect.get(command, "input"),
        };
        try {
          return await sandbox.call(await credentials(), request);
        } catch (error) {
          throw error instanceof AwsError ? asSdkThrows(error) : error;
        }
      },
    });
    const ownCredentials = async () => own;
    const sts = sender("sts", ownCredentials) as unknown as STSClient;
    const sessions = new Map<
      string,
      { readonly credentials: Promise<AwsCredentialIdentity>; readonly until: number }
    >();
    const assume = async (accountId: string): Promise<AwsCredentialIdentity> => {
      const { Credentials: made } = (await sandbox
        .call(own, {
          service: "sts",
          operation: "AssumeRole",
          region: "us-east-1",
          input: { RoleArn: roleArn("aws", accountId, roleName), RoleSessionName: sessionName, DurationSeconds: 3600 },
        })
        .catch((error: unknown) => {
          throw error instanceof AwsError ? asSdkThrows(error) : error;
        })) as { Credentials: { AccessKeyId: string; SecretAccessKey: string; SessionToken: string } };
      return {
        accessKeyId: made.AccessKeyId,
        secretAccessKey: made.SecretAccessKey,
        sessionToken: made.SessionToken,
      };
    };
    const assumed = (accountId: string) => async (): Promise<AwsCredentialIdentity> => {
      const known = sessions.get(accountId);
      if (known && clock().getTime() < known.until) return known.credentials;
      const credentials = assume(accountId);
      sessions.set(accountId, { credentials, until: clock().getTime() + sessionMs });
      credentials.catch(() => sessions.delete(accountId));
      return credentials;
    };
    return {
      partition: "aws",
      credentials: assumed,
      iam: (accountId) => sender("iam", assumed(accountId)) as unknown as IAMClient,
      iamWith: (_accountId, credentials) => sender("iam", async () => credentials) as unknown as IAMClient,
      sts: () => sts,
      organizations: () => sender("organizations", ownCredentials) as unknown as OrganizationsClient,
      sns: () => sender("sns", ownCredentials) as unknown as SNSClient,
      watchedRegions,
      accessAnalyzer: (accountId, region) =>
        createAccessAnalyzer(async (operation, { path, query, body }) => {
          const [, , analyzerName] = path.split("/");
          const input = { ...query, ...body, ...(analyzerName !== undefined && { analyzerName }) };
          try {
            return await sandbox.call(await assumed(accountId)(), {
              ...{ service: "access-analyzer", operation, region, input },
            });
          } catch (error) {
            throw error instanceof AwsError ? asSdkThrows(error) : error;
          }
        }),
      calls: () => ({}),
    };
  };

const operationOf = (command: object): string => command.constructor.name.replace(/Command$/, "");

const reportErrors = {
  ReportInProgress: CredentialReportNotReadyException,
  ReportNotPresent: CredentialReportNotPresentException,
  ReportExpired: CredentialReportExpiredException,
} as const;

/** Of the SDK's own classes only those that the program asks for; it knows all others by their code. */
const asSdkThrows = ({ code, message, status }: AwsError): Error => {
  const Class = Object.hasOwn(reportErrors, code) ? reportErrors[code as keyof typeof reportErrors] : undefined;
  if (Class) return new Class({ message, $metadata: { httpStatusCode: status } });
  return sdkError(code, message, status);
};

/** Passes every call of an access's clients through `call`, by its name. */
export const through = (
  aws: AwsAccess,
  call: (name: string, effect: () => Promise<unknown>) => Promise<unknown>,
): AwsAccess => {
  const wrapped = <C>(service: string, client: C): C =>
    ({
      send: (command: object) => call(`${service}:${operationOf(command)}`, () => (client as Sender).send(command)),
    }) as C;
  return {
    partition: aws.partition,
    credentials: (accountId) => aws.credentials(accountId),
    iam: (accountId) => wrapped("iam", aws.iam(accountId)),
    iamWith: (accountId, credentials) => wrapped("iam", aws.iamWith(accountId, credentials)),
    sts: () => wrapped("sts", aws.sts()),
    organizations: () => wrapped("organizations", aws.organizations()),
    sns: () => wrapped("sns", aws.sns()),
    watchedRegions: aws.watchedRegions,
    accessAnalyzer: (accountId, region) => {
      const client = aws.accessAnalyzer(accountId, region);
      const named = <T>(operation: string, effect: () => Promise<T>): Promise<T> =>
        call(`access-analyzer:${operation}`, effect) as Promise<T>;
      return {
        list: (type) => named("ListAnalyzers", () => client.list(type)),
        findings: (arn, asked) => named("ListFindings", () => client.findings(arn, asked)),
        get: (name) => named("GetAnalyzer", () => client.get(name)),
        create: (made) => named("CreateAnalyzer", () => client.create(made)),
        delete: (name) => named("DeleteAnalyzer", () => client.delete(name)),
      };
    },
    calls: () => aws.calls(),
  };
};
