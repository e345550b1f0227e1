import { describe, expect, test } from "vitest";
import { known, type UserFacts } from "../../../../shared/facts/facts.ts";
import { neighboursIn } from "../../../../shared/facts/neighbours.ts";
import { judge } from "../../../../shared/judgement/judge.ts";
import type { OrganizationView } from "../../../../shared/organization/view.ts";
import { defaultSettings } from "../../../../shared/settings/settings.ts";
import {
  account,
  daysAgo,
  now,
  organizationView,
  policyFacts,
  principalPolicies,
  userFacts,
} from "../../../support/facts.ts";
import { allow, awsPolicy, boundary, deny, inline, unread, unreadOrganization } from "../../../support/permissions.ts";

// What is found out of policies is remembered: it has to be asked anew of whatever else it rests on.

const full = [awsPolicy("FullAWSAccess", [allow("*")])];

/** An account in a unit under the root, whose service control policy leaves less. */
const inUnit = (id: string, leaves: readonly object[]) =>
  organizationView({
    serviceControl: known([
      { id: "r-ab12", name: "Root", policies: full },
      { id, name: "Unit", policies: [awsPolicy("Unit", leaves as never)] },
      { id: account.id, name: account.name, policies: full },
    ]),
  });

interface Surroundings {
  readonly at: Date;
  readonly tags: Readonly<Record<string, string>>;
  readonly organization: Awaited<ReturnType<typeof organizationView>>;
}

const usual: Surroundings = { at: now, tags: {}, organization: inUnit("ou-ab12-workload1", [allow("*")]) };
const surroundings: Readonly<Record<string, Surroundings>> = {
  usual,
  "another time": { ...usual, at: daysAgo(300) },
  "a tag": { ...usual, tags: { team: "data" } },
  "another unit": { ...usual, organization: inUnit("ou-ab12-sandbox1", [allow("*")]) },
  "a unit that allows less": { ...usual, organization: inUnit("ou-ab12-workload1", [allow("s3:*")]) },
  "another organization": {
    ...usual,
    organization: known({ ...(usual.organization as { value: OrganizationView }).value, id: "o-other" }),
  },
  "an organization that nobody read": { ...usual, organization: unreadOrganization },
};

const statements = {
  "what holds before a time": [allow("*", "*", { DateLessThan: { "aws:CurrentTime": daysAgo(30).toISOString() } })],
  "what holds with a tag": [allow("*", "*", { StringEquals: { "aws:PrincipalTag/team": "data" } })],
  "what holds outside a unit": [
    allow("*"),
    deny("*", "*", {
      "ForAnyValue:StringLike": { "aws:PrincipalOrgPaths": "o-exampleorg1/r-ab12/ou-ab12-workload1/*" },
    }),
  ],
  "what holds in an organization": [allow("*", "*", { StringEquals: { "aws:PrincipalOrgID": "o-exampleorg1" } })],
  "a whole service and a way to escalate": [allow(["s3:*", "iam:PutUserPolicy"])],
};

const users: Readonly<Record<string, readonly UserFacts[]>> = Object.fromEntries(
  Object.entries(statements).map(([name, own]) => {
    const attached = [policyFacts("team", own, `arn:aws:iam::${account.id}:policy/team`)];
    return [
      name,
      [
        userFacts({ policies: inline(own) }),
        userFacts({ policies: principalPolicies({ attached }) }),
        userFacts({ policies: principalPolicies({ attached, boundary: unread }) }),
        userFacts({ policies: principalPolicies({ attached, ...boundary([allow("*")]) }) }),
      ],
    ];
  }),
);

const verdicts = (user: UserFacts, { at, tags, organization }: Surroundings) =>
  judge({ ...user, tags }, defaultSettings(), {
    ...{ asOf: at, now: at, organization },
    neighbours: neighboursIn([user]),
  }).map(({ control, verdict }) => ({ control, verdict }));

describe.each(Object.entries(users))("%s", (_, some) => {
  test.each(Object.keys(surroundings))("comes after %s to what it comes to by itself", (first) => {
    for (const user of some)
      for (const [second, place] of Object.entries(surroundings)) {
        const before = surroundings[first];
        if (before) verdicts(user, before);
        expect(verdicts(user, place), second).toEqual(verdicts(structuredClone(user), structuredClone(place)));
      }
  });
});

test.each(Object.entries(users))("%s does not come to the same everywhere", (_, some) => {
  const all = Object.values(surroundings).map((place) => JSON.stringify(some.map((user) => verdicts(user, place))));
  expect(new Set(all).size).toBeGreaterThan(1);
});
