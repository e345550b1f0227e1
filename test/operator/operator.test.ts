import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Severity, severities } from "../../shared/control.ts";
import { StoreError } from "../../shared/errors.ts";
import { type Answer, statusOf } from "../../shared/operator/answer.ts";
import { createHttpOperator } from "../../shared/operator/http.ts";
import { createOperator } from "../../shared/operator/operator.ts";
import { bob } from "../remediation/worlds.ts";
import { aFinding, findingAbout, unreadable } from "../support/findings.ts";
import { ann, operatorWorld } from "./world.ts";

const refusal = async (answer: Promise<Answer>) => {
  const given = await answer;
  if (given.ok) throw new Error("it was not refused");
  return { status: statusOf(given), ...given.error };
};

describe("a request", () => {
  it.each([
    ["nothing", undefined, "the request: is missing; write an object with a command"],
    ["a list", [], "the request: is a list; write an object with a command"],
    ["no command", {}, "command: is missing; write any of findings, show"],
    ["an unknown command", { command: "delete" }, "command: there is no delete; write any of findings, show"],
    ["a misspelt one", { command: "finding" }, "command: there is no finding; did you mean findings?"],
    ["one of Object's", { command: "constructor" }, "command: there is no constructor"],
    ["an unknown argument", { command: "ack", id: "01234567", force: true }, "force: no such field; write any of id"],
    ["a misspelt one", { command: "findings", statuses: [] }, "statuses: no such field; did you mean status?"],
    [
      "a wrong value",
      { command: "findings", status: ["gone"] },
      'status[0]: is the text "gone"; write one of open, exempt',
    ],
    [
      "an id that says too little",
      { command: "show", id: "0123" },
      'id: is the text "0123"; write the id of a finding',
    ],
    [
      "a cursor that is none",
      { command: "findings", cursor: "W10" },
      "cursor: is none; write what an earlier answer gave",
    ],
    [
      "a control that there is not",
      { command: "findings", control: ["stale-key"] },
      'control[0]: is the text "stale-key"; write the id of a control: access-analyzer-missing, ',
    ],
    [
      "a plan for a control without a repair",
      { command: "plan", control: "root-activity" },
      'control: is the text "root-activity"; write the id of a control that has a repair: access-analyzer-missing, ',
    ],
    ["a number that is none", { command: "findings", limit: 0.5 }, "limit: is 0.5; write a whole number from 1 to 500"],
  ])("of %s is refused, with what would be right", async (_name, request, expected) => {
    const world = await operatorWorld(bob());
    const { status, name, message } = await refusal(createOperator(world)({ arn: ann }, request));
    expect({ status, name }).toEqual({ status: 400, name: "MalformedRequestError" });
    expect(message).toContain(expected);
  });

  it.each(["by", "caller", "arn", "userArn", "principal"])("cannot say who asks: %s", async (key) => {
    const world = await operatorWorld(bob());
    const before = JSON.stringify(await world.stored());
    for (const command of [
      "findings",
      "show",
      "history",
      "plan",
      "ack",
      "approve",
      "undo",
      "exempt",
      "unexempt",
      "exemptions",
      "resume",
    ]) {
      const { status, message } = await refusal(
        createOperator(world)({ arn: ann }, { command, id: world.finding.id, [key]: "zoe" }),
      );
      expect(status).toBe(400);
      expect(message).toContain(`${key}: is for the authenticated request to say; leave it out`);
    }
    expect(JSON.stringify(await world.stored())).toBe(before);
  });

  it.each(["", " ", "arn:\u202eaws", "a".repeat(1_001)])("of nobody is refused: %j", async (arn) => {
    const world = await operatorWorld(bob());
    expect(await refusal(createOperator(world)({ arn }, { command: "findings" }))).toMatchObject({
      status: 401,
      name: "NotAuthenticatedError",
    });
  });

  it("that the table does not answer may be made again; of what nobody foresaw only the log tells", async () => {
    const world = await operatorWorld(bob());
    const asking = (error: Error) =>
      refusal(
        world.ask("findings", {}, ann, {
          store: { ...world.store, accountsWithFindings: () => Promise.reject(error) },
        }),
      );
    expect(await asking(new StoreError("no answer"))).toMatchObject({
      status: 503,
      retryable: true,
      message: "no answer",
    });
    const { status, message } = await asking(new TypeError("secret detail"));
    expect(status).toBe(500);
    expect(message).not.toContain("secret");
    expect(world.telemetry.lines.at(-1)?.message).toContain("secret detail");
  });

  it("of whatever JSON is answered, never thrown", async () => {
    const world = await operatorWorld(bob());
    const handle = createHttpOperator(world);
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.json(),
          fc.string(),
          fc.json().map((value) => `{"command":"show","id":${value}}`),
        ),
        async (body) => {
          const { statusCode, body: answer } = await handle(body, { arn: ann });
          expect(statusCode).toBe(400);
          expect(JSON.parse(answer)).toMatchObject({ ok: false, error: { name: "MalformedRequestError" } });
        },
      ),
    );
  });
});

describe("findings", () => {
  const severityOf = (index: number): Severity => severities[index % severities.length] ?? "low";

  it("lists by account, worst first, and filters", async () => {
    const world = await operatorWorld(bob());
    const account = { id: "000000000001" };
    const all = [
      findingAbout("a", { account, severity: "low" }),
      findingAbout("b", {
        account,
        severity: "critical",
        repair: { state: "held", at: "", why: "w", stage: "repair" },
      }),
      findingAbout("c", { account, severity: "high", status: "resolved" }),
      findingAbout("d", { account, severity: "high", control: "stale-access-key" }),
      findingAbout("e", {
        account,
        severity: "high",
        exemption: { id: "x", by: "y", reason: "r", until: "2027-01-01" },
      }),
    ];
    for (const finding of all) await world.store.put(finding);
    const names = async (args: object) =>
      (await world.done("findings", { account: [account.id], ...args })).items.map(({ subject }) => subject.name);
    expect(await names({})).toEqual(["b", ...(await names({ severity: ["high"] })), "a"]);
    expect((await names({ severity: ["high"] })).sort()).toEqual(["d", "e"]);
    expect(await names({ status: ["held"] })).toEqual(["b"]);
    expect(await names({ status: ["exempt"] })).toEqual(["e"]);
    expect(await names({ status: ["resolved"] })).toEqual(["c"]);
    expect(await names({ status: ["open", "resolved"], control: ["console-user-without-mfa"] })).toEqual(["c", "a"]);
    const { items } = await world.done("findings");
    expect(items.map(({ account: { id } }) => id)).toEqual([...items.map(({ account: { id } }) => id)].sort());
  });

  it("gives each finding once, however it is cut into pages", async () => {
    const world = await operatorWorld(bob());
    const ids = [world.finding.id];
    for (let index = 0; index < 40; index++) {
      const account = { id: `00000000000${index % 3}` };
      const finding = findingAbout(`user-${index}`, { account, severity: severityOf(index) });
      await world.store.put(finding);
      ids.push(finding.id);
    }
    const property = fc.asyncProperty(fc.integer({ min: 1, max: 50 }), async (limit) => {
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await world.done("findings", { limit, ...(cursor !== undefined && { cursor }) });
        expect(page.items.length).toBeLessThanOrEqual(limit);
        seen.push(...page.items.map(({ id }) => id));
        cursor = page.cursor;
      } while (cursor !== undefined);
      expect(seen.toSorted()).toEqual(ids.toSorted());
    });
    await fc.assert(property, { numRuns: 15 });
  });

  it("answers with less than a function's URL may, whatever the findings hold", async () => {
    const world = await operatorWorld(bob());
    const owners = ["x".repeat(100_000)];
    for (let index = 0; index < 70; index++)
      await world.store.put(findingAbout(`user-${index}`, { reason: "🔑".repeat(400), owners }));
    let count = 0;
    let cursor: string | undefined;
    do {
      const page = await world.done("findings", { limit: 500, ...(cursor !== undefined && { cursor }) });
      expect(Buffer.byteLength(JSON.stringify(page))).toBeLessThan(5_000_000);
      count += page.items.length;
      cursor = page.cursor;
    } while (cursor !== undefined);
    expect(count).toBe(71);
  });

  it("names the account of which a finding cannot be read, and lists the others", async () => {
    const world = await operatorWorld(bob());
    await world.store.put(unreadable(aFinding({ account: { id: "000000000001" } })));
    const { items, unreadable: gaps } = await world.done("findings");
    expect(items.map(({ id }) => id)).toEqual([world.finding.id]);
    expect(gaps).toMatchObject([{ account: "000000000001", why: expect.stringContaining("severity") }]);
  });
});

describe("show", () => {
  it("finds a finding by how its id begins, in whichever account, in either case", async () => {
    const world = await operatorWorld(bob());
    for (const id of [world.finding.id, world.finding.id.slice(0, 8), world.finding.id.slice(0, 12).toUpperCase()])
      expect((await world.done("show", { id })).finding).toEqual(await world.stored());
  });

  it("refuses an id that says too little, or that is not there", async () => {
    const world = await operatorWorld(bob());
    const twin = `${world.finding.id.slice(0, 10)}${"0".repeat(22)}`;
    await world.store.put({ ...aFinding({ account: { id: "000000000001" } }), id: twin });
    const message = await world.refused("show", { id: twin.slice(0, 10) });
    expect(message).toContain(`${twin.slice(0, 10)} begins the ids of 2 findings; write more of it: `);
    expect(message).toContain(twin);
    expect(await world.refused("show", { id: "ffffffffff" })).toEqual(
      expect.stringMatching(
        /^NotFoundError: There is no finding whose id begins with ffffffffff; `warden findings` lists/,
      ),
    );
  });
});
