import { type Severity, severities } from "../control.ts";
import { type SeverityCounts, total } from "../notify/notice.ts";
import { accountName, between, bySeverity, counted, subjectName, time } from "../notify/words.ts";
import type { AccountRef } from "../subject.ts";
import { listWords } from "../text/list-words.ts";
import { Html, html, type Part } from "./html.ts";
import type { AccountCoverage, ReportedFinding, SweepReport } from "./report.ts";

/** Findings on the page, which a phone must be able to show; the JSON has them all. */
const shownFindings = 1_000;

/**
 * A report as one page that needs nothing else: no network, no script. The worst comes first, and what was not seen before
 * everything.
 */
export const reportPage = (report: SweepReport): string => {
  const { runId, listedAt, at, open, exempt, coverage, controls, findings } = report;
  const names = new Map(coverage.map(({ account }) => [account.id, account]));
  const unseen = coverage.filter(({ status }) => status !== "swept");
  const unread = coverage.filter((account) => account.open === null);
  const partial = coverage.filter(({ result }) => result && (result.gaps.length > 0 || result.verdicts.unknown > 0));
  const title = `iam-warden: ${total(open) === 0 ? "nothing open" : bySeverity(open)}`;
  const page = html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
${style}
</head>
<body>
<h1>${title}</h1>
<p>Sweep ${runId}: accounts listed ${time(listedAt)}, findings read ${time(at)}. ${coverage.length - unseen.length} of
${counted(coverage.length, "account")} swept${exempt > 0 ? `; ${exempt.toLocaleString("en-US")} excused besides` : ""}.</p>
${unseen.length === 0 ? "" : alert(`${counted(unseen.length, "account")} NOT swept (${namesOf(unseen)}): what is open there is as of an earlier sweep.`)}
${unread.length === 0 ? "" : alert(`The findings of ${counted(unread.length, "account")} cannot be read (${namesOf(unread)}): the numbers lack them.`)}
${partial.length === 0 ? "" : alert(`${counted(partial.length, "account")} could be read only in part: ${namesOf(partial)}.`)}
<p><a href="#controls">By control</a> · <a href="#accounts">By account</a> · <a href="#findings">Open findings, worst first</a></p>
${section("controls", "By control", table(["Control"], [...severities, "excused"], controls.map(controlRow)))}
${section("accounts", "By account", table(["Account", "Sweep"], [...severities, "excused", "unknown"], coverage.map(accountRow)))}
${section("findings", "Open findings, worst first", [
  table(
    ["Severity", "What", "Where", "Open for", "Finding"],
    [],
    findings.slice(0, shownFindings).map(findingRow(names, at)),
  ),
  findings.length <= shownFindings
    ? ""
    : html`<p>And ${findings.length - shownFindings} more: report.json beside this page has them all.</p>`,
])}
</body>
</html>
`;
  return page.text;
};

const style = new Html(`<style>
body { font: 16px/1.45 system-ui, sans-serif; margin: 1rem auto; max-width: 75rem; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid #8886; padding: .35rem .5rem; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
th { overflow-wrap: normal; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
.zero { opacity: .4; }
.alert { border-left: .4rem solid #c00; padding: .3rem .7rem; font-weight: 600; }
.critical, .high { font-weight: 700; }
small { display: block; opacity: .75; }
@media (max-width: 45rem) {
  h1 { font-size: 1.5rem; }
  table { display: block; overflow-x: auto; }
  th, td { padding: .3rem; }
  .counts td { overflow-wrap: break-word; }
  th { font-size: .75rem; }
  th.number { writing-mode: vertical-rl; transform: rotate(180deg); text-align: left; }
  .stacked thead { display: none; }
  .stacked tbody, .stacked tr, .stacked td { display: block; }
  .stacked tr { border-bottom: 1px solid #8886; padding: .5rem 0; }
  .stacked td { border: 0; padding: .1rem 0; }
}
</style>`);

const alert = (text: string): Html => html`<p class="alert">${text}</p>`;

/** The first of some accounts, by name. */
const namesOf = (accounts: readonly AccountCoverage[]): string =>
  listWords(
    accounts.map(({ account }) => accountText(account)),
    5,
  );

const section = (id: string, title: string, body: Part): Html => html`<h2 id="${id}">${title}</h2>${body}`;

/** Columns of text, then columns of numbers. Without numbers the rows are stacked where the page is narrow. */
const table = (heads: readonly string[], numberHeads: readonly string[], rows: readonly Html[]): Html =>
  rows.length === 0
    ? html`<p>None.</p>`
    : html`<table class="${numberHeads.length === 0 ? "stacked" : "counts"}"><thead><tr>${heads.map((head) => html`<th>${head}</th>`)}${numberHeads.map((head) => html`<th class="number">${head}</th>`)}</tr></thead><tbody>
${rows}</tbody></table>`;

const number = (count: number | "?"): Html => html`<td class="number${count === 0 ? " zero" : ""}">${count}</td>`;

const numbers = (counts: SeverityCounts): readonly Html[] => severities.map((severity) => number(counts[severity]));

const small = (text: string | undefined): Part => (text === undefined ? "" : html`<small>${text}</small>`);

const controlRow = ({ id, title, open, exempt }: SweepReport["controls"][number]): Html =>
  html`<tr><td>${title}${small(id)}</td>${numbers(open)}${number(exempt)}</tr>
`;

const accountRow = ({ account, status, error, result, open, exempt }: AccountCoverage): Html => {
  const causes = result?.unknownCauses.map(({ cause, count }) => `${count} unknown: ${cause}`) ?? [];
  const said = [...(error === undefined ? [] : [error]), ...(result?.gaps ?? []), ...causes];
  const counts = open === null ? severities.map(() => number("?")) : numbers(open);
  return html`<tr><td>${accountText(account)}${small(account.ouPath)}</td>
<td>${status === "swept" ? "swept" : html`<strong>NOT swept</strong>`}${said.map(small)}</td>${counts}
${number(open === null ? "?" : exempt)}${number(result?.verdicts.unknown ?? "?")}</tr>
`;
};

const findingRow =
  (accounts: ReadonlyMap<string, AccountRef>, now: string) =>
  ({
    id,
    severity,
    control,
    account,
    subject,
    status,
    reason,
    openedAt,
    owners,
    repair,
    actor,
  }: ReportedFinding): Html =>
    html`<tr><td class="${severity satisfies Severity}">${severity}${small(status === "open" ? undefined : status)}</td>
<td>${reason}${small(control)}${small(repair && `repair ${repair.state}: ${repair.why}`)}</td>
<td>${textOf(subjectName(subject))}${small(subject.arn)}${accountText(accounts.get(account) ?? { id: account })}
${small(owners && `owned by ${owners.join(", ")}`)}</td>
<td>${between(openedAt, now)}${small(time(openedAt))}${small(actor && `${actor.eventName} by ${actor.arn ?? "somebody"}`)}</td>
<td><code>${id}</code></td></tr>
`;

const accountText = (account: AccountRef): string => textOf(accountName(account));

/** The page escapes all of it alike. */
const textOf = (spans: ReturnType<typeof accountName>): string =>
  spans.map((span) => (typeof span === "string" ? span : "name" in span ? span.name : span.prose)).join("");
