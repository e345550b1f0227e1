import { expect, test } from "vitest";
import { letsServiceIn } from "../../../sandbox/authorization/service-principal.ts";
import { createSandbox } from "../../../sandbox/sandbox.ts";

const queue = "arn:aws:sqs:us-east-1:222222222222:work";
const { state } = createSandbox();
const { managementAccountId, id: organizationId } = state.organization;
const rule = `arn:aws:events:us-east-1:${managementAccountId}:rule/iam`;
const events = { principal: "events.amazonaws.com", sourceArn: rule, sourceAccountId: managementAccountId };
const grant = (Condition: object = {}, Effect = "Allow") => ({
  Effect,
  Principal: { Service: events.principal },
  Action: "sqs:SendMessage",
  Resource: queue,
  Condition,
});
const policy = (...Statement: object[]) => JSON.stringify({ Version: "2012-10-17", Statement });

test.each<[string, boolean, string | undefined, Partial<typeof events>?]>([
  ["no policy", false, undefined],
  ["a policy that nobody can read", false, "{"],
  ["the service", true, policy(grant())],
  ["another service", false, policy(grant()), { principal: "sns.amazonaws.com" }],
  ["everybody", true, policy({ ...grant(), Principal: "*" })],
  ["an account", false, policy({ ...grant(), Principal: { AWS: managementAccountId } })],
  ["another action", false, policy({ ...grant(), Action: "sqs:ReceiveMessage" })],
  ["another queue", false, policy({ ...grant(), Resource: `${queue}-too` })],
  ["the rule", true, policy(grant({ ArnEquals: { "aws:SourceArn": rule } }))],
  ["another rule", false, policy(grant({ ArnEquals: { "aws:SourceArn": `${rule}-too` } }))],
  ["the account of the rule", true, policy(grant({ StringEquals: { "aws:SourceAccount": managementAccountId } }))],
  ["the organization of the rule", true, policy(grant({ StringEquals: { "aws:SourceOrgID": organizationId } }))],
  [
    "an organization, of an account that is in none",
    false,
    policy(grant({ StringEquals: { "aws:SourceOrgID": organizationId } })),
    { sourceAccountId: "999999999999" },
  ],
  ["the service, and denies it", false, policy(grant(), grant({}, "Deny"))],
])("a queue whose policy names %s", (_, expected, document, changes = {}) => {
  const asked = { action: "sqs:SendMessage", resource: queue, policy: document };
  expect(letsServiceIn(state, { ...events, ...changes }, asked)).toBe(expected);
});
