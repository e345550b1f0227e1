import type { SubjectKind } from "../shared/subject.ts";

interface Kind {
  /** What `evaluate` calls its facts. */
  readonly facts: string;
  /** A name of the subject for a reason, as an expression over those facts. */
  readonly name: string;
  readonly builder: string;
  readonly hints: readonly string[];
  /** Roles take exclusions into account from the first line on. */
  readonly scoped?: true;
}

/** What differs between the kinds of subject that a state control can judge. */
export const kinds: Readonly<Record<SubjectKind, Kind>> = {
  user: { facts: "user", name: "user.name", builder: "userFacts", hints: ["iam:CreateUser", "iam:DeleteUser"] },
  accessKey: {
    facts: "key",
    name: "key.userName",
    builder: "accessKeyFacts",
    hints: ["iam:CreateAccessKey", "iam:DeleteAccessKey", "iam:UpdateAccessKey"],
  },
  role: {
    facts: "role",
    name: "role.name",
    builder: "roleFacts",
    hints: ["iam:AcquireRole", "iam:CreateRole", "iam:DeleteRole"],
    scoped: true,
  },
  root: { facts: "root", name: "root.account.id", builder: "rootFacts", hints: ["iam:DeactivateMFADevice"] },
  account: {
    facts: "account",
    name: "account.account.id",
    builder: "accountFacts",
    hints: ["iam:CreateRole", "iam:CreateUser"],
  },
  group: {
    facts: "group",
    name: "group.name",
    builder: "groupFacts",
    hints: ["iam:CreateGroup", "iam:PutGroupPolicy"],
  },
  policy: {
    facts: "policy",
    name: "policy.name",
    builder: "customerPolicyFacts",
    hints: ["iam:CreatePolicy", "iam:CreatePolicyVersion"],
  },
  oidcProvider: {
    facts: "provider",
    name: "provider.name",
    builder: "oidcProviderFacts",
    hints: ["iam:CreateOpenIDConnectProvider"],
  },
  samlProvider: {
    facts: "provider",
    name: "provider.name",
    builder: "samlProviderFacts",
    hints: ["iam:CreateSAMLProvider"],
  },
  serverCertificate: {
    facts: "certificate",
    name: "certificate.name",
    builder: "serverCertificateFacts",
    hints: ["iam:UploadServerCertificate"],
  },
  resource: { facts: "resource", name: "resource.arn", builder: "resourceFacts", hints: [] },
};

/** `some-bad-state` as a variable: `someBadState`. */
export const camelCase = (id: string): string => id.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());

const sentence = (id: string): string => {
  const words = id.replaceAll("-", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
};

/** The file of a new control. It answers `unknown` until somebody writes `evaluate`: never a pass, never a finding. */
export const controlFile = (id: string, subject: SubjectKind): string => {
  const { facts, name, hints, scoped } = kinds[subject];
  const names = ["defineControl", "noOptions", ...(scoped ? ["notApplicable"] : []), "unknown"];
  return `import { ${names.join(", ")} } from "../control.ts";
${scoped ? 'import { outOfScope } from "./terms/roles/role-scope.ts";\n' : ""}
/** TODO: one sentence that says what the id cannot. */
export const ${camelCase(id)} = defineControl({
  id: "${id}",
  title: "${sentence(id)}",
  severity: "medium",
  frameworks: {},
  subjects: ["${subject}"],
  hints: ${JSON.stringify(hints)},
  options: noOptions,
  guidance: {
    what: "TODO: the bad state in a sentence.",
    why: "TODO: what an attacker or an accident makes of it.",
    counts: ["TODO: what counts and what does not, a sentence each."],
    fix: {
      cli: "# TODO: the commands that repair it",
      cloudFormation: "# TODO: the template that repairs it",
      terraform: "# TODO: the configuration that repairs it",
    },
  },
  evaluate: (${facts}${scoped ? ", { excludedRoles }" : ""}) => {
${
  scoped
    ? `    const excluded = outOfScope(${facts}, excludedRoles);
    if (excluded !== undefined) return notApplicable(excluded);
`
    : ""
}    return unknown(\`\${${name}} is not judged: evaluate in shared/controls/${id}.ts is still to be written (TODO)\`);
  },
});
`;
};

/** The table test of a new control. Its rows fail until `evaluate` is written. */
export const testFile = (id: string, subject: SubjectKind): string => {
  const { builder } = kinds[subject];
  return `import { ${camelCase(id)} } from "../../shared/controls/${id}.ts";
import { describeControl } from "../support/describe-control.ts";
import { ${builder} } from "../support/facts.ts";

// TODO: facts that violate, facts that comply, and every edge between them as a row of its own. Where a fact can be
// unknown, a row under "unknown"; where the control has nothing to judge, one under "notApplicable".
describeControl(${camelCase(id)}, {
  violates: {
    "TODO: the bad state": { facts: ${builder}(), reason: "TODO: the whole reason.", evidence: {} },
  },
  complies: {
    "TODO: the good state": { facts: ${builder}() },
  },
});
`;
};

/**
 * The catalogue with one more control, in order.
 * @throws Error if the catalogue does not look as this expects it to
 */
export const registered = (catalogue: string, id: string): string => {
  const importLine = /^import \{ \w+ \} from "\.\/([a-z-]+)\.ts";\n/gm;
  const ids = [...catalogue.matchAll(importLine)].map(([, found]) => found ?? "");
  const all = [...ids, id].sort();
  const [first] = catalogue.matchAll(importLine);
  const entries = /(export const controls: readonly AnyControl\[\] = \[\n)[^\]]*(\];)/;
  if (!first || !entries.test(catalogue)) throw new Error("shared/controls/catalogue.ts has changed its shape");
  const imports = all.map((one) => `import { ${camelCase(one)} } from "./${one}.ts";\n`).join("");
  const without = catalogue.replace(importLine, "");
  return `${without.slice(0, first.index)}${imports}${without.slice(first.index)}`.replace(
    entries,
    (_, head: string, tail: string) => `${head}${all.map((one) => `  ${camelCase(one)},\n`).join("")}${tail}`,
  );
};
