import { afterEach, describe, expect, it } from "vitest";
import { hourOf } from "../../shared/remediation/breaker.ts";
import { ann, operatorWorld } from "../operator/world.ts";
import { bob, policyName, policyOf } from "../remediation/worlds.ts";
import { hostileNames, invisible } from "../support/findings.ts";
import { operatorCredentials, serveOperator } from "../support/operator-server.ts";
import { run } from "../support/peers.ts";
import { launcher, runWarden } from "../support/warden-process.ts";

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** `warden` against the operator of a world; what it asks to be repaired is done before the next look at the finding. */
const commandLine = async (options: Parameters<typeof operatorWorld>[1] & { readonly idle?: true } = {}) => {
  const world = await operatorWorld(bob(), options);
  const server = await serveOperator(world, ann, async (command) => {
    if (command === "show" && options.idle !== true) await world.work();
    return undefined;
  });
  closing.push(server.close);
  const local = (...args: string[]) => runWarden(args, { env: { WARDEN_LOCAL: server.url } });
  return {
    ...world,
    server,
    local,
    /** The result as JSON of a command that succeeds. */
    json: async (...args: string[]) => {
      const { status, stdout, stderr } = await local(...args, "--format", "json");
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      return JSON.parse(stdout);
    },
    digest: async (): Promise<string> => {
      const [plan] = JSON.parse((await local("plan", world.finding.id, "--format", "json")).stdout).items;
      return plan.digest;
    },
  };
};

const why = "Agreed in ticket 4711";

describe("where the operator is", () => {
  it("is a URL to which requests are signed by AWS's credentials", async () => {
    const { server, finding } = await commandLine();
    const env = { WARDEN_URL: server.url, AWS_REGION: server.region };
    const signed = await runWarden(["ack", finding.id], { credentials: operatorCredentials, env });
    expect(signed).toMatchObject({ status: 0, stderr: "" });
    const wrong = { ...operatorCredentials, secretAccessKey: "another" };
    const refused = await runWarden(["ack", finding.id], { credentials: wrong, env });
    expect(refused).toMatchObject({ status: 2, stdout: "" });
    expect(refused.stderr).toMatch(/AWS refused the request .* lambda:InvokeFunctionUrl .*\n.*HTTP 403: .*Forbidden/);
    const nobody = await runWarden(["findings"], { env });
    expect(nobody.stderr).toContain("No usable AWS credentials were found");
    expect(nobody.status).toBe(2);
  });

  it.each([
    ["nowhere", ["findings"], {}, "Where is the operator? Set WARDEN_URL (or --url)"],
    ["no URL", ["findings", "--url", "warden.example.com"], {}, "write a URL that begins with https://"],
    ["not encrypted", ["findings", "--url", "http://warden.example.com"], {}, "write a URL that begins with https://"],
    ["not local", ["findings", "--local", "http://warden.example.com"], {}, "which is not on this machine"],
    ["two places", ["findings"], { WARDEN_URL: "https://a.example", WARDEN_LOCAL: "http://127.0.0.1:1" }, "both set"],
    [
      "where nothing answers",
      ["findings", "--local", "http://127.0.0.1:9"],
      {},
      "cannot be reached. Is `npm start` running",
    ],
    ["without a Region", ["findings", "--url", "https://warden.example.com"], {}, "set AWS_REGION"],
  ])("cannot be %s", async (_name, args, env, expected) => {
    const { status, stdout, stderr } = await runWarden(args, {
      credentials: operatorCredentials,
      env: { AWS_REGION: "", ...env },
    });
    expect(stderr).toContain(expected);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  });

  it("is the local run also where --local stands before an id, with a URL or without", async () => {
    const { server, finding } = await commandLine();
    const env = { WARDEN_LOCAL: server.url };
    for (const args of [
      ["--local", finding.id],
      [finding.id, "--local"],
      ["--local", server.url, finding.id],
    ])
      expect(await runWarden(["show", ...args], { env })).toMatchObject({ status: 0, stderr: "" });
    expect(await runWarden(["show", "--local", finding.id], { env: { WARDEN_LOCAL: "nonsense" } })).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('--local is "nonsense"'),
    });
  });

  it("is asked again where reading failed in passing, and not where something would be done twice", async () => {
    const world = await operatorWorld(bob());
    const server = await serveOperator(world, ann, async () =>
      server.requests.length === 1 ? { statusCode: 502, headers: {}, body: "" } : undefined,
    );
    closing.push(server.close);
    expect(await runWarden(["findings", "--local", server.url])).toMatchObject({ status: 0 });
    expect(server.requests).toHaveLength(2);
    server.requests.length = 0;
    const { status, stderr } = await runWarden(["ack", world.finding.id, "--local", server.url]);
    expect({ status, asked: server.requests.length }).toEqual({ status: 2, asked: 1 });
    expect(stderr).toContain("did not answer; try again");
  });
});

describe("findings, show, plan, history", () => {
  it("list and tell, as tables and as JSON", async () => {
    const { local, json, finding } = await commandLine();
    const { stdout } = await local("findings");
    expect(stdout).toMatch(
      new RegExp(`${finding.id.slice(0, 12)} +high +open +console-user-without-mfa: bob can sign in`),
    );
    expect(stdout).toContain("1 finding: 1 open");
    expect(await json("findings", "--status", "resolved")).toEqual({ items: [], unreadable: [], more: false });
    expect((await local("show", finding.id.slice(0, 8))).stdout).toMatch(/where +user bob in 111122223333 payments/);
    expect((await json("show", finding.id)).finding).toMatchObject({ id: finding.id });
    const plan = await local("plan", finding.id);
    expect(plan.stdout).toMatch(new RegExp(`would +It puts the inline policy ${policyName} on user bob\\.`));
    expect(plan.stdout).toMatch(/stopped by +the settings: Nobody has been told yet/);
    expect(plan.stdout).toContain("\nstopped by: what would stop the repair if it began now.");
    expect(plan.stdout).not.toMatch(/^held/m);
    expect(plan.stdout).toMatch(/digest +[0-9a-f]{20}/);
    expect((await json("plan", "--control", "console-user-without-mfa")).items).toHaveLength(1);
    expect(plan.stdout).not.toContain("would be repaired now");
    expect((await local("plan")).stdout).toMatch(
      /\n\n1 finding: 0 would be repaired now; 1 stopped \(the settings 1\); 0 without a plan\n$/,
    );
    expect((await local("history", finding.id)).stdout).toContain("opened");
  });

  it("show how to mend it, in each tool, with what the finding knows put in", async () => {
    const { local, finding } = await commandLine();
    expect((await local("show", finding.id, "--fix", "cli")).stdout).toMatch(/--user-name bob /);
    expect((await local("show", finding.id, "--fix", "terraform")).stdout).toMatch(/^resource "aws_/m);
    expect((await local("show", finding.id, "--fix", "cloudformation")).stdout).toMatch(/^Resources:$/m);
    expect(await local("show", finding.id, "--fix", "pulumi")).toMatchObject({ status: 2 });
  });

  it("count the records of an activity", async () => {
    const { local, store, finding } = await commandLine();
    const activity = { count: 3, episodes: ["one"], lastAt: "2026-11-03T02:30:00.000Z", eventIds: ["a"] };
    const [used, tried] = ["0".repeat(32), "1".repeat(32)];
    await store.put({ ...finding, id: used, activity });
    await store.put({ ...finding, id: tried, activity: { ...activity, onlyAttempts: true } });
    const latest = "the latest at 2026-11-03T02:30:00.000Z";
    expect((await local("show", used)).stdout).toContain(`seen      3 records, ${latest}`);
    expect((await local("show", tried)).stdout).toContain(`seen      3 attempts, ${latest}`);
  });

  it("say that there is more than they show", async () => {
    const { local, store, finding } = await commandLine();
    await store.put({ ...finding, id: "0".repeat(32) });
    const { stdout, stderr } = await local("findings", "--limit", "1", "--format", "json");
    expect(JSON.parse(stdout)).toMatchObject({ items: [{}], more: true });
    expect(stderr).toContain("there may be more");
  });

  it("show names that would do something in a terminal for what they are", async () => {
    const { local, store, finding } = await commandLine();
    const names = [hostileNames.ansi, hostileNames.newlines, hostileNames.rightToLeft, hostileNames.zeroWidth];
    const id = "0".repeat(32);
    const name = names.join(" ");
    const exemption = { id: "x", by: name, reason: name, until: "2027-01-01T00:00:00.000Z" };
    const history = [{ at: finding.openedAt, what: "opened" as const, by: name, reason: name }];
    const account = { id: finding.account.id, name };
    const repair = { state: "held" as const, at: finding.openedAt, why: name, stage: "repair" as const };
    const subject = { ...finding.subject, name };
    await store.put({ ...finding, id, account, subject, reason: name, exemption, history, repair });
    for (const args of [["findings"], ["show", id], ["history", id], ["plan", id]]) {
      const { stdout, status } = await local(...args);
      expect(status).toBe(0);
      // IAM gives no such name: what it refuses to read holds the repair.
      if (args[0] === "plan") expect(stdout).toContain("cannot be read");
      expect(stdout).toContain("\\u{1b}");
      for (const line of stdout.split("\n")) expect(line).not.toMatch(invisible);
    }
  });

  it("say which option is wrong, not which field of the request", async () => {
    const { local } = await commandLine();
    for (const [args, told] of [
      [["findings", "--account", "12"], '--account: is the text "12"; write an account id'],
      [["findings", "--control", "nope"], '--control: is the text "nope"; write the id of a control'],
      [["show", "bob"], 'the id: is the text "bob"; write the id of a finding'],
      [["exempt", "--control", "nope", "--organization", "--until", "2026-12-01", "--reason", "short"], "--control: "],
    ] as const)
      expect(await local(...args)).toMatchObject({ status: 2, stderr: expect.stringContaining(`warden: ${told}`) });
  });

  it("refuse an id that is not there with 1, and one that is none with 2", async () => {
    const { local } = await commandLine();
    for (const command of ["show", "history", "plan"]) {
      expect(await local(command, "ffffffffff")).toMatchObject({
        status: 1,
        stderr:
          "warden: There is no finding whose id begins with ffffffffff; `warden findings` lists those that are open, with " +
          "--status resolved those that are over.\n",
      });
      expect(await local(command, "bob")).toMatchObject({ status: 2 });
    }
  });
});

describe("approve and undo", () => {
  it("wait until it is done, and say what came of it", async () => {
    const { local, digest, finding, ...world } = await commandLine();
    const approved = await local("approve", finding.id, "--digest", await digest(), "--why", why);
    expect(approved).toMatchObject({ status: 0, stderr: "" });
    expect(approved.stdout).toContain(`Repaired (${finding.id}-0001).`);
    expect(approved.stdout).toContain(`warden undo ${finding.id.slice(0, 12)}`);
    expect(policyOf(world)).toBeDefined();

    const undone = await local("undo", finding.id, "--why", why);
    expect(undone).toMatchObject({ status: 0, stderr: "" });
    expect(undone.stdout).toContain(`It deletes the inline policy ${policyName} of user bob.`);
    expect(undone.stdout).toContain(`Undone (${finding.id}-0001)`);
    expect(policyOf(world)).toBeUndefined();
    const told = await local("history", finding.id);
    for (const word of ["approved", "repaired", "undone", ann, why, '{"kind":"userPolicy"'])
      expect(told.stdout.replace(/\s+/g, " ")).toContain(word);
  });

  it("without a digest show the plan, and without a terminal approve nothing", async () => {
    const { local, digest, finding, ...world } = await commandLine();
    const { status, stderr, stdout } = await local("approve", finding.id, "--why", why);
    expect(stderr).toContain(`It puts the inline policy ${policyName} on user bob.`);
    expect(stderr).toContain("Approved, it is repaired now: nothing else stops it.");
    expect(stderr).toContain(`add --digest ${await digest()}`);
    expect({ status, stdout, queued: world.queued }).toEqual({ status: 2, stdout: "", queued: [] });
  });

  it("ask nobody to approve what no approval lifts", async () => {
    const { local, finding } = await commandLine({ mode: "notify" });
    const { status, stderr, stdout } = await local("approve", finding.id, "--why", why);
    expect(stderr).toContain("No approval lifts what holds it. The settings have");
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
  });

  it("are refused with 1 and the reason: another plan, drift, nothing to undo", async () => {
    const { local, digest, finding, ...world } = await commandLine();
    const other = await local("approve", finding.id, "--digest", "0".repeat(20), "--why", why);
    expect(other).toMatchObject({ status: 1, stdout: "" });
    expect(other.stderr).toContain("The plan is not the one of digest 00000000000000000000 any more.");
    expect(await local("undo", finding.id, "--why", why)).toMatchObject({ status: 1 });
    await local("approve", finding.id, "--digest", await digest(), "--why", why);
    world.user.inlinePolicies.set(policyName, "{}");
    const drifted = await local("undo", finding.id, "--why", why);
    expect(drifted).toMatchObject({
      status: 1,
      stderr: `warden: The inline policy ${policyName} of user bob has another text.\n`,
    });
    expect(policyOf(world)).toBe("{}");
    const forced = await local("undo", finding.id, "--why", why, "--force");
    expect(forced).toMatchObject({ status: 0 });
    expect(forced.stderr).toContain("written over by force");
  });

  it("say with 3 what is not done in time, and do not wait if they need not", async () => {
    const { local, digest, finding, ...world } = await commandLine({ idle: true });
    const args = ["approve", finding.id, "--digest", await digest(), "--why", why];
    const late = await local(...args, "--wait", "1");
    expect(late).toMatchObject({ status: 3 });
    expect(late.stdout).toContain("Not done within 1 s.");
    expect(await local(...args, "--no-wait")).toMatchObject({
      status: 0,
      stdout: expect.stringContaining("Asked for;"),
    });
    expect(world.queued).toHaveLength(2);
  });

  it("need a reason, before anything is asked or shown", async () => {
    const { local, server, finding } = await commandLine();
    for (const command of ["approve", "undo"])
      for (const given of [[], ["--why", " "]])
        expect(await local(command, finding.id, ...given)).toMatchObject({
          status: 2,
          stderr: expect.stringMatching(/^error: .*--why/),
        });
    expect(server.requests).toEqual([]);
  });
});

describe("exempt, unexempt, exemptions, ack, resume", () => {
  it("excuse the subject of a finding, list it, and end it", async () => {
    const { local, json, finding, ...world } = await commandLine();
    const until = new Date(world.clock().getTime() + 30 * 86_400_000).toISOString().slice(0, 10);
    const { stdout } = await local("exempt", finding.id, "--until", until, "--reason", "Leaves with the next release");
    expect(stdout).toContain("Excused: user bob in account 111122223333 from console-user-without-mfa, until");
    expect(stdout).toContain("1 finding marked.");
    const { items } = await json("exemptions");
    expect(items).toMatchObject([{ status: "active", by: ann, reason: "Leaves with the next release" }]);
    expect((await local("exemptions")).stdout).toContain(items[0].id);
    expect((await local("findings")).stdout).toMatch(/exempt +console-user-without-mfa/);
    expect((await local("unexempt", items[0].id)).stdout).toContain("No longer excused");
    expect((await local("exemptions")).stdout).toBe("No exemptions.\n");
  });

  it("excuse whom a scope names", async () => {
    const { json, finding, ...world } = await commandLine();
    const until = new Date(world.clock().getTime() + 86_400_000).toISOString();
    const args = [
      "--control",
      finding.control,
      "--account",
      finding.account.id,
      "--subject",
      "user/bob*",
      "--until",
      until,
    ];
    const { exemption, marked } = await json("exempt", ...args, "--reason", "Leaves with the next release");
    expect(exemption).toMatchObject({
      scope: { account: finding.account.id },
      subject: { kind: "user", pattern: "bob*" },
    });
    expect(marked.findings).toBe(1);
  });

  it.each([
    ["nobody named", [], "Name a finding by its id, or the controls with --control"],
    ["no place", ["--control", "stale-access-key"], "Say where: one of --account, --ou and --organization"],
    ["two places", ["--control", "stale-access-key", "--organization", "--ou", "Root"], "Say where"],
    ["both", ["01234567", "--organization"], "An id says whom and from what"],
    ["no kind", ["--control", "stale-access-key", "--ou", "Root/A", "--subject", "ci-*"], "write a kind and a name"],
    [
      "a pattern for all",
      ["--control", "stale-access-key", "--ou", "Root/A", "--subject", "accessKey/*"],
      "--subject: ",
    ],
  ])("refuse: %s", async (_name, args, expected) => {
    const { local } = await commandLine();
    const { status, stderr } = await local("exempt", ...args, "--until", "2026-12-01", "--reason", "For a good reason");
    expect(stderr).toContain(expected);
    expect(status).toBe(2);
  });

  it("excuse an OU that nobody is in, and say so", async () => {
    const { local } = await commandLine();
    const args = ["--control", "stale-access-key", "--ou", "Root/Nowhere", "--until", "2026-12-01"];
    const { status, stdout, stderr } = await local("exempt", ...args, "--reason", "For a good reason");
    const [, id] = /\(exemption (\w{16})\)/.exec(stdout) ?? [];
    expect(stderr).toContain("warden: No account of the organization is in Root/Nowhere or below.");
    expect(stderr).toContain(`If that is a mistake, end it with: warden unexempt ${id}\n`);
    expect(status).toBe(0);
  });

  it("call what stops a repair by the same words", async () => {
    const { local, digest, finding, ...world } = await commandLine();
    const window = { scope: { account: world.account.id }, hour: hourOf(world.clock()) } as const;
    const take = { window, kind: "user", allowance: { total: 1, ofKind: 1 }, at: world.clock() } as const;
    for (const remediationId of ["a-0001", "b-0001"]) await world.breakers.take({ ...take, remediationId });
    const planned = await local("plan", finding.id);
    expect(planned.stdout).toContain("the circuit breaker: ");
    const approved = await local("approve", finding.id, "--digest", await digest(), "--why", "Agreed");
    expect(approved.stderr).toContain("warden: approved, but the circuit breaker still stops it: ");
    expect(approved.stdout).toContain("It is held by the circuit breaker: ");
    expect((await local("show", finding.id)).stdout).toMatch(/^held by +the circuit breaker$/m);
  });

  it("acknowledge and resume", async () => {
    const { local, finding, ...world } = await commandLine();
    const { stdout } = await local("ack", finding.id);
    expect(stdout).toContain("1 open");
    expect(stdout).toContain("It stays open until what was found is mended, or excused:");
    expect((await world.stored()).history).toContainEqual(expect.objectContaining({ what: "acknowledged", by: ann }));
    expect((await local("resume", "organization")).stdout).toContain("Nothing to resume");
    const window = { scope: { account: world.account.id }, hour: hourOf(world.clock()) } as const;
    const take = { window, kind: "user", allowance: { total: 1, ofKind: 1 }, at: world.clock() } as const;
    for (const remediationId of ["a-0001", "b-0001"]) await world.breakers.take({ ...take, remediationId });
    expect((await local("resume", world.account.id)).stdout).toBe(
      `Resumed: repairs in account ${world.account.id} go on.\n`,
    );
  });
});

const scriptVersion = await run("script", ["--version"]).catch(() => undefined);

// A terminal of util-linux's `script`, which other systems' `script` is not.
describe.runIf(scriptVersion?.stdout.includes("util-linux"))("approve on a terminal", () => {
  it.each([
    ["y", 0, "Repaired ("],
    ["n", 1, "Not approved."],
    ["", 1, "Not approved."],
  ])("shows the plan and asks: %j", async (typed, expected, told) => {
    const { server, finding, ...world } = await commandLine();
    const command = `"${process.execPath}" "${launcher}" approve ${finding.id} --local ${server.url} --why "ticket 4711"`;
    const { status, stdout } = await run("script", ["-qec", command, "/dev/null"], { input: `${typed}\n` });
    expect(stdout).toContain(`It puts the inline policy ${policyName} on user bob.`);
    expect(stdout).toContain("Approved, it is repaired now: nothing else stops it.");
    expect(stdout).toContain("Approve this plan? (y/N)");
    expect(stdout).toContain(told);
    expect({ status, isRepaired: policyOf(world) !== undefined }).toEqual({
      status: expected,
      isRepaired: typed === "y",
    });
  });
});
