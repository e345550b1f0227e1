import {
  CloudTrailClient,
  DescribeTrailsCommand,
  GetEventSelectorsCommand,
  type GetEventSelectorsCommandOutput,
  GetTrailStatusCommand,
  type Trail,
} from "@aws-sdk/client-cloudtrail";
import type { TrailReading } from "../aws/aws-access.ts";
import { call, isCode, isRefusal, isServiceFault } from "../aws/errors.ts";
import { AccessDeniedError, messageOf, ThrottledError, WardenError } from "../errors.ts";
import { known, type TrailCoverage, type TrailFlaw, unknownFact } from "./facts.ts";
import { deniedWhy } from "./reading.ts";

/**
 * Looks at the trails that log in an account, its organization's among them, until one is found that will do: one call, and
 * two for each trail.
 * @param clientIn CloudTrail in a Region of the account
 * @param home the Region whose list tells the trails of every Region
 * @throws AccessDeniedError | ThrottledError, or the SDK's own error, where one that could not be looked at may be the one that will do
 */
export const lookAtTrails = async (
  clientIn: (region: string) => CloudTrailClient,
  home: string,
  accountId: string,
): Promise<TrailCoverage> => {
  const { trailList = [] } = await call("cloudtrail:DescribeTrails", accountId, () =>
    clientIn(home).send(new DescribeTrailsCommand({ includeShadowTrails: true })),
  );
  const flaws: { readonly trail: string; readonly flaw: TrailFlaw }[] = [];
  const failures: unknown[] = [];
  for (const one of trailList) {
    const trail = one.TrailARN ?? one.Name ?? "";
    try {
      // What a trail is set to is asked for where it is at home, which may be a Region that the account may not use.
      const flaw = await flawOf(one, clientIn(one.HomeRegion ?? home), accountId);
      if (flaw === undefined) return { covering: trail, flaws: [] };
      flaws.push({ trail, flaw });
    } catch (error) {
      if (error instanceof ThrottledError) throw error;
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  return { covering: null, flaws };
};

const flawOf = async (one: Trail, client: CloudTrailClient, accountId: string): Promise<TrailFlaw | undefined> => {
  if (!one.IsMultiRegionTrail) return "does not cover every Region";
  const name = one.TrailARN ?? one.Name;
  const { IsLogging, LatestDeliveryError } = await call("cloudtrail:GetTrailStatus", accountId, () =>
    client.send(new GetTrailStatusCommand({ Name: name })),
  );
  if (!IsLogging) return "is not logging";
  const selectors = await call("cloudtrail:GetEventSelectors", accountId, () =>
    client.send(new GetEventSelectorsCommand({ TrailName: name })),
  );
  if (!logsWrites(selectors)) return "logs no management events that write";
  return LatestDeliveryError ? "cannot write to its bucket" : undefined;
};

const iamSource = "iam.amazonaws.com";

/** Whether some selector takes IAM's writes. */
const logsWrites = ({ EventSelectors = [], AdvancedEventSelectors = [] }: GetEventSelectorsCommandOutput): boolean =>
  EventSelectors.some(
    ({ IncludeManagementEvents = true, ReadWriteType = "All", ExcludeManagementEventSources = [] }) =>
      IncludeManagementEvents && ReadWriteType !== "ReadOnly" && !ExcludeManagementEventSources.includes(iamSource),
  ) ||
  AdvancedEventSelectors.some(({ FieldSelectors = [] }) => {
    const values = (field: string) => FieldSelectors.filter(({ Field }) => Field === field);
    const isManagement = values("eventCategory").some(({ Equals = [] }) => Equals.includes("Management"));
    const takesWrites = values("readOnly").every(({ Equals = ["false"] }) => Equals.includes("false"));
    const takesIam = values("eventSource").every(
      ({ Equals, NotEquals = [] }) => (Equals?.includes(iamSource) ?? true) && !NotEquals.includes(iamSource),
    );
    return isManagement && takesWrites && takesIam;
  });

/** @param isPassedOver what AWS's failing leaves unknown; all else is thrown, to be tried again */
const readingWhere = (isPassedOver: (error: unknown) => boolean): TrailReading => ({
  client: (config) => new CloudTrailClient(config),
  read: async (clientIn, home, accountId) => {
    try {
      return known(await lookAtTrails(clientIn, home, accountId));
    } catch (error) {
      // Without the role itself nothing can be read: that is the account's failure, not one fact's.
      if (error instanceof AccessDeniedError && error.permission.startsWith("cloudtrail:"))
        return unknownFact(deniedWhy(error));
      if (!isPassedOver(error)) throw error;
      const why = error instanceof ThrottledError ? " in AWS" : `: ${messageOf(error)}`;
      return unknownFact(`reading the account's trails failed${why}`);
    }
  },
});

/** CloudTrail answers that the request is wrong: a home Region that the account has not enabled takes no token of its roles. */
const isRefused = (error: unknown): boolean => !(error instanceof WardenError) && isRefusal(error);

// For `createAwsAccess` of whoever judges accounts, since nobody else has to carry the client.

/** How trails become a fact where much else is read beside them: neither an hour without CloudTrail nor one trail must cost the account that. */
export const sweptTrailReading = readingWhere((error) => error instanceof ThrottledError || isRefused(error));
/** The same where an event about them is judged, which is tried again later, as for a trail that was deleted and is listed still. */
export const heardTrailReading = readingWhere(
  (error) => isServiceFault(error) || (isRefused(error) && !isCode(error, "TrailNotFound")),
);
