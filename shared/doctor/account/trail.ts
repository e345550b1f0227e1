import {
  type CloudTrailClient,
  DescribeTrailsCommand,
  GetEventSelectorsCommand,
  type GetEventSelectorsCommandOutput,
  GetTrailStatusCommand,
  type Trail,
} from "@aws-sdk/client-cloudtrail";
import { iamRegionOf } from "../../aws/arn.ts";
import { call } from "../../aws/errors.ts";
import { type Check, problem } from "../check.ts";
import type { AccountContext } from "../dependencies.ts";

type Flaw = "does not cover every Region" | "is not logging" | "logs no management events that write";

const todo =
  "EventBridge hears of calls only where a trail logs them: have a trail of the organization, in every Region, with all management events.";

/** Without a trail that logs them, EventBridge gets no events of calls. One trail that does is enough. */
export const trail: Check<AccountContext> = {
  id: "trail",
  title: "a trail logs the management events of every Region",
  severity: "critical",
  isWatching: true,
  look: async ({ aws, account, clients }) => {
    const home = iamRegionOf(aws.partition);
    const { trailList = [] } = await call("cloudtrail:DescribeTrails", account.id, () =>
      clients.cloudTrail(home, account.id).send(new DescribeTrailsCommand({ includeShadowTrails: true })),
    );
    if (trailList.length === 0) return [problem("there is no trail", todo)];
    const flaws: { readonly flaw: Flaw; readonly name: string }[] = [];
    for (const one of trailList) {
      // What a trail is set to is asked for where it is at home.
      const flaw = await flawOf(one, clients.cloudTrail(one.HomeRegion ?? home, account.id), account.id);
      if (flaw === undefined) return [];
      flaws.push({ flaw, name: one.TrailARN ?? one.Name ?? "" });
    }
    const kinds = [...new Set(flaws.map(({ flaw }) => flaw))];
    const detail = flaws.map(({ flaw, name }) => `${name} ${flaw}`).join("; ");
    return [problem(`no trail will do: it ${kinds.join(", or ")}`, todo, { detail })];
  },
};

const flawOf = async (one: Trail, client: CloudTrailClient, accountId: string): Promise<Flaw | undefined> => {
  if (!one.IsMultiRegionTrail) return "does not cover every Region";
  const name = one.TrailARN ?? one.Name;
  const { IsLogging } = await call("cloudtrail:GetTrailStatus", accountId, () =>
    client.send(new GetTrailStatusCommand({ Name: name })),
  );
  if (!IsLogging) return "is not logging";
  const selectors = await call("cloudtrail:GetEventSelectors", accountId, () =>
    client.send(new GetEventSelectorsCommand({ TrailName: name })),
  );
  return logsWrites(selectors) ? undefined : "logs no management events that write";
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
