import { demand, demandEqual } from "../demand.ts";
import type { Stage } from "../stage.ts";

/** Root at work: signing in, failing to, calling in another Region, setting a password anew. */
export const root = async (stage: Stage): Promise<void> => {
  const { sandbox, data, web, management, wiring, findings, told, ask, store } = stage;
  for (const { id } of [web, management]) {
    sandbox.recoverPassword(id);
    sandbox.signIn(id, "root", { success: false });
  }
  await wiring.settle();
  for (const account of [web, management])
    demandEqual(
      (await findings(account)).filter((line) => line.startsWith("root-")),
      ["root-activity root/root open", "root-sign-in-failure root/root open", "root-without-mfa root/root open"],
      `root without MFA, and whoever tried to be root, are found in ${account.name}`,
    );

  const owned = () => told("payments@example.com", data).filter((kind) => kind === "opened").length;
  const before = owned();
  for (const { id } of [data, management])
    sandbox.use(id, "root", { service: "ec2", action: "DescribeRegions", region: "eu-west-1" });
  await wiring.settle();
  demand(owned() > before, "root of an account at work is told to the account's owner");
  for (const account of [data, management]) {
    demand(
      told("critical@example.com", account).length > 0,
      `root that reads in another Region is told: ${account.name}`,
    );
    const seen = (await store.listAll(account.id)).filter(
      ({ control, status, severity }) => control === "root-activity" && status === "open" && severity === "critical",
    );
    demandEqual(seen.length, 1, `root at work in ${account.name} is found`);
    for (const { id } of seen) await ask("operator", { command: "ack", id });
    const left = await store.get(account.id, seen[0]?.id ?? "");
    demandEqual(left?.status, "resolved", `what people have seen of ${account.name} is resolved`);
  }
};
