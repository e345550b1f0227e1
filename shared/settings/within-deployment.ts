import { repairingOnly } from "./held.ts";
import { namedBoundaries } from "./named-boundaries.ts";
import { optedIn } from "./opted-in.ts";
import type { Settings } from "./settings.ts";

const deployFirst = "put it into warden.config.yaml and deploy first: npx cdk deploy";

/**
 * What settings ask for that a deployment with other settings does not have, a sentence each: permissions to write, and whom
 * the topic tells, are made when iam-warden is deployed.
 */
export const beyondDeployment = (wanted: Settings, deployed: Settings): readonly string[] => {
  const has = new Set(optedIn(deployed).map(({ id }) => id));
  const isWriting = optedIn(wanted).length > 0;
  const boundaries = new Set(namedBoundaries(deployed));
  const principals = (["users", "roles", "paths"] as const).flatMap((kind) =>
    missing(deployed.protectedPrincipals[kind], wanted.protectedPrincipals[kind]).map((name) => ({ kind, name })),
  );
  const excluded = (["names", "paths"] as const).flatMap((kind) =>
    missing(deployed.excludedRoles[kind], wanted.excludedRoles[kind]).map((name) => ({ kind, name })),
  );
  return [
    ...optedIn(wanted)
      .filter(({ id }) => !has.has(id))
      .map(
        ({ id }) =>
          `controls.${id}: is remediate, and what is deployed has no permission for its repair; ${deployFirst}`,
      ),
    ...namedBoundaries(wanted)
      .filter((name) => isWriting && !boundaries.has(name))
      .map((name) => `repairs: names the boundary ${name}, which what is deployed may not attach; ${deployFirst}`),
    ...(isWriting ? principals : []).map(
      ({ kind, name }) =>
        `protectedPrincipals.${kind}: ${name} is gone, and what is deployed may not write to it; ${deployFirst}`,
    ),
    ...(isWriting ? excluded : []).map(
      ({ kind, name }) =>
        `excludedRoles.${kind}: ${name} is gone, and what is deployed may not write to it; ${deployFirst}`,
    ),
    ...(wanted.owners.accountTag !== undefined && deployed.owners.accountTag === undefined
      ? [`owners.accountTag: is set, and what is deployed may not read the tags of accounts; ${deployFirst}`]
      : []),
    ...(isSame(wanted.subscribers, deployed.subscribers)
      ? []
      : [`subscribers: differ from those that are deployed, which alone are told; ${deployFirst}`]),
    ...(isSame([wanted.chat], [deployed.chat])
      ? []
      : [`chat: names other channels than are deployed, which alone are told; ${deployFirst}`]),
    ...(isSame([wanted.deployment], [deployed.deployment])
      ? []
      : [`deployment: differs from what is deployed, which it cannot move; ${deployFirst}`]),
  ];
};

/** The settings as far as what is deployed can carry them out, and the controls whose repairs it cannot. */
export const withinDeployment = (
  wanted: Settings,
  deployed: Settings,
): { readonly settings: Settings; readonly notDeployed: readonly string[] } => {
  const has = new Set(optedIn(deployed).map(({ id }) => id));
  const { accountTag, ...owners } = wanted.owners;
  const mayReadTags = accountTag !== undefined && deployed.owners.accountTag !== undefined;
  return {
    settings: {
      ...repairingOnly(wanted, (id) => has.has(id)),
      // Without the permission no account could be listed at all.
      owners: mayReadTags ? { ...owners, accountTag } : owners,
    },
    notDeployed: optedIn(wanted).flatMap(({ id }) => (has.has(id) ? [] : [id])),
  };
};

const missing = (before: readonly string[], after: readonly string[]): readonly string[] =>
  before.filter((one) => !after.includes(one));

/** In whatever order; what comes from the schema has its keys in one order. */
const isSame = (some: readonly unknown[], others: readonly unknown[]): boolean => {
  const texts = (list: readonly unknown[]) => JSON.stringify(list.map((one) => JSON.stringify(one)).sort());
  return texts(some) === texts(others);
};
