import { type Confinement, type ConfinementValue, valuesOf } from "./confinement.ts";

/** How far a value of a claim pins whom tokens are for. `review`: to somebody, but wider or of a form that a person should look at. */
export type Pinning =
  | { readonly level: "pinned" }
  | { readonly level: "review"; readonly why: string }
  | { readonly level: "open"; readonly why: string };

/** An OIDC issuer as role trust sees it. */
export interface OidcIssuer {
  readonly name: string;
  /** One issuer signs the tokens of all its customers; else an issuer is one customer's own. */
  readonly isShared: boolean;
  /** The claim that tells customers, or projects of one customer, apart; with a colon, another condition key. */
  readonly claim: string;
  /** Other claims that do so as fixed values. */
  readonly alsoClaims?: readonly string[];
  readonly judge: (value: ConfinementValue) => Pinning;
  /** By what a claim's fixed start says, if it does, whose tokens are let in: an owner's names and ids, of which each is enough. */
  readonly ownerOf?: (claim: string, fixedStart: string) => readonly string[];
}

const pinned: Pinning = { level: "pinned" };
const open = (why: string): Pinning => ({ level: "open", why });
const review = (why: string): Pinning => ({ level: "review", why });

/** A fixed value names one subject; with wildcards `tenant` and `project` say what has to be fixed. */
const subject =
  (of: { readonly tenant: RegExp; readonly whose: string; readonly project: RegExp; readonly what: string }) =>
  ({ fixedStart, hasWildcard }: ConfinementValue): Pinning => {
    if (!hasWildcard || of.project.test(fixedStart)) return pinned;
    return of.tenant.test(fixedStart) ? review(`it lets in ${of.what}`) : open(`it lets in ${of.whose}`);
  };

const exactly =
  (whose: string) =>
  ({ hasWildcard }: ConfinementValue): Pinning =>
    hasWildcard ? open(`it lets in ${whose}`) : pinned;

/** Claims that GitHub can put into a subject and that any repository's token can have with the same value. */
const anyRepositorys = [
  ...["actor", "actor_id", "base_ref", "environment", "event_name", "head_ref", "ref", "ref_type"],
  ...["run_attempt", "run_id", "run_number", "runner_environment", "sha", "workflow"],
];

/**
 * `repo:OWNER/REPO:…`, or `repo:OWNER@ID/REPO@ID:…` for repositories made since July 2026. A `*` reaches over slashes and colons.
 * An organization may put other claims into its subjects.
 * @see https://docs.github.com/en/actions/reference/security/oidc
 */
const gitHubSubject = ({ text, fixedStart, hasWildcard }: ConfinementValue): Pinning => {
  const anyOwner = open("it lets in repositories of any owner");
  if (fixedStart.startsWith("repo:")) {
    if (!hasWildcard || /^repo:[^/]+\/[^:@]+[:@]/.test(fixedStart)) return pinned;
    const [, owner] = /^repo:([^/@]+)[/@]/.exec(fixedStart) ?? [];
    if (owner === undefined) return anyOwner;
    // An id is never given to another owner, as a name that is given up is.
    return /^repo:[^/@]+@\d+\//.test(fixedStart)
      ? pinned
      : review(`it lets in repositories of ${owner} that are still to be made`);
  }
  const [, claim, value = ""] = /^([A-Za-z_]+):(.*)$/s.exec(fixedStart) ?? [];
  if (claim === undefined || value === "")
    return hasWildcard ? anyOwner : review(`nobody here knows the form of ${text}`);
  if (anyRepositorys.includes(claim)) return open(`any repository's token can have the subject ${text}`);
  return review(`subjects that begin with ${claim}: are the organization's own choice`);
};

/**
 * A name, an id or both. The repository of a reusable workflow (`job_workflow_ref`) says nothing of who calls it, and ids of repositories
 * and enterprises name no owner.
 */
const gitHubOwner = (claim: string, fixedStart: string): readonly string[] => {
  if (claim === "repository_owner" || claim === "repository_owner_id") return [fixedStart];
  if (claim === "repository") return /^([^/]+)\//.exec(fixedStart)?.slice(1, 2) ?? [];
  if (claim !== "sub") return [];
  const [, name, id] = /^repo:([^/@]+)(?:@(\d+))?\//.exec(fixedStart) ?? [];
  const [, chosen] = /^repository_owner(?:_id)?:([^:]+):/.exec(fixedStart) ?? [];
  return [name, id, chosen].filter((each) => each !== undefined);
};

/** The first part of a subject after its word: `organization:acme:…`. */
const inSubject =
  (form: RegExp) =>
  (claim: string, fixedStart: string): readonly string[] =>
    claim === "sub" ? (form.exec(fixedStart)?.slice(1, 2) ?? []) : [];

const ofAnOrganization = inSubject(/^organization:([^:]+):/);

const gitHubClaims = ["enterprise_id", "repository", "repository_id", "repository_owner", "repository_owner_id"];

const ofOrganization = (what: string) => ({
  tenant: /^organization:[^:]+:/,
  whose: "every organization",
  what: `every ${what} of its organization`,
});

/** Of a form that is not known here: a wildcard after two fixed parts may or may not stand behind the customer. */
const anySubject = subject({
  tenant: /^[^:/]+[:/]+[^:/]+[:/]/,
  whose: "every customer of the issuer",
  project: /(?!)/,
  what: "whatever matches its wildcard",
});

const bySubject = (name: string, judge: OidcIssuer["judge"] = anySubject): OidcIssuer => ({
  name,
  isShared: true,
  claim: "sub",
  judge,
});

const byAudience = (name: string, claim = "aud"): OidcIssuer => ({
  name,
  isShared: true,
  claim,
  alsoClaims: ["sub"],
  judge: exactly(`every customer of ${name}`),
});

const inBucket = (id: string): string => `rh-oidc.s3.us-east-1.amazonaws.com/${id}`;

/** Each serves all the customers of one version. */
const turbonomic = [
  ...["22ejnvnnturfmt6km08idd0nt4hekbn7", "23e3sd27sju1hoou6ohfs68vbno607tr"].map(inBucket),
  ...["23ne21h005qjl3n33d8dui5dlrmv2tmg", "24jrf12m5dj7ljlfb4ta2frhrcoadm26"].map(inBucket),
  "oidc.op1.openshiftapps.com/2f785sojlpb85i7402pk3qogugim5nfb",
  "oidc.op1.openshiftapps.com/2c51blsaqa9gkjt0o9rt11mle8mmropu",
];

/**
 * Issuers that all their customers share, with the claim that IAM itself demands of new trust policies where it knows the
 * issuer. It does not look at those that stood before.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html
 */
const sharedIssuers: Readonly<Record<string, OidcIssuer>> = {
  "token.actions.githubusercontent.com": {
    ...bySubject("GitHub Actions", gitHubSubject),
    alsoClaims: gitHubClaims,
    ownerOf: gitHubOwner,
  },
  "vstoken.actions.githubusercontent.com": { ...bySubject("GitHub Actions", gitHubSubject), ownerOf: gitHubOwner },
  "oidc-configuration.audit-log.githubusercontent.com": bySubject(
    "GitHub audit log streaming",
    exactly("every enterprise"),
  ),
  "gitlab.com": {
    ...bySubject(
      "GitLab",
      subject({
        tenant: /^project_path:[^/]+\//,
        whose: "projects of any group",
        project: /^project_path:[^:]+:/,
        what: "every project of its group",
      }),
    ),
    ownerOf: inSubject(/^project_path:([^:]+)\/[^/:]+:/),
  },
  "app.terraform.io": {
    ...bySubject(
      "HCP Terraform",
      subject({ ...ofOrganization("workspace"), project: /^organization:[^:]+:project:[^:]+:/ }),
    ),
    ownerOf: ofAnOrganization,
  },
  "agent.buildkite.com": {
    ...bySubject(
      "Buildkite",
      subject({ ...ofOrganization("pipeline"), project: /^organization:[^:]+:pipeline:[^:]+:/ }),
    ),
    ownerOf: ofAnOrganization,
  },
  "oidc.codefresh.io": {
    ...bySubject(
      "Codefresh",
      subject({
        tenant: /^account:[^:]+:/,
        whose: "every account",
        project: /^account:[^:]+:pipeline:[^:]+:/,
        what: "every pipeline of its account",
      }),
    ),
    ownerOf: inSubject(/^account:([^:]+):/),
  },
  "studio.datachain.ai/api": bySubject("DataChain Studio"),
  "scalr.io": bySubject("Scalr"),
  "tokens.cloud.shisho.dev": bySubject("Shisho Cloud"),
  "proidc.upbound.io": bySubject("Upbound"),
  ...Object.fromEntries(
    turbonomic.map((issuer) => [issuer, bySubject("IBM Turbonomic", exactly("every service account of the issuer"))]),
  ),
  "cognito-identity.amazonaws.com": byAudience("Amazon Cognito identity pools"),
  "api.pulumi.com/oidc": byAudience("Pulumi Cloud"),
  "sandboxes.cloud": byAudience("sandboxes.cloud"),
  "oidc.vercel.com": byAudience("Vercel"),
  "accounts.google.com": byAudience("Google"),
  "graph.facebook.com": byAudience("Facebook", "app_id"),
  "www.amazon.com": byAudience("Login with Amazon", "app_id"),
  "sts.windows.net/33e01921-4d64-4f8c-a055-5bdaffd5e33d": byAudience("Microsoft Sentinel", "sts:RoleSessionName"),
};

/** An issuer of one customer: what is left to pin is the project. */
const ofOneCustomer = (name: string, judge: OidcIssuer["judge"]): OidcIssuer => ({
  name,
  isShared: false,
  claim: "sub",
  judge,
});

const project = (form: RegExp, whose: string) => subject({ tenant: /(?!)/, whose, project: form, what: whose });

const issuersByPattern: readonly (readonly [RegExp, OidcIssuer])[] = [
  [/^token\.actions\.githubusercontent\.com\/./, ofOneCustomer("GitHub Actions", gitHubSubject)],
  [/\/_services\/token$/, ofOneCustomer("GitHub Enterprise Server", gitHubSubject)],
  [
    /^oidc\.eks\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?\/id\//,
    ofOneCustomer("the EKS cluster", project(/^system:serviceaccount:[^:]+:/, "service accounts of every namespace")),
  ],
  [
    /^oidc\.circleci\.com\/org\//,
    ofOneCustomer("CircleCI", project(/^org\/[^/]+\/project\/[^/]+\//, "every project of the organization")),
  ],
];

/** Whatever an unknown issuer's subjects look like, some of it has to be fixed. */
const someSubject = ({ fixedStart, hasWildcard }: ConfinementValue): Pinning =>
  hasWildcard && fixedStart === "" ? open("it lets in every subject of the issuer") : pinned;

/** @param issuer in lower case, without `https://` */
export const oidcIssuer = (issuer: string): OidcIssuer => {
  const shared = Object.hasOwn(sharedIssuers, issuer) ? sharedIssuers[issuer] : undefined;
  if (shared !== undefined) return shared;
  const known = issuersByPattern.find(([pattern]) => pattern.test(issuer))?.[1];
  return known ?? ofOneCustomer(issuer, someSubject);
};

const levels = ["pinned", "review", "open"] as const;

/**
 * How far a confinement pins whom an issuer's tokens are for: as its most open value does. `undefined`: it is about something else.
 * @param issuer in lower case, without `https://`
 */
export const pinningOf = (issuer: string, confinement: Confinement): Pinning | undefined => {
  const { claim, alsoClaims = [], judge } = oidcIssuer(issuer);
  const values = valuesOf(confinement);
  if (confinement.key === (claim.includes(":") ? claim.toLowerCase() : `${issuer}:${claim}`)) {
    return values.map(judge).toSorted((a, b) => levels.indexOf(b.level) - levels.indexOf(a.level))[0];
  }
  const isFixed = values.every(({ hasWildcard }) => !hasWildcard);
  return isFixed && alsoClaims.some((each) => confinement.key === `${issuer}:${each}`) ? pinned : undefined;
};

/** The issuers whose tokens say who of their customers they are for. */
export const issuersWithOwners: readonly string[] = Object.entries(sharedIssuers).flatMap(([issuer, { ownerOf }]) =>
  ownerOf === undefined ? [] : [issuer],
);

/**
 * Whom each value of a confinement names as owner; none where it does not say. `undefined`: it does not pin whom an issuer's tokens
 * are for.
 */
export const tokenOwnersIn = (
  issuer: string,
  confinement: Confinement,
): readonly { readonly text: string; readonly owner: readonly string[] }[] | undefined => {
  const { ownerOf } = oidcIssuer(issuer);
  const level = pinningOf(issuer, confinement)?.level ?? "open";
  if (ownerOf === undefined || level === "open") return undefined;
  const claim = confinement.key.slice(issuer.length + 1);
  return valuesOf(confinement).map(({ text, fixedStart }) => ({ text, owner: ownerOf(claim, fixedStart) }));
};
