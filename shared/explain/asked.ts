import type { RequestContext } from "../policy/language/variables.ts";
import type { Caller } from "../policy/request/evaluate.ts";

/** Who asks, and where their policies are to be read. */
export type AskedCaller =
  /** A user, or a role of which the caller is a session. `arn` is the user's or the role's own, with its path where that is known. */
  | {
      readonly kind: "user" | "role";
      readonly accountId: string;
      readonly name: string;
      readonly arn: string;
      /** Of the session, where one is known. */
      readonly sessionArn?: string;
    }
  | { readonly kind: "root"; readonly accountId: string; readonly arn: string }
  /** Whom an identity provider vouches for. */
  | { readonly kind: "federated"; readonly provider: string }
  | { readonly kind: "service"; readonly name: string };

/** What somebody wants to do, as far as it is known before anything is read. */
export interface Asked {
  readonly caller: AskedCaller;
  /** `service:Operation`. */
  readonly action: string;
  /** An ARN or `*`; absent if nobody knows. */
  readonly resource?: string;
  /** Keys without values are known to be absent. */
  readonly context: RequestContext;
  /** Of the session that is asked for, in seconds. */
  readonly durationSeconds?: number;
  /** The call may have gone through a VPC endpoint whose policy has a say. */
  readonly vpcEndpoint?: string;
}

/** The caller as policies on resources name it. */
export const policyCaller = (caller: AskedCaller): Caller => {
  switch (caller.kind) {
    case "federated":
      return { type: "Federated", name: caller.provider };
    case "service":
      return { type: "Service", name: caller.name };
    case "root":
      return { type: "AWS", accountId: caller.accountId, arns: [caller.arn] };
    default: {
      const { accountId, arn, sessionArn } = caller;
      return { type: "AWS", accountId, arns: sessionArn === undefined ? [arn] : [arn, sessionArn] };
    }
  }
};

const assumptions = new Set([
  "sts:assumerole",
  "sts:assumerolewithwebidentity",
  "sts:assumerolewithsaml",
  "sts:tagsession",
  "sts:setsourceidentity",
]);

/** Whether the trust policy of the role that is the resource has to allow, too. */
export const isByTrust = (action: string): boolean => assumptions.has(action.toLowerCase());
