import * as z from "zod";
import type { AnyControl, AnyStateControl } from "../../shared/control.ts";
import { builtInExclusions } from "../../shared/controls/terms/roles/role-scope.ts";
import { writes } from "../../shared/remediation/writes.ts";
import { schemaAt } from "../../shared/settings/explain.ts";
import type { SubjectKind } from "../../shared/subject.ts";
import { placeholders, placeholdersIn } from "./placeholders.ts";

const subjectNames: Readonly<Record<SubjectKind, string>> = {
  user: "IAM users",
  accessKey: "access keys of IAM users",
  role: "IAM roles",
  root: "the root user",
  account: "accounts",
  group: "IAM groups",
  policy: "customer managed policies",
  oidcProvider: "OIDC identity providers",
  samlProvider: "SAML identity providers",
  serverCertificate: "server certificates in IAM",
  resource: "resources of any service, as IAM Access Analyzer finds them",
};

const judged = ({ subjects }: AnyControl): string => subjects.map((kind) => subjectNames[kind]).join(" and ");

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ");

export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...rows].map((row) => `| ${row.map(cell).join(" | ")} |`).join("\n");

const code = (language: string, text: string): string => `\`\`\`${language}\n${text}\n\`\`\``;

const list = (items: readonly string[]): string => items.map((item) => `- ${item}`).join("\n");

/** The unit that a number's name ends in: `maxAgeDays` is in days. */
export const unitOf = (name: string): string | undefined => /(?:Days|Hours|Minutes|Seconds|Percent)$/.exec(name)?.[0];

const options = (control: AnyControl): string => {
  const schema = z.toJSONSchema(control.options, { io: "input", target: "draft-7" });
  const rows = Object.keys(schema.properties ?? {}).map((name) => {
    const property = schemaAt(schema, [name]);
    if (property?.type === undefined) throw new Error(`${control.id}: option ${name} has no type in its schema`);
    const range = property.type === "integer" ? `${property.minimum}–${property.maximum}` : `${property.type}`;
    const unit = unitOf(name)?.toLowerCase();
    return [
      `\`${name}\``,
      `\`${JSON.stringify(property.default)}\``,
      unit ? `${range} ${unit}` : range,
      property.description ?? "",
    ];
  });
  return rows.length === 0 ? "This control has no options." : table(["option", "default", "values", "meaning"], rows);
};

/** The controls that judge no role which a built-in rule or the settings exclude: whatever asks `outOfScope`. */
export const leavingRolesOut: readonly string[] = [
  "role-with-unapproved-boundary",
  "role-without-boundary",
  "unused-role",
];
const leavesRolesOut = ({ id }: AnyControl): boolean => leavingRolesOut.includes(id);

const scope = (control: AnyControl): string =>
  leavesRolesOut(control)
    ? `\n\nThese roles are out of scope (a control of roles reports them as not applicable, naming the rule):\n\n${table(
        ["built-in rule", "because"],
        builtInExclusions.map(({ rule, because }) => [`\`${rule}\``, because]),
      )}`
    : "";

const events = (control: AnyControl): string => {
  if (control.type === "state" && control.analyzerFindings)
    return "The daily sweep judges every subject. Between sweeps each finding of access from outside that Access Analyzer tells of (`Access Analyzer Finding`) makes iam-warden read the subject again and judge it anew.";
  if (control.type === "state" && control.hints.length === 0)
    return "The daily sweep judges every subject. No event makes iam-warden judge one in between.";
  if (control.type === "state") {
    return `The daily sweep judges every subject. Between sweeps these events make iam-warden read the subject again and judge it anew:\n\n${list(
      control.hints.map((hint) => `\`${hint}\``),
    )}`;
  }
  const reads = control.needsReadEvents
    ? " Reads count, so the EventBridge rule has the state `ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS`."
    : "";
  return `It judges the CloudTrail records that these EventBridge patterns deliver; the record itself is the fact.${reads}\n\n${code(
    "json",
    JSON.stringify(control.patterns, null, 2),
  )}`;
};

const frameworks = ({ frameworks: { cis = {}, securityHub, nist = [] } }: AnyControl): string => {
  const items = [
    ...Object.entries(cis).map(([version, item]) => `CIS AWS Foundations Benchmark ${version}: ${item}`),
    ...(securityHub === undefined ? [] : [`AWS Security Hub CSPM: ${securityHub}`]),
    ...(nist.length === 0 ? [] : [`NIST SP 800-53 revision 5: ${nist.join(", ")}`]),
  ];
  return items.length === 0 ? "None of the frameworks that iam-warden maps asks for this." : list(items);
};

const fix = ({ guidance: { fix: snippets } }: AnyControl): string => {
  const used = placeholdersIn(Object.values(snippets).join("\n"));
  const meanings = used.map((name) => `\`${name}\` is ${placeholders[name] ?? "(unexplained)"}`);
  return [
    ...(meanings.length === 0 ? [] : [`In what follows ${meanings.join("; ")}.`]),
    `### AWS CLI\n\n${code("bash", snippets.cli)}`,
    `### CloudFormation\n\n${code("yaml", snippets.cloudFormation)}`,
    `### Terraform\n\n${code("terraform", snippets.terraform)}`,
  ].join("\n\n");
};

const repair = (control: AnyControl): string => {
  if (control.type === "activity") return "What was done cannot be undone from here: iam-warden tells, and people act.";
  if (!control.repair) return "iam-warden has no repair for this: it tells, and people act.";
  const { contains, notes, writes: names } = control.repair;
  const rows = names.map((name) => {
    const { permission, task, does } = writes[name];
    return [`\`${name}\``, does, task === undefined ? `\`${permission}\`` : `\`${permission}\`, task \`${task}\``];
  });
  const irreversible = names.every((name) => writes[name].task !== undefined);
  return [
    `Nothing is repaired unless \`warden.config.yaml\` switches it on: everywhere, in an OU or in an account. Here in one OU, seven days after the first notice of a finding:\n\n${code("yaml", switchedOn(control))}`,
    ...(contains === undefined ? [] : [`The repair does not end the violation, it contains it. ${contains}`]),
    list(notes),
    `These are all the writes that the repair and its undo may make:\n\n${table(["write", "what it does", "needs"], rows)}`,
    irreversible
      ? "What stood there before is recorded, but cannot be brought back."
      : "What stood there before is recorded first, and undo brings exactly that back. If somebody has changed it since, undo refuses and says what changed, unless it is forced.",
  ].join("\n\n");
};

const hasOption = (control: AnyControl, name: string): boolean =>
  Object.hasOwn(z.toJSONSchema(control.options, { io: "input" }).properties ?? {}, name);

/** Settings that switch a control's repair on in one OU, with all that it needs. */
const switchedOn = (control: AnyStateControl): string => {
  const { writes: names = [], finalPlan } = control.repair ?? {};
  const finish = finalPlan === undefined ? [] : ["- { after: 30d, do: finish } # if a person approved it"];
  const ladder = ["- { after: 0d, do: notify }", "- { after: 7d, do: remediate }", ...finish];
  const needs = [
    ...(names.includes("PutRolePermissionsBoundary")
      ? ["permissionsBoundary: TeamBoundary # a policy in each account"]
      : []),
    ...(names.some((name) => writes[name].task !== undefined)
      ? ["centralRootAccess: true # the organization has it"]
      : []),
  ];
  return [
    "version: 1",
    "controls:",
    `  ${control.id}:`,
    // Without one, the control judges nothing.
    ...(hasOption(control, "approvedBoundaries") ? ["    options: { approvedBoundaries: [TeamBoundary] }"] : []),
    "    scopes:",
    "      - ou: Root/Workloads/Dev",
    "        mode: remediate",
    "        ladder:",
    ...ladder.map((step) => `          ${step}`),
    ...(needs.length > 0 ? ["repairs:", ...needs.map((need) => `  ${need}`)] : []),
  ].join("\n");
};

const exclude = (control: AnyControl): string => {
  const mode = (word: string) => code("yaml", `version: 1\ncontrols:\n  ${control.id}:\n    mode: ${word}`);
  if (control.isOffByDefault)
    return `The control is off until the settings switch it on, here for the whole organization, in \`warden.config.yaml\`:\n\n${mode("notify")}`;
  const off = `To turn the control off for the whole organization, in \`warden.config.yaml\`:\n\n${mode("off")}`;
  if (!leavesRolesOut(control)) return off;
  const others = leavingRolesOut.filter((id) => id !== control.id).join(" and ");
  return `To take roles out of the scope of this control, and of ${others}, in \`warden.config.yaml\`:

${code(
  "yaml",
  `version: 1
excludedRoles:
  names: [legacy-*] # whole names, case and all; * stands for any characters
  paths: [/vendor/*]
  tags: { boundary: exempt } # counts only while trustTags is true
trustTags: false # whoever may tag a role can excuse it: leave this false unless tags are guarded`,
)}

${off}`;
};

/** The Markdown page of one control, derived from its declaration. */
export const controlPage = (
  control: AnyControl,
): string => `<!-- Generated by "npm run docs" from shared/controls/${control.id}.ts: change it there. -->

# ${control.title}

\`${control.id}\` · severity **${control.severity}**${control.isOffByDefault ? " · off by default" : ""} · judges ${judged(control)}

${control.guidance.what}

## Why it matters

${control.guidance.why}

## What counts

${list(control.guidance.counts)}${scope(control)}

## Options

${options(control)}

## Events

${events(control)}

## Frameworks

${frameworks(control)}

## How to fix it

${fix(control)}

## Repair and undo

${repair(control)}

## How to exclude

${exclude(control)}
`;

/** The index of all controls. */
export const indexPage = (
  controls: readonly AnyControl[],
): string => `<!-- Generated by "npm run docs" from shared/controls/: change it there. -->

# Controls

${table(
  ["control", "severity", "judges", "CIS 5.0", "CIS 7.0", "Security Hub"],
  controls.map((control) => [
    `[${control.id}](${control.id}.md)<br>${control.title}`,
    control.severity,
    judged(control),
    control.frameworks.cis?.["5.0"] ?? "",
    control.frameworks.cis?.["7.0"] ?? "",
    control.frameworks.securityHub ?? "",
  ]),
)}

CIS is the CIS AWS Foundations Benchmark. \`npm run new-control -- some-bad-state --subject user\` begins a new one.
`;
