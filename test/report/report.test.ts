import { CreateLoginProfileCommand, CreateUserCommand } from "@aws-sdk/client-iam";
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { createHandler } from "../../functions/digest.ts";
import { StoreError } from "../../shared/errors.ts";
import type { Finding } from "../../shared/findings/finding.ts";
import { createMemoryStore } from "../../shared/findings/memory-store.ts";
import type { AccountSweep } from "../../shared/findings/store.ts";
import type { Notice } from "../../shared/notify/notice.ts";
import { snsMessage } from "../../shared/notify/sns.ts";
import { collectReport } from "../../shared/report/collect.ts";
import { createMemoryReportStore } from "../../shared/report/memory-store.ts";
import { reportPage } from "../../shared/report/page.ts";
import type { SweepReport } from "../../shared/report/report.ts";
import { type ReportStore, reportKeys } from "../../shared/report/store.ts";
import { type DigestRequest, parseDigestRequest } from "../../shared/sweep/requests.ts";
import {
  aFinding,
  findingAbout,
  hostileNames,
  hubAccount,
  invisible,
  unreadable,
  unreadableSweep,
} from "../support/findings.ts";
import { recordedTelemetry } from "../support/recorded-telemetry.ts";
import { smallOrganization } from "../support/small-organization.ts";

const at = "2026-11-03T06:00:00.000Z";
const now = new Date(at);
const legacy = { id: "444455556666", name: "legacy", ouPath: "Root/Legacy" };
const silent = { id: "777788889999" };
const plan = { runId: "sweep-1", listedAt: at, accounts: [hubAccount, legacy, silent] };
const swept = (changes: Partial<AccountSweep> = {}): AccountSweep => ({
  runId: plan.runId,
  accountId: hubAccount.id,
  status: "swept",
  startedAt: at,
  finishedAt: at,
  verdicts: { violation: 1, compliant: 5, unknown: 2, notApplicable: 0 },
  unknownCauses: [{ cause: "iam:ListMFADevices is denied", count: 2 }],
  gaps: [],
  ...changes,
});
const exemption = {
  id: "e1",
  by: "arn:aws:iam::111122223333:user/olga",
  reason: "known",
  until: "2026-12-01T00:00:00.000Z",
};

const filled = async (...findings: readonly Finding[]) => {
  const store = createMemoryStore();
  for (const finding of findings) await store.put(finding);
  return store;
};

describe("a report", () => {
  it("has what was seen of each account, those not swept first, and what is open, the worst first", async () => {
    const store = await filled(
      findingAbout("alice"),
      findingAbout("bob", { exemption }),
      findingAbout("carol", { exemption: { ...exemption, until: at } }),
      findingAbout("gone", { status: "resolved", resolvedAt: at }),
      aFinding({ account: legacy, control: "root-without-mfa", severity: "critical" }),
    );
    await store.putSweep(swept());
    await store.putSweep(swept({ accountId: legacy.id, status: "failed", error: "the role is missing" }));
    const report = await collectReport(store, plan, { now });
    expect(report).toMatchObject({ version: 1, runId: "sweep-1", listedAt: at, at, exempt: 1 });
    expect(report.open).toEqual({ critical: 1, high: 2, medium: 0, low: 0 });
    expect(
      report.coverage.map(({ account, status, error, open, exempt }) => [
        account.id,
        status,
        error,
        open?.high,
        exempt,
      ]),
    ).toEqual([
      [legacy.id, "failed", "the role is missing", 0, 0],
      [silent.id, "missing", "the sweep gave no result", 0, 0],
      [hubAccount.id, "swept", undefined, 2, 1],
    ]);
    expect(report.coverage[2]?.result?.unknownCauses).toEqual([{ cause: "iam:ListMFADevices is denied", count: 2 }]);
    expect(report.controls.map(({ id, open, exempt }) => [id, open.critical, open.high, exempt])).toEqual([
      ["root-without-mfa", 1, 0, 0],
      ["console-user-without-mfa", 0, 2, 1],
    ]);
    expect(report.findings.map(({ subject, status }) => [subject.name, status])).toEqual([
      ["alice", "open"],
      ["alice", "open"],
      ["bob", "exempt"],
      ["carol", "open"],
    ]);
    expect(report.findings[0]).toMatchObject({ severity: "critical", account: legacy.id });
  });

  it("never takes what cannot be read for nothing", async () => {
    const store = await filled(findingAbout("alice"), unreadable(aFinding({ account: legacy })));
    await store.putSweep(unreadableSweep(swept()));
    const { coverage, open } = await collectReport(store, plan, { now });
    const of = (id: string) => coverage.find(({ account }) => account.id === id);
    expect(of(hubAccount.id)).toMatchObject({ status: "failed", error: expect.stringContaining("cannot be read") });
    expect(of(legacy.id)?.open).toBeNull();
    expect(open.high).toBe(1);
    const page = reportPage(await collectReport(store, plan, { now }));
    expect(page).toContain("3 accounts NOT swept");
    expect(page).toContain(`The findings of 1 account cannot be read (${legacy.name} (${legacy.id}))`);
  });

  it("names at the top whom it could read only in part", async () => {
    const store = await filled();
    await store.putSweep(swept());
    const page = reportPage(await collectReport(store, plan, { now }));
    expect(page).toContain(`1 account could be read only in part: ${hubAccount.name} (${hubAccount.id}).`);
  });

  it("is not written where the table does not answer", async () => {
    const store = await filled();
    const listOpen = async () => {
      throw new StoreError("no answer");
    };
    await expect(collectReport({ ...store, listOpen }, plan, { now })).rejects.toThrow("no answer");
  });
});

/** The tags and attributes that a browser would find, and the text between. */
const tagsOf = (page: string): string[] => Array.from(page.matchAll(/<[^>]*>/g), ([tag]) => tag);

describe("the page of a report", () => {
  const reportOf = async (text: string): Promise<SweepReport> => {
    const account = { id: hubAccount.id, name: text, ouPath: text };
    const store = await filled(
      findingAbout("alice", {
        ...{ account, reason: text, control: text, owners: [text] },
        repair: { state: "held", at, why: text, stage: "repair" },
        actor: { arn: text, eventName: text, eventId: "e", at },
        subject: { kind: "user", name: text, arn: text },
      }),
    );
    await store.putSweep(
      swept({ status: "failed", error: text, unknownCauses: [{ cause: text, count: 1 }], gaps: [text] }),
    );
    return collectReport(store, { runId: text, listedAt: at, accounts: [account] }, { now });
  };

  it.each(Object.entries(hostileNames))("lets no text act: %s", async (_name, text) => {
    const plainly = tagsOf(reportPage(await reportOf("plain")));
    const page = reportPage(await reportOf(text));
    expect(tagsOf(page)).toEqual(plainly);
    expect(page.replaceAll("\n", "")).not.toMatch(invisible);
  });

  it("lets no text act, whatever it is", async () => {
    const plainly = tagsOf(reportPage(await reportOf("plain")));
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary", minLength: 1, maxLength: 40 }), async (text) => {
        expect(tagsOf(reportPage(await reportOf(text)))).toEqual(plainly);
      }),
      { numRuns: 50 },
    );
  });

  it("needs no network and no script, and says so to the browser", async () => {
    const page = reportPage(await reportOf("plain"));
    // Links lead to the page's own parts.
    expect(page).not.toMatch(/<(?:script|link|img|iframe|object|base|form)\b|\b(?:src|on\w+)=|url\(|@import/i);
    const targets = [...page.matchAll(/\bhref="([^"]*)"/g)].map(([, target = ""]) => target);
    expect(targets).toEqual(["#controls", "#accounts", "#findings"]);
    for (const target of targets) expect(page).toContain(`id="${target.slice(1)}"`);
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
  });

  it("has each number under its heading, and stacks the findings where the page is narrow", async () => {
    const page = reportPage(await reportOf("plain"));
    expect(page).toContain('<th>Control</th><th class="number">critical</th>');
    expect(page).toContain('<table class="stacked"><thead><tr><th>Severity</th>');
    expect(page).toMatch(/<td class="number zero">0<\/td>/);
  });

  it("shows the worst thousand of more findings, and says how many it does not", async () => {
    const report = await reportOf("plain");
    const [finding] = report.findings;
    if (finding === undefined) throw new Error("nothing was reported");
    const many = (length: number) => reportPage({ ...report, findings: Array.from({ length }, () => finding) });
    expect(many(1_000)).not.toContain("more: report.json");
    expect(many(2_500)).toContain("And 1,500 more: report.json");
    expect(many(2_500).length).toBeLessThan(many(1_000).length + 200);
  });

  it("says that nothing is open where nothing is", async () => {
    const store = await filled();
    await store.putSweep(
      swept({ unknownCauses: [], verdicts: { violation: 0, compliant: 1, unknown: 0, notApplicable: 3 } }),
    );
    const page = reportPage(await collectReport(store, { ...plan, accounts: [hubAccount] }, { now }));
    expect(page).toContain("<h1>iam-warden: nothing open</h1>");
    expect(page).not.toContain('alert"');
  });
});

describe("the digest's function", () => {
  const digesting = async (reports: ReportStore) => {
    const told: Notice[] = [];
    const telemetry = recordedTelemetry();
    const store = await filled(findingAbout("alice"));
    await store.putSweep(swept());
    const handler = createHandler({
      ...{ store, reports, telemetry, clock: () => now },
      notifier: { publish: async (notice) => void told.push(notice) },
      reportOf: (runId) => `s3://reports/${reportKeys(runId).html}`,
    });
    const handle = (request: DigestRequest) => handler(request, { getRemainingTimeInMillis: () => 900_000 });
    return { told, telemetry, handle };
  };

  it("tells first, and says where the report will be; writes it when asked, and tells nobody then", async () => {
    const reports = createMemoryReportStore();
    const { told, handle } = await digesting(reports);
    await handle(plan);
    expect(told).toHaveLength(1);
    expect(reports.kept.size).toBe(0);
    const [digest] = told;
    if (digest === undefined) throw new Error("nothing was told");
    const { email } = JSON.parse(snsMessage(digest).Message);
    expect(email).toContain("\n  aws s3 cp s3://reports/reports/sweep-1/report.html .\n");

    await handle({ ...plan, step: "report" });
    expect(told).toHaveLength(1);
    expect([...reports.kept.keys()]).toEqual(["reports/sweep-1/report.json", "reports/sweep-1/report.html"]);
    const json: SweepReport = JSON.parse(reports.kept.get("reports/sweep-1/report.json") ?? "");
    expect(json.findings.map(({ subject }) => subject.name)).toEqual(["alice"]);
    expect(reports.kept.get("reports/sweep-1/report.html")).toContain("iam-warden: 1 high");
  });

  it("fails where the report cannot be kept, counts that, and tells nothing again when it is tried again", async () => {
    const memory = createMemoryReportStore();
    let isDown = true;
    const put: ReportStore["put"] = async (...report) => {
      if (isDown) throw new StoreError("down");
      await memory.put(...report);
    };
    const { told, telemetry, handle } = await digesting({ put });
    await handle(plan);
    await expect(handle({ ...plan, step: "report" })).rejects.toThrow("down");
    expect(telemetry.counted("ReportsFailed")).toBe(1);
    expect(telemetry.lines).toContainEqual(
      expect.objectContaining({ level: "error", message: expect.stringContaining("not written") }),
    );
    isDown = false;
    await handle({ ...plan, step: "report" });
    expect(memory.kept.size).toBe(2);
    expect(told).toHaveLength(1);
  });

  test.each(["digest", "reports", 1, null])("is asked for nothing else: step %j", (step) => {
    const { runId, listedAt } = plan;
    const request = { runId, listedAt, accountsKey: "plans/sweep-1.json" };
    expect(parseDigestRequest(request)).toEqual(request);
    expect(() => parseDigestRequest({ ...request, step })).toThrow(/A digest request/);
  });
});

test("a sweep of an organization leaves a report of what the digest told, with every account in it", async () => {
  const organization = smallOrganization();
  await organization.iam(organization.data).send(new CreateUserCommand({ UserName: "dora" }));
  await organization
    .iam(organization.data)
    .send(new CreateLoginProfileCommand({ UserName: "dora", Password: "correct horse 1" }));
  const { runId } = await organization.wiring.sweep();
  const [bucket] = organization.sandbox.state.buckets.values();
  const kept = (key: string) => bucket?.objects.get(key)?.body ?? "";
  const json: SweepReport = JSON.parse(kept(reportKeys(runId).json));
  expect(json.coverage.map(({ status }) => status)).toEqual(
    Array(organization.sandbox.state.accounts.size).fill("swept"),
  );
  const open = await organization.store.listOpen(organization.data.id);
  expect(open.length).toBeGreaterThan(0);
  expect(json.findings.map(({ id }) => id).toSorted()).toEqual(open.map(({ id }) => id).toSorted());
  expect(kept(reportKeys(runId).html)).toContain("dora");
  expect(organization.mails()).toHaveLength(1);
});
