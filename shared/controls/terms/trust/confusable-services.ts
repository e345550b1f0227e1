import type { ConfinementKind } from "../../../policy/trust/confinement.ts";

/** A service that says for whom it assumes a role, and whose documentation asks role trust policies to look at it. */
export interface ConfusableService {
  readonly documentation: string;
  /** What confines it as well, by its documentation. */
  readonly alsoBy?: readonly ConfinementKind[];
}

const docs = "https://docs.aws.amazon.com/";

/**
 * By service principal, without `.amazonaws.com`. Services that take a role only from callers who may pass it, and say of no account
 * when they assume it (EC2, Lambda, ECS and most others), are not among them: a condition would keep them out.
 */
const services: Readonly<Record<string, ConfusableService>> = {
  bedrock: { documentation: `${docs}bedrock/latest/userguide/cross-service-confused-deputy-prevention.html` },
  "credentials.iot": {
    documentation: `${docs}iot/latest/developerguide/cross-service-confused-deputy-prevention.html`,
  },
  datasync: { documentation: `${docs}datasync/latest/userguide/cross-service-confused-deputy-prevention.html` },
  fis: { documentation: `${docs}fis/latest/userguide/getting-started-iam-service-role.html` },
  iot: { documentation: `${docs}iot/latest/developerguide/cross-service-confused-deputy-prevention.html` },
  logs: { documentation: `${docs}AmazonCloudWatch/latest/logs/Subscriptions-confused-deputy.html` },
  personalize: { documentation: `${docs}personalize/latest/dg/cross-service-confused-deputy-prevention.html` },
  rolesanywhere: {
    documentation: `${docs}rolesanywhere/latest/userguide/trust-model.html`,
    alsoBy: ["session"],
  },
  scheduler: { documentation: `${docs}scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html` },
  ssm: { documentation: `${docs}systems-manager/latest/userguide/cross-service-confused-deputy-prevention.html` },
  states: { documentation: `${docs}step-functions/latest/dg/procedure-create-iam-role.html` },
  transfer: { documentation: `${docs}transfer/latest/userguide/confused-deputy.html` },
  "vpc-flow-logs": { documentation: `${docs}vpc/latest/userguide/flow-logs-iam-role.html` },
};

export const confusableServices: readonly string[] = Object.keys(services).map((name) => `${name}.amazonaws.com`);

/** @param principal a service principal in lower case, maybe a Region's or another partition's: `logs.eu-west-1.amazonaws.com` */
export const confusableService = (principal: string): ConfusableService | undefined => {
  const [, name = ""] =
    /^([a-z0-9.-]+?)(?:\.[a-z]{2,4}(?:-[a-z]+)+-\d+)?\.amazonaws\.com(?:\.cn)?$/.exec(principal) ?? [];
  return Object.hasOwn(services, name) ? services[name] : undefined;
};
