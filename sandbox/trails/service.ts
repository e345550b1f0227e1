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
import type { Trail } from "./state.ts";

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

const shown = ({ arn, name, homeRegion, isMultiRegion, isOrganization, hasAdvancedSelectors }: Trail) => ({
  ...{ TrailARN: arn, Name: name, HomeRegion: homeRegion, S3BucketName: `${name}-logs` },
  ...{ IsMultiRegionTrail: isMultiRegion, IsOrganizationTrail: isOrganization, IncludeGlobalServiceEvents: true },
  HasCustomEventSelectors: hasAdvancedSelectors,
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

/** An organization's trail is seen by all its accounts, without a policy of its own. */
const seenBy = ({ account }: Call, { arn }: Trail): Permission => ({ resource: arn, accountId: account.id });

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

  GetTrailStatus: operation(
    { Name: z.string() },
    (call, { Name }) => ({ IsLogging: findTrail(call, Name).isLogging }),
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
