import { expect, it } from "vitest";
import { analyzerIn } from "../../sandbox/analyzers/state.ts";
import { AwsError, accessDenied } from "../../sandbox/protocol/service.ts";
import { createSandbox } from "../../sandbox/sandbox.ts";
import { known, unknownFact } from "../../shared/facts/facts.ts";
import { readOrganizationAnalyzers } from "../../shared/organization/analyzers.ts";
import { awsOf } from "../support/aws-of.ts";
import { memberId, memberOf } from "../support/iam-account.ts";

const watchedRegions = ["us-east-1", "eu-west-1"];
const service = "access-analyzer.amazonaws.com";

/** An organization whose member administers Access Analyzer for it. */
const delegated = () => {
  const sandbox = createSandbox();
  const { account } = memberOf(sandbox);
  const { organization, accounts } = sandbox.state;
  const createdAt = sandbox.clock.now();
  organization.trustedServices.set(service, createdAt);
  organization.delegatedAdministrators.set(memberId, new Map([[service, createdAt]]));
  const management = accounts.get(organization.managementAccountId);
  if (management === undefined) throw new Error("no management account");
  const add = (to: typeof account, region: string, status: "ACTIVE" | "FAILED" = "ACTIVE") => {
    const analyzer = analyzerIn(to.id, region, { createdAt, name: "organization", type: "ORGANIZATION", status });
    to.analyzers.set(analyzer.arn, analyzer);
    return { arn: analyzer.arn, region };
  };
  const aws = awsOf(sandbox, { watchedRegions });
  const read = () => readOrganizationAnalyzers(aws.organizations(), aws, management.id);
  return { sandbox, account, management, add, read, aws };
};

it("are found in the management account and in delegated administrators, if they are active", async () => {
  const { account, management, add, read, aws } = delegated();
  const found = [add(account, "us-east-1"), add(management, "eu-west-1")];
  add(account, "eu-west-1", "FAILED");
  add(account, "ap-south-1");
  const sorted = found.sort((a, b) => (a.arn < b.arn ? -1 : 1));
  expect(await read()).toEqual({ analyzers: known(sorted) });
  expect(aws.calls()[memberId]?.["access-analyzer:ListAnalyzers"]).toBe(2);
  expect(aws.calls()[management.id]?.["access-analyzer:ListAnalyzers"]).toBe(2);
});

it("may be none", async () => {
  expect(await delegated().read()).toEqual({ analyzers: known([]) });
});

it.each([
  ["may not be asked", accessDenied, "access-analyzer:ListAnalyzers was denied"],
  [
    "is not answered",
    () => new AwsError("ServiceUnavailable", "Sorry.", 503),
    "access-analyzer:ListAnalyzers was not answered",
  ],
] as const)("are not known of the Region alone in which an administrator %s", async (_, refusal, why) => {
  const { sandbox, account, add, read } = delegated();
  const found = add(account, "us-east-1");
  sandbox.intercept((call) => {
    if (call.service === "access-analyzer" && call.account.id === memberId && call.region === "eu-west-1")
      throw refusal(call);
  });
  expect(await read()).toEqual({
    analyzers: known([found]),
    unreadAnalyzers: [{ region: "eu-west-1", why: `of account ${memberId} ${why}` }],
  });
});

it("are not known where the administrators may not be listed", async () => {
  const { sandbox, account, add, read } = delegated();
  add(account, "us-east-1");
  sandbox.intercept((call) => {
    if (call.operation === "ListDelegatedAdministrators") throw accessDenied(call);
  });
  expect(await read()).toEqual({
    analyzers: unknownFact("organizations:ListDelegatedAdministrators was denied"),
  });
});
