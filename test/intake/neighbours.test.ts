import { AttachRolePolicyCommand, CreateRoleCommand, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { describe, expect, it } from "vitest";
import { trusting } from "../../sandbox/iam/state.ts";
import { createMemoryStore } from "../../shared/findings/memory-store.ts";
import { settingsOf } from "../support/settings.ts";
import { wiredOrganization } from "../support/wired/organization.ts";

const role = (RoleName: string) =>
  new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trusting({ Service: "lambda.amazonaws.com" }) });
const writingTrustOf = (RoleName: string, Resource: readonly string[]) =>
  new PutRolePolicyCommand({
    RoleName,
    PolicyName: "own",
    PolicyDocument: JSON.stringify({
      Version: "2012-10-17",
      Statement: { Effect: "Allow", Action: "iam:UpdateAssumeRolePolicy", Resource },
    }),
  });

describe("an event about somebody whose policies name others", () => {
  const organize = async () => {
    const organization = await wiredOrganization({
      store: createMemoryStore(),
      settings: settingsOf("version: 1\ncontrols: { role-without-boundary: { mode: off } }"),
    });
    await organization.wiring.sweep();
    const send = organization.iam(organization.data, "petra");
    const found = async () =>
      (await organization.findings(organization.data)).filter((one) => one.startsWith("privilege-escalation-path"));
    const arn = (name: string) => `arn:aws:iam::${organization.data.id}:role/${name}`;
    return { ...organization, send, found, arn };
  };

  it("is judged by what those are now, who are read only if they are named", async () => {
    const { send, wiring, found, arn, aws, data } = await organize();
    for (const name of ["deploy", "web", "admin"]) await send.send(role(name));
    await send.send(
      new AttachRolePolicyCommand({ RoleName: "admin", PolicyArn: "arn:aws:iam::aws:policy/AdministratorAccess" }),
    );
    await wiring.settle();
    const read = () => aws.calls()[data.id]?.["iam:GetRole"] ?? 0;
    const before = read();
    await send.send(writingTrustOf("deploy", [arn("web"), arn("gone")]));
    await wiring.settle();
    expect(read() - before).toBe(3);
    expect(await found()).toEqual([]);
    await send.send(writingTrustOf("deploy", [arn("web"), arn("admin")]));
    await wiring.settle();
    expect(await found()).toEqual(["privilege-escalation-path role/deploy open"]);
    await send.send(writingTrustOf("deploy", [arn("web")]));
    await wiring.settle();
    expect(await found()).toEqual(["privilege-escalation-path role/deploy resolved"]);
    expect([wiring.deadLetters, wiring.functionErrors]).toEqual([[], []]);
  });

  it("leaves to the sweep what names more than are read, and resolves nothing by it", async () => {
    const { send, wiring, found, arn, data, sandbox } = await organize();
    const many = Array.from({ length: 11 }, (_, at) => `app-${at}`);
    for (const name of ["deploy", ...many]) await send.send(role(name));
    data.roles.get("app-10")?.attachedPolicies.add("arn:aws:iam::aws:policy/AdministratorAccess");
    await send.send(writingTrustOf("deploy", [arn("app-10")]));
    await wiring.settle();
    expect(await found()).toEqual(["privilege-escalation-path role/deploy open"]);
    await send.send(writingTrustOf("deploy", many.map(arn)));
    sandbox.clock.advance(60_000);
    await wiring.settle();
    expect(await found()).toEqual(["privilege-escalation-path role/deploy open"]);
    data.roles.get("app-10")?.attachedPolicies.clear();
    await wiring.sweep();
    await wiring.settle();
    expect(await found()).toEqual(["privilege-escalation-path role/deploy resolved"]);
    data.roles.get("app-3")?.attachedPolicies.add("arn:aws:iam::aws:policy/AdministratorAccess");
    sandbox.clock.advance(60_000);
    await wiring.sweep();
    await wiring.settle();
    expect(await found()).toEqual(["privilege-escalation-path role/deploy open"]);
  });
});
