import { CreateRoleCommand } from "@aws-sdk/client-iam";
import { describe, expect, it } from "vitest";
import { trusting } from "../../sandbox/iam/state.ts";
import { AwsError } from "../../sandbox/protocol/service.ts";
import { settingsOf } from "../support/settings.ts";
import { redeployed, type SmallOrganization, smallOrganization } from "../support/small-organization.ts";

// Something that iam-warden needs is down for an hour. When it is back, nothing is missing, and nobody had to move a message.

const hourMs = 3_600_000;
const Trust = trusting({ Service: "lambda.amazonaws.com" });

/** Calls of iam-warden's own functions to a service fail until so long from now. */
const down = (
  { sandbox }: SmallOrganization,
  service: string,
  forMs = hourMs,
  { code, status } = { code: "InternalFailure", status: 500 },
): { readonly refused: number } => {
  const { clock } = sandbox;
  const until = clock.now().getTime() + forMs;
  const outage = { refused: 0 };
  sandbox.intercept(({ service: called, caller: { principal } }) => {
    const isOurs = principal.type === "role" && principal.roleName.startsWith("iam-warden-");
    if (called !== service || !isOurs || clock.now().getTime() >= until) return;
    outage.refused += 1;
    throw new AwsError(code, `${service} is down`, status);
  });
  return outage;
};

const reportsOf = ({ sandbox }: SmallOrganization): string[] =>
  [...sandbox.state.buckets.values()]
    .flatMap(({ objects }) => [...objects.keys()])
    .filter((key) => key.endsWith(".html"));

describe("an hour without", () => {
  it("the table loses no event, and lays none aside", async () => {
    const organization = smallOrganization();
    const { iam, data, wiring, findings, mails } = organization;
    const outage = down(organization, "dynamodb");
    await iam(data).send(new CreateRoleCommand({ RoleName: "app", AssumeRolePolicyDocument: Trust }));
    await wiring.settle();
    expect(await findings(data)).toEqual(["role-without-boundary role/app open"]);
    expect(mails()).toHaveLength(1);
    expect(wiring.deadLetters).toEqual([]);
    expect(outage.refused).toBeGreaterThan(0);
  });

  it.each(["organizations", "sns", "s3"])(
    "%s at the time of the sweep ends in its digest and its report",
    async (service) => {
      const organization = smallOrganization();
      const { sandbox, wiring, telemetry } = organization;
      sandbox.clock.advance(24 * hourMs);
      const outage = down(organization, service);
      const run = await wiring.runSchedules();
      expect(run?.failures).toEqual([]);
      expect(telemetry.counted("AccountsSwept")).toBe(sandbox.state.accounts.size);
      expect(outage.refused).toBeGreaterThan(0);
      expect(reportsOf(organization)).toHaveLength(1);
    },
  );
});

describe.each([
  { code: "InternalFailure", status: 500 },
  { code: "ServiceUnavailable", status: 503 },
  { code: "ThrottlingException", status: 429 },
])("a service besides IAM that answers $status", (error) => {
  it.each(["access-analyzer", "cloudtrail"])(
    "costs the sweep what rests on it alone, and no account: %s",
    async (service) => {
      const organization = smallOrganization();
      const { sandbox, wiring, telemetry } = organization;
      sandbox.clock.advance(24 * hourMs);
      const outage = down(organization, service, 5 * hourMs, error);
      const run = await wiring.runSchedules();
      expect(run?.failures).toEqual([]);
      expect(telemetry.counted("AccountsSwept")).toBe(sandbox.state.accounts.size);
      expect(telemetry.counted("OrganizationNotRead")).toBe(0);
      expect(telemetry.counted("UnknownVerdicts")).toBeGreaterThan(0);
      expect(outage.refused).toBeGreaterThan(0);
    },
  );
});

describe("AppConfig that is down when a sweep's functions start", () => {
  it("resolves nothing of what the file of the last deployment turns off, until it is known that it holds", async () => {
    const before = smallOrganization();
    const { data, iam, sandbox, findings } = before;
    await iam(data).send(new CreateRoleCommand({ RoleName: "app", AssumeRolePolicyDocument: Trust }));
    await before.wiring.settle();
    const off = settingsOf("version: 1\ncontrols: { role-without-boundary: { mode: off } }\n");
    const organization = redeployed(before, off);
    sandbox.clock.advance(24 * hourMs);
    const outage = down(organization, "appconfig");
    await organization.wiring.sweep();
    expect(await findings(data)).toEqual(["role-without-boundary role/app open"]);
    expect(outage.refused).toBeGreaterThan(0);
    sandbox.clock.advance(24 * hourMs);
    await organization.wiring.sweep();
    expect(await findings(data)).toEqual(["role-without-boundary role/app resolved"]);
  });
});

describe("a channel that stays down", () => {
  it("keeps nobody from the sweep's report, and the sweep counts as failed", async () => {
    const organization = smallOrganization();
    const { sandbox, wiring } = organization;
    sandbox.clock.advance(24 * hourMs);
    down(organization, "sns", 5 * hourMs);
    await expect(wiring.sweep()).rejects.toThrow("the sweep failed: DigestNotTold");
    expect(reportsOf(organization)).toHaveLength(1);
  });
});
