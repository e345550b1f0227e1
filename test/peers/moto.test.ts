import { expect, it } from "vitest";
import { createSandbox } from "../../sandbox/sandbox.ts";
import { describeWithPeers, startMotoServer } from "../support/peers.ts";
import { type Answer, callWithBoto3 } from "./boto3.ts";
import { knownDifferences } from "./moto-differences.ts";
import { steps } from "./moto-steps.ts";

/** What differs by nature: ids, account numbers, times, secrets. */
const normalized = (value: unknown, key = ""): unknown => {
  if (Array.isArray(value)) return value.map((item) => normalized(item, key));
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, normalized(item, name)]));
  }
  if (typeof value !== "string") return value;
  if (/^(SecretAccessKey|Base32StringSeed|QRCodePNG|Marker|MessageId|UserId|PolicyId)$/.test(key)) return key;
  return value
    .replace(/\b\d{4}-\d\d-\d\dT[\d:.]+(\+00:00|Z)?/g, "TIME")
    .replace(/\b(AIDA|AROA|AKIA|ANPA|AGPA)[A-Z0-9]{12,}/g, "$1")
    .replace(/\bou-[a-z0-9]+-[a-z0-9]+/g, "ou")
    .replace(/\b([or])-[a-z0-9]{4,32}\b/g, "$1")
    .replace(/\bcar-[a-z0-9]+/g, "car")
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "UUID")
    .replace(/\b\d{12}\b/g, "ACCOUNT");
};

/** The paths at which two answers differ, e.g. `User.Tags`; in lists, by the first element that does. */
const differences = (ours: unknown, motos: unknown, path = ""): string[] => {
  if (JSON.stringify(ours) === JSON.stringify(motos)) return [];
  const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
  if (isObject(ours) && isObject(motos) && Array.isArray(ours) === Array.isArray(motos)) {
    const names = [...new Set([...Object.keys(ours), ...Object.keys(motos)])].sort();
    return names.flatMap((name) => differences(ours[name], motos[name], path === "" ? name : `${path}.${name}`));
  }
  const show = (value: unknown) => (value === undefined ? "absent" : JSON.stringify(value).slice(0, 60));
  return [`${path}: ours ${show(ours)}, moto's ${show(motos)}`];
};

/** Of an error, what clients act on: its code. Words differ. */
const outcome = (answer: Answer | undefined): unknown =>
  answer !== undefined && "error" in answer ? { error: answer.error.code } : normalized(answer);

describeWithPeers(["boto3", "moto_server"], "the sandbox's answers beside moto's", () => {
  it("are the same but for the known differences, each of which is there", async () => {
    const sandbox = createSandbox();
    const accountId = sandbox.state.organization.managementAccountId;
    Object.assign(sandbox.state.accounts.get(accountId) ?? {}, { standalone: true });
    const [server, moto] = await Promise.all([sandbox.listen(), startMotoServer()]);
    try {
      const ours = await callWithBoto3(server.url, steps, sandbox.credentialsFor(accountId, "root"));
      const motos = await callWithBoto3(moto.url, steps);
      expect(ours).toHaveLength(steps.length);
      expect(motos).toHaveLength(steps.length);
      const found = steps.flatMap(({ call }, at) =>
        differences(outcome(ours[at]), outcome(motos[at])).map((what) => `${call} ${what}`),
      );
      expect(found).toEqual(knownDifferences.map(([what]) => what));
    } finally {
      await Promise.all([server.close(), moto.close()]);
    }
  });
});
