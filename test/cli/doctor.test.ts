import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, it } from "vitest";
import { accessDenied } from "../../sandbox/protocol/service.ts";
import { createDoctor } from "../../shared/doctor/doctor.ts";
import { changeMarks } from "../../shared/marks/mark-store.ts";
import { marked, marking } from "../../shared/marks/standing.ts";
import { httpAnswer, overHttp } from "../../shared/operator/over-http.ts";
import { type DoctorWorld, doctorWorld } from "../doctor/world.ts";
import { runWarden } from "../support/warden-process.ts";

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** The doctor over HTTP, and an operator that says where it is. */
const serve = async ({ dependencies }: DoctorWorld, doctorUrl = "/doctor"): Promise<string> => {
  const doctor = overHttp(createDoctor(dependencies), dependencies.telemetry);
  const server = createServer((request, response) => {
    const answer = async () => {
      const body = await text(request);
      if (request.url === "/doctor") return doctor(body, { arn: "arn:aws:iam::111122223333:user/ann" });
      expect(JSON.parse(body)).toEqual({ command: "doctor" });
      return httpAnswer({ ok: true, ...{ url: doctorUrl } });
    };
    answer().then(
      ({ statusCode, headers, body }) => response.writeHead(statusCode, headers).end(body),
      (error: Error) => response.destroy(error),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(
    () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

const doctor = async (world: DoctorWorld, ...args: readonly string[]) =>
  runWarden(["doctor", ...args, "--local", await serve(world)]);

const blinded = async ({ marks, data }: DoctorWorld): Promise<void> => {
  const mark = { nonce: "late", markedAt: "2026-11-02T06:30:00.000Z" };
  await changeMarks(marks, data.id, (one) => marked(marking(one, mark), mark));
};

describe("warden doctor", () => {
  it("says first how many accounts are watched, and ends with 0 if all are and the hub is well", async () => {
    const { status, stdout, stderr } = await doctor(await doctorWorld());
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toBe(
      "3 of 3 accounts are watched.\nThe slowest mark took 0 seconds to arrive.\nThe hub is well: 8 checks.\nNothing is wrong.\n",
    );
  });

  it("lists what is wrong, worst first, accounts with the same trouble once, and ends with 1", async () => {
    const world = await doctorWorld();
    await blinded(world);
    const { data, hub, sandbox } = world;
    for (const account of [data, hub]) account.policies.delete(`arn:aws:iam::${account.id}:policy/iam-warden-boundary`);
    world.rule("iam-changes-1", "us-east-1").state = "DISABLED";
    for (const stack of sandbox.state.stacks.values())
      if (stack.accountId === hub.id && stack.region === "us-east-2")
        stack.instance = { status: "OUTDATED", detailedStatus: "FAILED", reason: "It exists already" };
    const { status, stdout } = await doctor(world);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^2 of 3 accounts are watched; 1 is not\.\n/);
    const order = [
      "It is blind",
      "Rules are disabled in us-east-1",
      "The stack in us-east-2 is not current",
      "There is no policy",
    ];
    const places = order.map((what) => stdout.indexOf(what));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(places[0]).toBeGreaterThan(0);
    const lines = stdout.replace(/\s+/g, " ");
    expect(lines).toContain(`1 account: ${data.id} data (Root)`);
    expect(lines).toMatch(/There is no policy iam-warden-boundary, the boundary of this account\. 2 accounts: /);
    expect(lines).toContain(`${hub.id}: FAILED: It exists already`);
  });

  it("ends with 3 where nothing is wrong but something could not be told, and names the permission", async () => {
    const world = await doctorWorld();
    world.sandbox.intercept((call) => {
      if (call.operation === "DescribeTrails" && call.account.id === world.data.id) throw accessDenied(call);
    });
    const { status, stdout } = await doctor(world);
    expect(status).toBe(3);
    expect(stdout).toMatch(/^2 of 3 accounts are watched; of 1 it is not known\.\n/);
    expect(stdout.replace(/\s+/g, " ")).toContain("unknown trail cloudtrail:DescribeTrails is denied.");
  });

  it("gives everything as JSON, and no progress where nobody watches", async () => {
    const world = await doctorWorld();
    await blinded(world);
    const { status, stdout, stderr } = await doctor(world, "--json");
    expect([status, stderr]).toEqual([1, ""]);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ total: 3, watched: 2, unwatched: 1, unknown: 0 });
    expect(report.troubles).toMatchObject([{ check: "mark", severity: "critical", accounts: [{ id: world.data.id }] }]);
    expect(report.hub).toHaveLength(8);
    expect(report.accounts.map(({ checks }: { checks: readonly unknown[] }) => checks.length)).toEqual([8, 8, 8]);
  });

  it("looks at one account alone, if asked, and knows which there are", async () => {
    const world = await doctorWorld();
    await blinded(world);
    const { stdout } = await doctor(world, "--account", world.hub.id, "--json");
    expect(JSON.parse(stdout)).toMatchObject({ total: 1, watched: 1, hub: [], troubles: [] });
    const unknown = await doctor(world, "--account", "123412341234");
    expect([unknown.status, unknown.stdout]).toEqual([2, ""]);
    expect(unknown.stderr).toContain("No active account of the organization: 123412341234");
  });

  it("counts an account that cannot be asked about as unknown, and looks at the others", async () => {
    const world = await doctorWorld();
    const { reachAnew } = world.dependencies;
    let asked = 0;
    Object.assign(world.dependencies, {
      reachAnew: () => {
        asked += 1;
        if (asked === 1) throw new Error("out of memory");
        return reachAnew();
      },
    });
    const { status, stdout } = await doctor(world);
    expect(status).toBe(3);
    expect(stdout).toMatch(/^2 of 3 accounts are watched; of 1 it is not known\.\n/);
    expect(stdout.replace(/\s+/g, " ")).toContain("The doctor did not answer.");
  });
});
