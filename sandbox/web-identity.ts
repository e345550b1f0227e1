import * as z from "zod";
import { requestContext } from "../shared/policy/language/variables.ts";
import { evaluatePolicies } from "../shared/policy/request/evaluate.ts";
import { policyOf } from "./authorization/policies.ts";
import { openSession } from "./callers.ts";
import type { VirtualClock } from "./clock.ts";
import type { EventBridgeEvent } from "./cloudtrail.ts";
import { AwsError, integer, type Output } from "./protocol/service.ts";
import type { Ids } from "./random.ts";
import type { SandboxState } from "./state.ts";
import { roleByArn } from "./sts.ts";
import { webIdentityRecord } from "./web-identity-record.ts";

/** The one operation of STS that nobody signs: a token of an identity provider says who asks. */
export const webIdentityOperation = "AssumeRoleWithWebIdentity";

const inputShape = z.object({
  RoleArn: z.string().min(20).max(2048),
  RoleSessionName: z.string().min(2).max(64),
  WebIdentityToken: z.string().min(4).max(20_000),
  DurationSeconds: integer(900, 43_200).optional(),
});

const claimsShape = z.object({ iss: z.string(), aud: z.string(), sub: z.string() });

/** What a JWT says. Like every other signature, its own is not verified. */
const claimsOf = (token: string): z.output<typeof claimsShape> => {
  const [, payload = ""] = token.split(".");
  try {
    return claimsShape.parse(JSON.parse(Buffer.from(payload, "base64url").toString("utf8")));
  } catch (cause) {
    throw Object.assign(new AwsError("InvalidIdentityToken", "The ID Token provided is not a valid JWT."), { cause });
  }
};

interface WebIdentityCall {
  readonly state: SandboxState;
  readonly ids: Ids;
  readonly trailIds: Ids;
  readonly now: Date;
  readonly region: string;
  readonly sourceIPAddress: string;
  readonly userAgent: string;
  readonly clock: VirtualClock;
  readonly wallClock: () => Date;
  readonly emit: (event: EventBridgeEvent) => void;
}

/**
 * A session of a role for whom an identity provider vouches. The role's trust policy alone decides.
 * @throws AwsError
 */
export const assumeRoleWithWebIdentity = (call: WebIdentityCall, raw: unknown): Output => {
  const parsed = inputShape.safeParse(raw);
  if (!parsed.success) throw new AwsError("ValidationError", z.prettifyError(parsed.error));
  const input = parsed.data;
  const { iss, aud, sub } = claimsOf(input.WebIdentityToken);
  const issuer = iss.replace(/^https:\/\//, "");
  const found = roleByArn(call.state, input.RoleArn);
  const [, accountId = ""] = /^arn:aws:iam::(\d{12}):/.exec(input.RoleArn) ?? [];
  const providerArn = `arn:aws:iam::${accountId}:oidc-provider/${issuer}`;
  const record = (result: { readonly error?: AwsError; readonly output?: Output }) =>
    call.emit(webIdentityRecord(call.trailIds, { ...call, accountId, providerArn, aud, sub, input, ...result }));
  try {
    const provider = call.state.accounts.get(accountId)?.oidcProviders.get(providerArn);
    if (!provider)
      throw new AwsError("InvalidIdentityToken", `No OpenIDConnect provider found in your account for ${iss}`);
    if (!provider.clientIds.has(aud)) throw new AwsError("InvalidIdentityToken", "Incorrect token audience");
    const { decision } = evaluatePolicies(found ? [policyOf(found.role.trustPolicy)] : [], {
      action: `sts:${webIdentityOperation}`,
      resource: input.RoleArn,
      context: requestContext({
        [`${issuer}:aud`]: aud,
        [`${issuer}:sub`]: sub,
        "sts:RoleSessionName": input.RoleSessionName,
      }),
      caller: { type: "Federated", name: providerArn },
    });
    if (!found || decision !== "allow")
      throw new AwsError("AccessDenied", `Not authorized to perform sts:${webIdentityOperation}`, 403);
    const seconds = input.DurationSeconds ?? 3600;
    if (seconds > found.role.maxSessionDuration)
      throw new AwsError(
        "ValidationError",
        "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
      );
    const output = startSession(call, found, input.RoleSessionName, seconds, { aud, sub, providerArn });
    record({ output });
    return output;
  } catch (error) {
    if (error instanceof AwsError && accountId !== "") record({ error });
    throw error;
  }
};

const startSession = (
  { state, ids, now, clock, wallClock }: WebIdentityCall,
  { accountId, role }: NonNullable<ReturnType<typeof roleByArn>>,
  sessionName: string,
  seconds: number,
  { aud, sub, providerArn }: { readonly aud: string; readonly sub: string; readonly providerArn: string },
): Output => {
  const { accessKeyId, secretAccessKey, sessionToken } = openSession(state, ids, {
    ...{ accountId, principal: { type: "role", roleName: role.name, sessionName } },
    ...{ createdAt: now, expiresAt: new Date(now.getTime() + seconds * 1000 * clock.rate), mfa: false, chained: false },
  });
  return {
    Credentials: {
      AccessKeyId: accessKeyId,
      SecretAccessKey: secretAccessKey,
      SessionToken: sessionToken,
      Expiration: new Date(wallClock().getTime() + seconds * 1000),
    },
    AssumedRoleUser: {
      AssumedRoleId: `${role.id}:${sessionName}`,
      Arn: `arn:aws:sts::${accountId}:assumed-role/${role.name}/${sessionName}`,
    },
    Audience: aud,
    Provider: providerArn,
    SubjectFromWebIdentityToken: sub,
  };
};
