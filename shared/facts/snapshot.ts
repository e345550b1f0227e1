import { GetAccountSummaryCommand, type IAMClient, ListUsersCommand } from "@aws-sdk/client-iam";
import type { AwsAccess } from "../aws/access.ts";
import type { OrganizationView } from "../organization/view.ts";
import type { AccountRef } from "../subject.ts";
import { readAnalyzers } from "./analyzers.ts";
import { type Identity, readAuthorization } from "./authorization.ts";
import { type CredentialReport, parseCredentialReport, type ReportRow } from "./credential-report.ts";
import { readExternalAccess } from "./external-access.ts";
import {
  type AccessKeyFacts,
  type AccountSnapshot,
  type ConsoleAccess,
  type Fact,
  known,
  type OidcProviderFacts,
  type SamlProviderFacts,
  type ServerCertificateFacts,
  type UserFacts,
  unknownFact,
  whyUnread,
} from "./facts.ts";
import { type FetchedReport, fetchCredentialReport, freshForMs, type Sleep } from "./fetch-report.ts";
import { readOidcProviders, readSamlProviders, readServerCertificates } from "./others.ts";
import { anyConsoleUser, readPasswordPolicy } from "./passwords.ts";
import { maxItems, pages, readOrGap } from "./reading.ts";
import { readAllServiceCredentials, type ServiceCredentialsByUser } from "./service-credentials.ts";
import {
  type AccountSummary,
  accountFacts,
  byCreation,
  listVirtualMfa,
  noConsole,
  rootFacts,
  type VirtualMfa,
} from "./shapes.ts";

/** A user made this shortly before the report may be missing from it, for IAM takes a while to show it everywhere. */
const settlingMs = 60_000;

/** When each user last signed in with the password, live; `undefined` for a user that the list does not have. */
type PasswordUses = Fact<ReadonlyMap<string, Date | null>>;

const readPasswordUses = (iam: IAMClient, account: AccountRef): Promise<PasswordUses> =>
  readOrGap("iam:ListUsers", account.id, async () => {
    const uses = new Map<string, Date | null>();
    const list = pages((marker) => iam.send(new ListUsersCommand({ MaxItems: maxItems, ...marker })));
    for await (const page of list)
      for (const user of page.Users ?? []) if (user.UserName) uses.set(user.UserName, user.PasswordLastUsed ?? null);
    return uses;
  });

/** What there is of a credential report, and why there is not more. */
interface ReportInHand {
  readonly report?: CredentialReport & { readonly generatedAt: Date };
  readonly why: string;
}

const reportInHand = (fetched: FetchedReport): ReportInHand => {
  if (!fetched.ready) return { why: fetched.why };
  const report = { ...parseCredentialReport(fetched.content), generatedAt: fetched.generatedAt };
  if (report.halfRead !== undefined) return { why: `the credential report is not whole: ${report.halfRead}` };
  return { report, why: "" };
};

/** So young that the report need not know of it. */
const isYounger = (user: Identity, report: { readonly generatedAt: Date }): boolean =>
  user.createdAt.getTime() + settlingMs > report.generatedAt.getTime();

const rowOf = ({ report, why }: ReportInHand, user: Identity): Fact<ReportRow> => {
  if (!report) return unknownFact(why);
  const made = report.generatedAt.toISOString();
  const row = report.users.get(user.name);
  if (!row)
    return unknownFact(
      `${isYounger(user, report) ? "created after" : "missing from"} the credential report of ${made}`,
    );
  if (row.createdAt.known && user.createdAt.getTime() - row.createdAt.value.getTime() > settlingMs)
    return unknownFact(`the credential report of ${made} is about an earlier user of this name`);
  return known(row);
};

const later = (a: Date | null, b: Date | null): Date | null => (a === null || (b !== null && b > a) ? b : a);

const consoleFacts = (row: ReportRow, signedInAt: Fact<Date | null>): Fact<ConsoleAccess> => {
  if (!row.passwordEnabled.known) return row.passwordEnabled;
  if (!row.passwordEnabled.value) return known(noConsole);
  const reported = row.passwordLastUsedAt;
  return known({
    enabled: true,
    createdAt: unknownFact("the credential report does not say when the login profile was made"),
    passwordChangedAt: row.passwordChangedAt,
    lastUsedAt:
      signedInAt.known && reported.known
        ? known(later(signedInAt.value, reported.value))
        : signedInAt.known
          ? signedInAt
          : reported,
  });
};

const keyFacts = (account: AccountRef, user: Identity, row: ReportRow): Fact<readonly AccessKeyFacts[]> => {
  if (!row.keys.known) return row.keys;
  const keys: AccessKeyFacts[] = [];
  for (const key of row.keys.value) {
    if (!key.createdAt.known) return key.createdAt;
    keys.push({
      kind: "accessKey",
      account,
      userName: user.name,
      userArn: user.arn,
      userPath: user.path,
      userTags: user.tags,
      id: unknownFact("the credential report lists no access key ids"),
      active: key.active,
      createdAt: key.createdAt.value,
      lastUsedAt: key.lastUsedAt,
    });
  }
  return known(keys.sort(byCreation));
};

/** A user by a row of the credential report, and what is live. */
export const userFacts = (
  account: AccountRef,
  user: Identity,
  sources: {
    readonly row: Fact<ReportRow>;
    readonly passwordUses: PasswordUses;
    readonly virtualMfa: Fact<VirtualMfa>;
    readonly serviceCredentials: ServiceCredentialsByUser;
    readonly credentialsAsOf: Date;
  },
): UserFacts => {
  const { row, passwordUses, virtualMfa, serviceCredentials, credentialsAsOf } = sources;
  const signedInAt: Fact<Date | null> = passwordUses.known
    ? known(passwordUses.value.get(user.name) ?? null)
    : passwordUses;
  const hasVirtualMfa = virtualMfa.known && virtualMfa.value.userNames.has(user.name);
  return {
    ...user,
    console: row.known ? consoleFacts(row.value, signedInAt) : row,
    mfaActive: hasVirtualMfa ? known(true) : row.known ? row.value.mfaActive : row,
    accessKeys: row.known ? keyFacts(account, user, row.value) : row,
    serviceCredentials: serviceCredentials.known
      ? known(serviceCredentials.value.get(user.name) ?? [])
      : serviceCredentials,
    credentialsAsOf,
  };
};

/**
 * Reads a whole account in a handful of calls, whose number grows by the page, not by the user. A part that may not be
 * read is an unknown fact and a gap.
 * @throws AccessDeniedError if `iam:GetAccountAuthorizationDetails`, or the role itself, is denied
 * @throws ThrottledError when AWS keeps throttling after the SDK's own retries
 */
export const readSnapshot = async (
  aws: AwsAccess,
  account: AccountRef,
  {
    clock,
    sleep,
    organization,
  }: {
    readonly clock: () => Date;
    readonly sleep: Sleep;
    /** Which analyzers of the organization tell of the account's resources. Absent: not known. */
    readonly organization?: Fact<OrganizationView> | undefined;
  },
): Promise<AccountSnapshot> => {
  const iam = aws.iam(account.id);
  const readAt = clock();
  const stop = new AbortController();

  const readSummary = readOrGap<AccountSummary>("iam:GetAccountSummary", account.id, async () => {
    const answer = await iam.send(new GetAccountSummaryCommand({}));
    return answer.SummaryMap ?? {};
  });
  /** Most accounts have no provider, which the summary says in a call that is made anyway. */
  const readProviders = async (): Promise<Fact<readonly OidcProviderFacts[]>> => {
    const counted = await readSummary;
    return counted.known && counted.value.Providers === 0 ? known([]) : readOidcProviders(iam, account, readOrGap);
  };

  /** It counts the SAML providers among them. */
  const readSaml = async (): Promise<Fact<readonly SamlProviderFacts[]>> => {
    const counted = await readSummary;
    return counted.known && counted.value.Providers === 0 ? known([]) : readSamlProviders(iam, account, readOrGap);
  };

  /** The same goes for server certificates. */
  const readCertificates = async (): Promise<Fact<readonly ServerCertificateFacts[]>> => {
    const counted = await readSummary;
    return counted.known && counted.value.ServerCertificates === 0
      ? known([])
      : readServerCertificates(iam, account, readOrGap);
  };
  /** No call tells whether anybody has one, but without users nobody has. */
  const readServiceCredentials = async (): Promise<ServiceCredentialsByUser> => {
    const counted = await readSummary;
    return counted.known && counted.value.Users === 0
      ? known(new Map())
      : readAllServiceCredentials(iam, account.id, readOrGap);
  };

  const readingAnalyzers = readAnalyzers(aws, account.id, { isOneOfMany: true });
  // The report is asked for first; the rest is read while IAM makes it.
  const reading = Promise.all([
    fetchCredentialReport(iam, account.id, { sleep, signal: stop.signal }),
    readAuthorization(iam, account, readSummary),
    readSummary,
    readPasswordUses(iam, account),
    readOrGap("iam:ListVirtualMFADevices", account.id, () => listVirtualMfa(iam)),
    readProviders(),
    readSaml(),
    readPasswordPolicy(iam, account.id, readOrGap),
    readServiceCredentials(),
    readCertificates(),
    aws.trails?.(account.id),
    readingAnalyzers,
    readExternalAccess({ aws, account, organization }, readingAnalyzers),
  ]);
  const [
    fetched,
    authorization,
    summary,
    passwordUses,
    virtualMfa,
    oidcProviders,
    samlProviders,
    passwordPolicy,
    serviceCredentials,
    certificates,
    trails,
    analyzers,
    external,
  ] = await reading.finally(() => stop.abort());

  const inHand = reportInHand(fetched);
  const reportAt = inHand.report?.generatedAt;
  const gaps = [
    ...(inHand.report ? [] : [`credential report: ${inHand.why}`]),
    ...[
      summary,
      passwordUses,
      virtualMfa,
      oidcProviders,
      samlProviders,
      passwordPolicy,
      serviceCredentials,
      certificates,
      trails,
    ].flatMap((part) => (part?.known === false ? [part.why] : [])),
    ...new Set(external.unread.flatMap(({ why, isFailure }) => (isFailure ? [why] : []))),
  ];

  const unlisted = whyUnread(external.unread);
  const { report } = inHand;
  const unreported = report ? authorization.users.filter((user) => !report.users.has(user.name)) : [];
  const newUsers = new Set(unreported.filter((user) => report && isYounger(user, report)).map(({ name }) => name));
  const missing = unreported.length - newUsers.size;
  if (missing > 0) gaps.push(`credential report: users missing from it who are older than it: ${missing}`);
  const users = authorization.users.map((user) =>
    userFacts(account, user, {
      row: rowOf(inHand, user),
      passwordUses,
      virtualMfa,
      serviceCredentials,
      credentialsAsOf: reportAt ?? readAt,
    }),
  );

  const rootRow: Fact<ReportRow> = report?.root
    ? known(report.root)
    : unknownFact(report ? "the credential report has no row for root" : inHand.why);
  return {
    account,
    readAt,
    ...(reportAt && { reportAt }),
    users,
    newUsers,
    roles: authorization.roles,
    root: rootFacts(
      account,
      aws.partition,
      { summary, virtualMfa },
      { row: rootRow, fresh: reportAt !== undefined && readAt.getTime() - reportAt.getTime() < freshForMs },
    ),
    accountFacts: accountFacts(account, aws.partition, {
      summary,
      passwordPolicy,
      trails,
      analyzers,
      hasConsoleUsers: anyConsoleUser(users.map(({ console }) => console)),
    }),
    others: [
      ...authorization.groups,
      ...authorization.policies,
      ...(oidcProviders.known ? oidcProviders.value : []),
      ...(samlProviders.known ? samlProviders.value : []),
      ...(certificates.known ? certificates.value : []),
      ...external.resources,
    ],
    unlisted: new Map([
      ...(oidcProviders.known ? [] : [["oidcProvider", oidcProviders.why] as const]),
      ...(samlProviders.known ? [] : [["samlProvider", samlProviders.why] as const]),
      ...(certificates.known ? [] : [["serverCertificate", certificates.why] as const]),
      ...(unlisted === undefined ? [] : [["resource", unlisted] as const]),
    ]),
    unreadAccess: external.unread,
    liveParts: passwordUses.known ? ["passwordLastUsed"] : [],
    gaps,
  };
};
