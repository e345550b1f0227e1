/** What AWS calls the kinds of policies that it names as reasons. */
export type ToldLayer =
  | "identity"
  | "boundary"
  | "session"
  | "serviceControl"
  | "resourceControl"
  | "resource"
  | "trust"
  | "vpcEndpoint";

/** What the message of a refused call says, each part as far as it does. */
export interface ToldDenial {
  readonly callerArn?: string;
  /** `service:Operation`. */
  readonly action?: string;
  readonly resource?: string;
  readonly decision?: "explicitDeny" | "implicitDeny";
  readonly layer?: ToldLayer;
  /** Of the policy that denies, where AWS names it. */
  readonly policyArn?: string;
  /** The message holds the reason in a form that only `sts:DecodeAuthorizationMessage` reads. */
  readonly encoded?: string;
}

const layers: readonly (readonly [pattern: RegExp, layer: ToldLayer])[] = [
  [/^identity[- ]based polic/, "identity"],
  [/^permissions? boundar/, "boundary"],
  [/^session polic/, "session"],
  [/^service control polic/, "serviceControl"],
  [/^resource control polic/, "resourceControl"],
  [/^(?:role )?trust polic/, "trust"],
  [/^(?:vpc )?endpoint polic/, "vpcEndpoint"],
  [/^resource[- ]based polic/, "resource"],
];

const layerIn = (text: string): ToldLayer | undefined => layers.find(([pattern]) => pattern.test(text))?.[1];

/** The reason stands last: what reads like one before it is part of a name that somebody chose. */
const reasonIn = (message: string): Pick<ToldDenial, "decision" | "layer" | "policyArn"> => {
  const text = message.toLowerCase();
  const missing = text.lastIndexOf(" because no ");
  const denying = text.lastIndexOf(" with an explicit deny");
  if (missing < 0 && denying < 0) return {};
  if (missing > denying) {
    const layer = layerIn(text.slice(missing + " because no ".length));
    return { decision: "implicitDeny", ...(layer && { layer }) };
  }
  const after = message.slice(denying + " with an explicit deny".length);
  const layer = layerIn(after.toLowerCase().replace(/^ in (?:an?|the|one) /, ""));
  const policyArn = /(?::|in) (arn:[\w-]+:[^\s"',;]+?)[.,;]?(?:\s|$)/.exec(after)?.[1];
  return { decision: "explicitDeny", ...(layer && { layer }), ...(policyArn !== undefined && { policyArn }) };
};

const actionPattern = "[A-Za-z0-9-]{1,63}:[A-Za-z0-9*]{1,128}";

/**
 * Reads the message of a refusal, in any of the forms that services use; of an unknown form it says nothing.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 */
export const parseDenialMessage = (message: string): ToldDenial => {
  const encoded = /Encoded authorization failure message: ([\w+/=-]+)/i.exec(message)?.[1];
  const text = message.replace(/\.?\s*Encoded authorization failure message: .*$/is, "");
  const callerArn = /\bUser: (arn:[^\s"]+)/i.exec(text)?.[1];
  const action = new RegExp(`\\bnot authorized to perform:? (${actionPattern})`, "i").exec(text)?.[1];
  const quoted = /\bon resource: "([^"]+)"/i.exec(text)?.[1];
  const resource = quoted ?? /\bon resource: (arn:[^\s",]+|\*)/i.exec(text)?.[1]?.replace(/[.]$/, "");
  return {
    ...(callerArn !== undefined && { callerArn }),
    // Services spell their prefix as they like, policies in lower case.
    ...(action !== undefined && { action: action.replace(/^[^:]+/, (service) => service.toLowerCase()) }),
    ...(resource !== undefined && { resource }),
    ...reasonIn(text),
    ...(encoded !== undefined && { encoded }),
  };
};
