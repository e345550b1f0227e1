import * as z from "zod";
import {
  AwsError,
  boolean,
  type Call,
  type Operation,
  operation,
  type Permission,
  type Service,
} from "../protocol/service.ts";
import { organizationTrail, type Trail, trailArn } from "./state.ts";

/** The trails that an account sees in a Region: its own and its organization's, those of other Regions as shadows. */
const trailsIn = ({ state, account, region }: Call, withShadows: boolean): readonly Trail[] =>
  [...state.trails.values()].filter(
    ({ accountId, homeRegion, isMultiRegion, isOrganization }) =>
      (accountId === account.id || (isOrganization && account.standalone !== true)) &&
      (homeRegion === region || (isMultiRegion && withShadows)),
  );

/** @throws AwsError `TrailNotFoundException` */
const findTrail = (call: Call, name: string): Trail => {
  const trail = trailsIn(call, true).find((one) => one.arn === name || one.name === name);
  if (trail === undefined)
    throw new AwsError("TrailNotFoundException", `Unknown trail: ${name} for the user: ${call.account.id}`);
  return trail;
};

/** What a trail is set to, as an answer to a change has it. */
const settingsOf = ({ arn, name, isMultiRegion, isOrganization }: Trail) => ({
  ...{ TrailARN: arn, Name: name, S3BucketName: `${name}-logs` },
  ...{ IsMultiRegionTrail: isMultiRegion, IsOrganizationTrail: isOrganization, IncludeGlobalServiceEvents: true },
});

const shown = (trail: Trail) => ({
  ...settingsOf(trail),
  ...{ HomeRegion: trail.homeRegion, HasCustomEventSelectors: trail.hasAdvancedSelectors },
});

const readOnlyField = { ReadOnly: ["true"], WriteOnly: ["false"] } as const;

const selectorsOf = ({ managementEvents, hasAdvancedSelectors }: Trail) => {
  if (!hasAdvancedSelectors)
    return {
      EventSelectors: [
        {
          IncludeManagementEvents: managementEvents !== "None",
          ReadWriteType: managementEvents === "None" ? "All" : managementEvents,
          DataResources: [],
          ExcludeManagementEventSources: [],
        },
      ],
    };
  if (managementEvents === "None")
    return { AdvancedEventSelectors: [{ FieldSelectors: [{ Field: "eventCategory", Equals: ["Data"] }] }] };
  const readOnly = managementEvents === "All" ? [] : [{ Field: "readOnly", Equals: readOnlyField[managementEvents] }];
  return {
    AdvancedEventSelectors: [{ FieldSelectors: [{ Field: "eventCategory", Equals: ["Management"] }, ...readOnly] }],
  };
};

/** Whose trails are changed: its own, in the Region where they are at home. */
const ownTrail = (call: Call, name: string): Trail => {
  const trail = findTrail(call, name);
  if (trail.accountId !== call.account.id)
    throw new AwsError("NotOrganizationMasterAccountException", `The trail ${name} is one of the organization's.`);
  if (trail.homeRegion !== call.region)
    throw new AwsError("InvalidHomeRegionException", `Trail ${name} has its home in ${trail.homeRegion}.`);
  return trail;
};

/** An organization's trail is seen by all its accounts, without a policy of its own. */
const seenBy = ({ account }: Call, { arn }: Trail): Permission => ({ resource: arn, accountId: account.id });

const trailName = { Name: z.string() };
const needsOfTrail = (call: Call, { Name }: { readonly Name: string }): readonly Permission[] => [
  { resource: findTrail(call, Name).arn },
];

/** Changes a trail of the caller's by its name, and answers with nothing. */
const changing = (change: (trail: Trail, call: Call) => void): Operation =>
  operation(
    trailName,
    (call, { Name }) => {
      change(ownTrail(call, Name), call);
      return {};
    },
    needsOfTrail,
  );

const operations: Readonly<Record<string, Operation>> = {
  DescribeTrails: operation(
    { trailNameList: z.array(z.string()).default([]), includeShadowTrails: boolean.default(true) },
    (call, { trailNameList, includeShadowTrails }) => ({
      trailList: trailsIn(call, includeShadowTrails)
        .filter(({ arn, name }) => trailNameList.length === 0 || [arn, name].some((one) => trailNameList.includes(one)))
        .map(shown),
    }),
    () => [{}],
  ),

  CreateTrail: operation(
    {
      ...{ Name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{2,127}$/), S3BucketName: z.string() },
      ...{ IsMultiRegionTrail: boolean.default(false), IsOrganizationTrail: boolean.default(false) },
    },
    (call, { Name, IsMultiRegionTrail, IsOrganizationTrail }) => {
      const { state, account, region } = call;
      const arn = trailArn(account.id, region, Name);
      if (state.trails.has(arn))
        throw new AwsError("TrailAlreadyExistsException", `Trail ${Name} already exists for customer: ${account.id}`);
      const trail = { ...organizationTrail(account.id, region), arn, name: Name, isLogging: false };
      const made = { ...trail, isMultiRegion: IsMultiRegionTrail, isOrganization: IsOrganizationTrail };
      state.trails.set(arn, made);
      return settingsOf(made);
    },
    ({ account, region }, { Name }) => [{ resource: trailArn(account.id, region, Name) }],
  ),

  UpdateTrail: operation(
    { Name: z.string(), IsMultiRegionTrail: boolean.optional() },
    (call, { Name, IsMultiRegionTrail }) => {
      const trail = ownTrail(call, Name);
      trail.isMultiRegion = IsMultiRegionTrail ?? trail.isMultiRegion;
      return settingsOf(trail);
    },
    needsOfTrail,
  ),

  DeleteTrail: changing((trail, { state }) => void state.trails.delete(trail.arn)),
  StartLogging: changing((trail) => {
    trail.isLogging = true;
  }),
  StopLogging: changing((trail) => {
    trail.isLogging = false;
  }),

  GetTrailStatus: operation(
    trailName,
    (call, { Name }) => {
      const { isLogging, deliveryError } = findTrail(call, Name);
      return { IsLogging: isLogging, ...(deliveryError !== undefined && { LatestDeliveryError: deliveryError }) };
    },
    (call, { Name }) => [seenBy(call, findTrail(call, Name))],
  ),

  GetEventSelectors: operation(
    { TrailName: z.string() },
    (call, { TrailName }) => {
      const trail = findTrail(call, TrailName);
      return { TrailARN: trail.arn, ...selectorsOf(trail) };
    },
    (call, { TrailName }) => [seenBy(call, findTrail(call, TrailName))],
  ),
};

/** AWS CloudTrail, as far as trails are looked at. What the records are is in `cloudtrail.ts`. */
export const trails: Service = {
  name: "cloudtrail",
  protocol: { type: "json", target: "CloudTrail_20131101", codesAsTheyAre: true },
  operations,
};
