import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RoleExclusions } from "../../shared/control.ts";
import { stateControlsOf } from "../../shared/controls/catalogue.ts";
import {
  type AccessKeyFacts,
  type AccountFacts,
  type CustomerPolicyFacts,
  type ExternalAccess,
  type Fact,
  type FactsByKind,
  type GroupFacts,
  known,
  type OidcProviderFacts,
  type PasswordPolicyFacts,
  type PolicyFacts,
  type PrincipalPolicies,
  type ResourceFacts,
  type RoleFacts,
  type RootFacts,
  type SamlProviderFacts,
  type ServerCertificateFacts,
  type ServiceCredentialFacts,
  type UserFacts,
  unknownFact,
} from "../../shared/facts/facts.ts";
import { contextFor } from "../../shared/settings/context.ts";
import { defaultSettings } from "../../shared/settings/settings.ts";
import {
  accessKeyFacts,
  account,
  accountFacts,
  customerPolicyFacts,
  groupFacts,
  oidcProviderFacts,
  passwordPolicy,
  policyFacts,
  resourceFacts,
  roleFacts,
  rootFacts,
  samlProviderFacts,
  serverCertificateFacts,
  userFacts,
} from "../support/facts.ts";

const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.constantFrom("<script>", "a\nb", "\u202Ecba", "%s", "__proto__", "", "*"),
);
/** Dates of any kind, those included that are none. */
const date = fc.date({ noInvalidDate: false });
const fact = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<Fact<T>> =>
  fc.oneof({ weight: 4, arbitrary: value.map(known) }, { weight: 1, arbitrary: text.map(unknownFact) });
const tags = fc.dictionary(text, text, { maxKeys: 4 });
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });

const accessKey: fc.Arbitrary<AccessKeyFacts> = fc
  .record({
    userName: text,
    userTags: tags,
    id: fact(text),
    active: fc.boolean(),
    createdAt: date,
    lastUsedAt: fact(maybe(date)),
  })
  .map(accessKeyFacts);

const everything = policyFacts("AdministratorAccess", [{ Effect: "Allow", Action: "*", Resource: "*" }]);
const policy: fc.Arbitrary<PolicyFacts> = fc.record({
  name: text,
  arn: maybe(fc.constant(`arn:aws:iam::${account.id}:policy/x/Team`)),
  document: fact(fc.oneof(fc.jsonValue(), fc.constant(everything.document.known && everything.document.value))),
  size: fc.nat(20_000),
});
const some = fc.array(policy, { maxLength: 2 });
const policies: fc.Arbitrary<Fact<PrincipalPolicies>> = fact(
  fc.record({
    inline: some,
    attached: some,
    groups: fc.array(fc.record({ name: text, inline: some, attached: some }), { maxLength: 1 }),
    boundary: maybe(policy),
  }),
);

const aServiceCredential: fc.Arbitrary<ServiceCredentialFacts> = fc.record({
  id: text,
  service: text,
  active: fc.boolean(),
  createdAt: date,
  expiresAt: fc.option(date),
});

const user: fc.Arbitrary<UserFacts> = fc
  .record({
    name: text,
    policies,
    console: fact(
      fc.record({
        enabled: fc.boolean(),
        createdAt: fact(date),
        passwordChangedAt: fact(date),
        lastUsedAt: fact(maybe(date)),
      }),
    ),
    mfaActive: fact(fc.boolean()),
    accessKeys: fact(fc.array(accessKey, { maxLength: 2 })),
    serviceCredentials: fact(fc.array(aServiceCredential, { maxLength: 3 })),
  })
  .map(userFacts);

const role: fc.Arbitrary<RoleFacts> = fc
  .record({
    name: text,
    path: text,
    tags,
    permissionsBoundaryArn: maybe(fc.oneof(text, fc.constant(`arn:aws:iam::${account.id}:policy/x/Team`))),
    policies,
    trustPolicy: fact(fc.jsonValue()),
    lastUsedAt: maybe(date),
  })
  .map(roleFacts);

const root: fc.Arbitrary<RootFacts> = fc
  .record({
    passwordEnabled: fact(fc.boolean()),
    mfaActive: fact(fc.boolean()),
    virtualMfaAssigned: fact(fc.boolean()),
    accessKeysPresent: fact(fc.boolean()),
    accessKeys: fact(
      fc.array(fc.record({ active: fc.boolean(), createdAt: fact(date), lastUsedAt: fact(maybe(date)) }), {
        maxLength: 2,
      }),
    ),
    passwordLastUsedAt: fact(maybe(date)),
  })
  .map(rootFacts);

const aPasswordPolicy: fc.Arbitrary<PasswordPolicyFacts> = fc
  .record({ minimumLength: fc.nat(128), remembered: fc.option(fc.nat(24)), maxAgeDays: fc.option(fc.nat(1095)) })
  .map(passwordPolicy);

const anyAccount: fc.Arbitrary<AccountFacts> = fc
  .record({
    users: fact(fc.nat()),
    usersQuota: fact(fc.nat()),
    roles: fact(fc.nat()),
    rolesQuota: fact(fc.nat()),
    passwordPolicy: fact(fc.option(aPasswordPolicy)),
    hasConsoleUsers: fact(fc.boolean()),
  })
  .map(accountFacts);

const group: fc.Arbitrary<GroupFacts> = fc
  .record({ name: text, policies: fact(fc.record({ inline: some, attached: some })) })
  .map(groupFacts);

const customerPolicy: fc.Arbitrary<CustomerPolicyFacts> = fc
  .record({ name: text, document: fact(fc.jsonValue()), size: fc.nat(20_000), attachments: fc.nat(9) })
  .map(customerPolicyFacts);

const oidcProvider: fc.Arbitrary<OidcProviderFacts> = fc
  .record({ name: text, createdAt: fact(date), clientIds: fact(fc.array(text, { maxLength: 2 })), tags })
  .map(oidcProviderFacts);

const samlProvider: fc.Arbitrary<SamlProviderFacts> = fc
  .record({ name: text, createdAt: fact(date) })
  .map(samlProviderFacts);

const serverCertificate: fc.Arbitrary<ServerCertificateFacts> = fc
  .record({ name: text, expiresAt: fact(date) })
  .map(serverCertificateFacts);

const access: fc.Arbitrary<ExternalAccess> = fc.record({
  principal: fc.dictionary(fc.constantFrom("AWS", "Federated", "CanonicalUser"), text),
  actions: fc.array(text, { maxLength: 3 }),
  condition: fc.dictionary(fc.constantFrom("aws:PrincipalOrgID", "aws:SourceVpc"), text),
  isPublic: fc.boolean(),
  zone: fc.constantFrom("account", "organization"),
  region: text,
  analyzerArn: text,
});

const resource: fc.Arbitrary<ResourceFacts> = fc
  .record({
    type: fc.option(text),
    access: fc.array(access, { maxLength: 4 }),
    unread: fc.array(fc.record({ region: text, why: text }), { maxLength: 2 }),
  })
  .map(resourceFacts);

const exclusions: fc.Arbitrary<RoleExclusions> = fc.record({
  names: fc.array(text, { maxLength: 3 }),
  paths: fc.array(text, { maxLength: 3 }),
  tags,
  trustTags: fc.boolean(),
});

const arbitraries: { readonly [K in keyof FactsByKind]: fc.Arbitrary<FactsByKind[K]> } = {
  user,
  accessKey,
  role,
  root,
  account: anyAccount,
  group,
  policy: customerPolicy,
  oidcProvider,
  samlProvider,
  serverCertificate,
  resource,
};

const shuffled = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(shuffled);
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? 1 : -1))
      .map(([key, item]) => [key, shuffled(item)]),
  );
};

const check = <K extends keyof FactsByKind>(kind: K) => {
  for (const control of stateControlsOf(kind)) {
    it(`${control.id} always answers, in plain JSON, and the same to the same facts`, () => {
      fc.assert(
        fc.property(arbitraries[kind], exclusions, date, (facts, excludedRoles, now) => {
          const settings = {
            ...defaultSettings(),
            controls: {
              ...defaultSettings().controls,
              "privileged-role-without-mfa": { mode: "notify", options: {}, ladder: [] },
              "role-with-unapproved-boundary": {
                mode: "notify",
                options: { approvedBoundaries: ["Team"] },
                ladder: [],
              },
            },
            excludedRoles,
          } as const;
          const context = contextFor(settings, control, { id: "111122223333" }, now);
          if (!context) throw new Error("the control is off");
          const verdict = control.evaluate(facts, context);
          expect(["compliant", "violation", "unknown", "notApplicable"]).toContain(verdict.outcome);
          if (verdict.outcome !== "compliant") expect(verdict.reason.length).toBeGreaterThan(10);
          const json = JSON.stringify(verdict);
          expect(JSON.parse(json)).toEqual(verdict);
          expect(JSON.stringify(control.evaluate(facts, context))).toBe(json);
          const other = shuffled(facts) as FactsByKind[K];
          expect(JSON.stringify(control.evaluate(other, context))).toBe(json);
        }),
      );
    });
  }
};

describe("whatever the facts", () => {
  check("user");
  check("accessKey");
  check("role");
  check("root");
  check("account");
  check("group");
  check("policy");
});

describe("what is not known", () => {
  const nothing = unknownFact("access denied");
  const settings = defaultSettings();
  const outcome = <K extends keyof FactsByKind>(kind: K, facts: FactsByKind[K]) =>
    stateControlsOf(kind).map((control) => {
      const context = contextFor(settings, control, { id: "111122223333" }, new Date("2026-11-20T08:00:00Z"));
      return context && `${control.id}: ${control.evaluate(facts, context).outcome}`;
    });

  it("makes every control of users unknown", () => {
    const facts = userFacts({
      ...{ policies: nothing, console: nothing, mfaActive: nothing, accessKeys: nothing, serviceCredentials: nothing },
    });
    expect(outcome("user", facts)).toEqual(stateControlsOf("user").map(({ id }) => `${id}: unknown`));
  });

  it("makes every control of root unknown", () => {
    const facts = rootFacts({
      passwordEnabled: nothing,
      mfaActive: nothing,
      virtualMfaAssigned: nothing,
      accessKeysPresent: nothing,
      accessKeys: nothing,
      passwordLastUsedAt: nothing,
    });
    expect(outcome("root", facts)).toEqual(stateControlsOf("root").map(({ id }) => `${id}: unknown`));
  });
});
