import type { CloudTrailClient, CloudTrailClientConfig } from "@aws-sdk/client-cloudtrail";
import { IAMClient } from "@aws-sdk/client-iam";
import { OrganizationsClient } from "@aws-sdk/client-organizations";
import { SNSClient } from "@aws-sdk/client-sns";
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient, type STSClientConfig } from "@aws-sdk/client-sts";
import type { AwsCredentialIdentity, AwsCredentialIdentityProvider, Pluggable } from "@smithy/types";
import { type AccessAnalyzer, createAccessAnalyzer } from "../analyzers/access-analyzer.ts";
import { MalformedInputError } from "../errors.ts";
import type { Fact, TrailCoverage } from "../facts/facts.ts";
import type { AwsAccess } from "./access.ts";
import { dnsSuffixOf, iamRegionOf, organizationsRegionOf, parseArn, partitionOf, roleArn } from "./arn.ts";
import { call } from "./errors.ts";
import { callJson } from "./signed-json.ts";

/** Sockets kept open to one endpoint; more reads at once wait for one of these. */
const maxSockets = 50;
const sessionSeconds = 3600;
/** Credentials are renewed this long before they end, so that none ends under way. */
const renewAheadMs = 5 * 60_000;

/** How an SDK client reaches AWS. */
export interface Connection {
  /** Absent: the SDK's default chain (`AWS_PROFILE`, SSO, instance role…). */
  readonly credentials?: AwsCredentialIdentity | AwsCredentialIdentityProvider;
  /** Absent: `AWS_ENDPOINT_URL` and its like, else AWS itself. */
  readonly endpoint?: string;
  /** An SDK request handler, e.g. the sandbox's. Absent: HTTP with keep-alive and at most 50 sockets an endpoint. */
  readonly requestHandler?: STSClientConfig["requestHandler"];
  /** Attempts of one call, the first included. Absent: `AWS_MAX_ATTEMPTS`, else 6. */
  readonly maxAttempts?: number;
  /** Absent: `adaptive`, which also slows down its own calls to what AWS lets through. */
  readonly retryMode?: "adaptive" | "standard";
}

export interface ConnectionOptions extends Connection {
  /** Absent: `AWS_REGION`, or the profile's, as the SDK finds it. */
  readonly region?: string;
}

/** How trails are looked at, apart from everything that no trail is needed for: CloudTrail's client is large. */
export interface TrailReading {
  client(config: CloudTrailClientConfig): CloudTrailClient;
  /** @param home the Region whose list tells the trails of every Region */
  read(clientIn: (region: string) => CloudTrailClient, home: string, accountId: string): Promise<Fact<TrailCoverage>>;
}

export interface AwsAccessOptions extends ConnectionOptions {
  /** The account that the caller's own credentials belong to. */
  readonly ownAccountId: string;
  /** The role to assume in other accounts, with its path if it has one. Absent: `iam-warden-audit`. */
  readonly roleName?: string;
  /** Whether the role is assumed in `ownAccountId` too, instead of using the caller's own credentials. */
  readonly assumeInOwnAccount?: boolean;
  readonly externalId?: string;
  /** As it appears in the members' CloudTrail. Absent: `iam-warden-audit`. */
  readonly sessionName?: string;
  /** Absent: that of the Region. */
  readonly partition?: string;
  /** The Regions that are watched. Absent: the one of IAM's own events. */
  readonly watchedRegions?: readonly string[];
  /** Absent: trails are not looked at. */
  readonly trails?: TrailReading;
  /** What says when assumed-role credentials are to be renewed. */
  readonly clock?: () => Date;
}

/** What every client is built with: credentials, endpoint, retries, sockets. */
export const connectionOf = (options: ConnectionOptions) => ({
  retryMode: options.retryMode ?? "adaptive",
  ...(options.maxAttempts !== undefined
    ? { maxAttempts: options.maxAttempts }
    : process.env.AWS_MAX_ATTEMPTS === undefined && { maxAttempts: 6 }),
  ...(options.credentials && { credentials: options.credentials }),
  ...(options.endpoint !== undefined && { endpoint: options.endpoint }),
  requestHandler: options.requestHandler ?? {
    connectionTimeout: 5_000,
    requestTimeout: 20_000,
    throwOnRequestTimeout: true,
    httpAgent: { keepAlive: true, maxSockets },
    httpsAgent: { keepAlive: true, maxSockets },
  },
});

type Tally = (accountId: string, operation: string) => void;

/** Counts at the wire, below the SDK's retries: each attempt is one. `account` may tell from the call's input. */
const counting = <Input extends object, Output extends object>(
  tally: Tally,
  service: string,
  account: string | ((input: Input) => string),
): Pluggable<Input, Output> => ({
  applyToStack: (stack) => {
    stack.add(
      (next, context) => async (args) => {
        const operation = String(context.commandName ?? "unknown").replace(/Command$/, "");
        tally(typeof account === "string" ? account : account(args.input), `${service}:${operation}`);
        return next(args);
      },
      // The last step before the request handler; the SDK's retries loop above it.
      { step: "deserialize", priority: "low", name: "countAttempts" },
    );
  },
});

/**
 * One flight and one cache for the credentials of one role: the SDK asks for them on each request, and only a request
 * near their end makes a call. Their end is reckoned from when they were asked for, on our own clock, so that a clock
 * that differs from AWS's neither renews each time nor too late.
 */
const renewed = (
  clock: () => Date,
  assume: () => Promise<AwsCredentialIdentity>,
): AwsCredentialIdentityProvider & { readonly memoized: true } => {
  let current: { readonly credentials: Promise<AwsCredentialIdentity>; readonly renewAt: number } | undefined;
  const provide = async (): Promise<AwsCredentialIdentity> => {
    const now = clock().getTime();
    if (current && now < current.renewAt) return current.credentials;
    const flight = { credentials: assume(), renewAt: now + sessionSeconds * 1000 - renewAheadMs };
    current = flight;
    try {
      return await flight.credentials;
    } catch (error) {
      if (current === flight) current = undefined; // A refusal is not kept: the next read asks again.
      throw error;
    }
  };
  // Tells the SDK not to cache them itself, by the machine's clock.
  return Object.assign(provide, { memoized: true as const });
};

/**
 * The one place that builds SDK clients. Nothing is called until a client is used.
 * @throws MalformedInputError for a partition that is not known
 */
export const createAwsAccess = (options: AwsAccessOptions): AwsAccess => {
  const region = options.region ?? process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION;
  const partition = options.partition ?? (region === undefined ? "aws" : partitionOf(region));
  const iamRegion = iamRegionOf(partition);
  const clock = options.clock ?? (() => new Date());
  const roleName = options.roleName ?? "iam-warden-audit";

  const counts = new Map<string, Map<string, number>>();
  const tally: Tally = (accountId, operation) => {
    const account = counts.get(accountId) ?? new Map<string, number>();
    counts.set(accountId, account.set(operation, (account.get(operation) ?? 0) + 1));
  };

  const own = connectionOf(options);
  const sts = new STSClient({ ...own, ...(region !== undefined && { region }) });
  // An AssumeRole is a cost of the account whose role it is.
  sts.middlewareStack.use(
    counting(tally, "sts", (input) => {
      const role: unknown = Reflect.get(input, "RoleArn");
      return typeof role === "string" ? parseArn(role).accountId : options.ownAccountId;
    }),
  );
  // The clients share the first one's handler, hence its sockets.
  const base = { ...own, requestHandler: sts.config.requestHandler };

  const assume = async (accountId: string): Promise<AwsCredentialIdentity> => {
    const arn = roleArn(partition, accountId, roleName);
    const { Credentials: made } = await call("sts:AssumeRole", accountId, () =>
      sts.send(
        new AssumeRoleCommand({
          RoleArn: arn,
          RoleSessionName: options.sessionName ?? "iam-warden-audit",
          DurationSeconds: sessionSeconds,
          ...(options.externalId !== undefined && { ExternalId: options.externalId }),
        }),
      ),
    );
    if (!made?.AccessKeyId || !made.SecretAccessKey)
      throw new MalformedInputError(`sts:AssumeRole of ${arn} answered without credentials`);
    return {
      accessKeyId: made.AccessKeyId,
      secretAccessKey: made.SecretAccessKey,
      ...(made.SessionToken !== undefined && { sessionToken: made.SessionToken }),
      accountId,
    };
  };

  const iamWith = (
    accountId: string,
    credentials?: AwsCredentialIdentity | AwsCredentialIdentityProvider,
  ): IAMClient => {
    const client = new IAMClient({ ...base, region: iamRegion, ...(credentials && { credentials }) });
    client.middlewareStack.use(counting(tally, "iam", accountId));
    return client;
  };

  const providers = new Map<string, ReturnType<typeof renewed>>();
  const credentials = (accountId: string): AwsCredentialIdentityProvider => {
    const provider = providers.get(accountId) ?? renewed(clock, () => assume(accountId));
    providers.set(accountId, provider);
    return provider;
  };

  /** Absent in the caller's own account, unless its role is assumed there too. */
  const credentialsIn = (accountId: string): AwsCredentialIdentityProvider | undefined =>
    accountId !== options.ownAccountId || options.assumeInOwnAccount === true ? credentials(accountId) : undefined;

  const iamClients = new Map<string, IAMClient>();
  const iam = (accountId: string): IAMClient => {
    const made = iamClients.get(accountId);
    if (made) return made;
    const client = iamWith(accountId, credentialsIn(accountId));
    iamClients.set(accountId, client);
    return client;
  };

  let organizationsClient: OrganizationsClient | undefined;
  const organizations = (): OrganizationsClient => {
    if (organizationsClient) return organizationsClient;
    organizationsClient = new OrganizationsClient({ ...base, region: organizationsRegionOf(partition) });
    organizationsClient.middlewareStack.use(counting(tally, "organizations", options.ownAccountId));
    return organizationsClient;
  };

  const trailsWith =
    (reading: TrailReading): AwsAccess["trails"] =>
    (accountId) => {
      const role = credentialsIn(accountId);
      const clientIn = (at: string): CloudTrailClient => {
        const client = reading.client({ ...base, region: at, ...(role && { credentials: role }) });
        client.middlewareStack.use(counting(tally, "cloudtrail", accountId));
        return client;
      };
      return reading.read(clientIn, iamRegion, accountId);
    };

  const accessAnalyzer = (accountId: string, at: string): AccessAnalyzer =>
    createAccessAnalyzer((operation, asked) =>
      callJson(
        sts,
        {
          ...{ service: "access-analyzer", region: at, suffix: dnsSuffixOf(partition) },
          endpoint: options.endpoint ?? process.env.AWS_ENDPOINT_URL,
          credentials: credentialsIn(accountId) ?? sts.config.credentials,
          onAttempt: () => tally(accountId, `access-analyzer:${operation}`),
        },
        asked,
      ),
    );

  let snsClient: SNSClient | undefined;
  const sns = (): SNSClient => {
    if (snsClient) return snsClient;
    snsClient = new SNSClient({ ...base, ...(region !== undefined && { region }) });
    snsClient.middlewareStack.use(counting(tally, "sns", options.ownAccountId));
    return snsClient;
  };

  return {
    partition,
    credentials,
    iam,
    iamWith,
    organizations,
    sns,
    sts: () => sts,
    watchedRegions: options.watchedRegions ?? [iamRegion],
    accessAnalyzer,
    ...(options.trails && { trails: trailsWith(options.trails) }),
    calls: () =>
      Object.fromEntries(
        [...counts].sort().map(([account, operations]) => [account, Object.fromEntries([...operations].sort())]),
      ),
  };
};

export interface CallerIdentity {
  readonly accountId: string;
  readonly arn: string;
  readonly partition: string;
  /** The Region that the options, the environment or the profile name; else that of the partition's IAM. */
  readonly region: string;
  /** Wire calls that it took to find out; no `AwsAccess` counts them. */
  readonly calls: number;
}

/**
 * Whose credentials these are, by `sts:GetCallerIdentity`: what `createAwsAccess` has to be told when nobody knows it.
 * Works without any Region configured, as IAM itself does.
 */
export const callerIdentity = async (options: ConnectionOptions = {}): Promise<CallerIdentity> => {
  const configured =
    options.region ??
    (await new STSClient(connectionOf(options)).config.region().catch(() => undefined)) ??
    iamRegionOf("aws");
  const sts = new STSClient({ ...connectionOf(options), region: configured });
  const identity = await sts.send(new GetCallerIdentityCommand({}));
  if (!identity.Account || !identity.Arn)
    throw new MalformedInputError("sts:GetCallerIdentity answered without an account");
  return {
    accountId: identity.Account,
    arn: identity.Arn,
    partition: parseArn(identity.Arn).partition,
    region: configured,
    calls: identity.$metadata.attempts ?? 1,
  };
};
