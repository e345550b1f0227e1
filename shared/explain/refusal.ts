/**
 * A call that AWS refused for what it asked, or for what a policy would have become: no policy denies it, and no change of a
 * permission helps.
 */
export interface Refusal {
  readonly kind:
    | "sessionTooLong"
    | "chainedSessionTooLong"
    | "policyTooLarge"
    | "sessionPolicyTooLarge"
    | "quota"
    | "rootMayNotAssume"
    | "wrongAudience"
    | "noIdentityProvider"
    | "noSuchRole"
    | "foreignIam"
    | "credentials";
  readonly why: string;
  readonly change: string;
}

interface Rule {
  readonly kind: Refusal["kind"];
  /** Of the code and the message, `Code: message`. */
  readonly pattern: RegExp;
  readonly say: (match: RegExpExecArray) => Omit<Refusal, "kind">;
}

const rules: readonly Rule[] = [
  {
    kind: "chainedSessionTooLong",
    pattern: /\b1 hour session limit for roles assumed by role chaining/i,
    say: () => ({
      why: "the caller is itself a session of a role, and a session that a role's session asks for lasts at most 1 hour (role chaining), whatever the role's MaxSessionDuration says",
      change:
        "ask for 3600 seconds or less, or assume the role with the credentials of a user or from an identity provider",
    }),
  },
  {
    kind: "sessionTooLong",
    pattern: /DurationSeconds exceeds the MaxSessionDuration/i,
    say: () => ({
      why: "the session that was asked for is longer than the role's MaxSessionDuration",
      change:
        "ask for fewer seconds, or let whoever keeps the role raise it: `aws iam update-role --role-name NAME --max-session-duration SECONDS` (at most 43200)",
    }),
  },
  {
    kind: "policyTooLarge",
    pattern: /Maximum policy size of (\d+) bytes exceeded(?: for (?:the )?(user|role|group)s? ([\w+=,.@-]+))?/i,
    say: ([, limit = "", kind, name]) => ({
      why: `${kind === undefined ? "the" : `all inline policies of ${kind.toLowerCase()} ${name} together: the`} limit is ${limit} characters, white space not counted`,
      change:
        "move statements into a managed policy (6,144 characters each, several can be attached), or merge statements and use wildcards; the limit cannot be raised",
    }),
  },
  {
    kind: "policyTooLarge",
    pattern: /Cannot exceed quota for PolicySize: (\d+)/i,
    say: ([, limit = ""]) => ({
      why: `a managed policy may have ${limit} characters, white space not counted, and this one would have more`,
      change:
        "split it into several managed policies, or merge statements and use wildcards; the limit cannot be raised",
    }),
  },
  {
    kind: "policyTooLarge",
    pattern: /Cannot exceed quota for ACLSizePerRole: (\d+)/i,
    say: ([, limit = ""]) => ({
      why: `the trust policy of a role may have ${limit} characters in this account, and this one would have more`,
      change: "merge its statements, or ask for a higher quota in Service Quotas (role trust policy length)",
    }),
  },
  {
    kind: "sessionPolicyTooLarge",
    pattern: /^PackedPolicyTooLarge|packed size of (?:the )?session policies/i,
    say: () => ({
      why: "the session policies and tags are larger, packed, than AWS passes on with a session",
      change: "pass fewer or shorter ones: a managed policy by its ARN takes less room than its text",
    }),
  },
  {
    kind: "quota",
    pattern: /Cannot exceed quota for (\w+): (\d+)/i,
    say: ([, quota = "", limit = ""]) => ({
      why: `the quota ${quota} of the account is ${limit}, and it is used up`,
      change: "remove what nobody needs, or ask for a higher quota in Service Quotas",
    }),
  },
  {
    kind: "quota",
    pattern: /^LimitExceeded/i,
    say: () => ({
      why: "a quota of the account is used up",
      change: "remove what nobody needs, or ask for a higher quota in Service Quotas",
    }),
  },
  {
    kind: "rootMayNotAssume",
    pattern: /Roles may not be assumed by root accounts/i,
    say: () => ({
      why: "the root user can assume no role, whatever the role trusts",
      change: "make the call as a user or a role of the account",
    }),
  },
  {
    kind: "wrongAudience",
    pattern: /Incorrect token audience/i,
    say: () => ({
      why: "the token is for an audience that IAM's identity provider does not list among its client ids: the trust policy was not even asked",
      change:
        "ask for a token of an audience that it lists, or add the audience: `aws iam add-client-id-to-open-id-connect-provider`",
    }),
  },
  {
    kind: "noIdentityProvider",
    pattern: /No OpenIDConnect provider found/i,
    say: () => ({
      why: "the account of the role has no identity provider for whoever issued the token",
      change: "make one in the account of the role: `aws iam create-open-id-connect-provider`",
    }),
  },
  {
    kind: "credentials",
    pattern:
      /^(?:ExpiredToken|InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch|AuthFailure|InvalidIdentityToken)/i,
    say: () => ({
      why: "AWS did not accept the credentials or the token: it never came to a policy",
      change: "sign in again, or use other credentials",
    }),
  },
];

/** Why a call was refused, if it was for something else than a policy. */
export const refusalOf = (errorCode = "", errorMessage = ""): Refusal | undefined => {
  const text = `${errorCode}: ${errorMessage}`;
  for (const { kind, pattern, say } of rules) {
    const match = pattern.exec(text);
    if (match) return { kind, ...say(match) };
  }
  return undefined;
};

/** How services spell that a policy refused a call. */
const denialCode = /access.?denied|not.?authorized|unauthori[sz]ed|authorizationerror|forbidden/i;

/** Whether a call failed for what its caller may do or asked for, and not for what it was about, such as something that is not there. */
export const isRefusal = (errorCode = "", errorMessage = ""): boolean =>
  denialCode.test(errorCode) ||
  /\bnot authorized to perform\b/i.test(errorMessage) ||
  refusalOf(errorCode, errorMessage) !== undefined;

/** STS's limits on how long a session may last, in seconds. */
const longestChainedSession = 3600;

/**
 * Whether a role would give no session of a length, whatever its trust policy says.
 * @param seconds that are asked for
 * @param maxSessionDuration the role's, in seconds; absent: not known
 */
export const durationRefusal = (
  seconds: number,
  { isChained, maxSessionDuration }: { readonly isChained: boolean; readonly maxSessionDuration?: number | undefined },
): Refusal | undefined => {
  if (isChained && seconds > longestChainedSession)
    return refusalOf("ValidationError", "1 hour session limit for roles assumed by role chaining");
  if (maxSessionDuration === undefined || seconds <= maxSessionDuration) return undefined;
  const found = refusalOf("ValidationError", "DurationSeconds exceeds the MaxSessionDuration");
  return (
    found && {
      ...found,
      why: `${found.why}: ${seconds} seconds were asked for, and the role allows ${maxSessionDuration}`,
    }
  );
};

/** Nobody learns from STS that a role is not there. */
export const noSuchRole = (arn: string): Refusal => ({
  kind: "noSuchRole",
  why: `there is no role ${arn}: STS refuses that in the same words as a role that does not trust the caller`,
  change: "check the account, the path and the name in the ARN, upper and lower case included",
});

/** But for trust policies nothing in IAM has a policy that could let another account in. */
export const foreignIam = (accountId: string): Refusal => ({
  kind: "foreignIam",
  why: `what is in IAM of account ${accountId} can only be read, changed or passed on by principals of that account`,
  change: `assume a role in account ${accountId}, and make the call with it`,
});
