import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openPaths } from "../../../shared/policy/escalation/open-paths.ts";
import { escalationPaths } from "../../../shared/policy/escalation/paths.ts";
import { type PrincipalLayers, statementName } from "../../../shared/policy/principal/layers.ts";
import { allow, deny, policyOf, principal, type StatementSource } from "../principals.ts";

const iam = "arn:aws:iam::111122223333:";
const bob = `${iam}user/bob`;
const app = `${iam}role/app`;
const mfa = { Condition: { Bool: { "aws:MultiFactorAuthPresent": "true" } } };
const odd = { Condition: { Odd: { key: "value" } } };
const passedTo = (service: string) => ({ Condition: { StringEquals: { "iam:PassedToService": service } } });

const found = (layers: PrincipalLayers, arn = app) =>
  openPaths(layers, { arn }).map(({ path, decision, targets, onlyTo }) =>
    `${path.id}: ${decision} ${onlyTo.length > 0 ? `only to ${onlyTo}` : targets}`.trim(),
  );

/** Paths that any statement with PassRole and the service's action opens, and no other. */
const runInstances = (pass: StatementSource) =>
  principal([allow("ec2:RunInstances"), { Action: "iam:PassRole", ...pass }]);

describe("openPaths", () => {
  test.each<[string, PrincipalLayers, string, readonly string[]]>([
    ["nothing", principal([]), app, []],
    ["reading", principal([allow(["iam:Get*", "iam:List*", "*:Describe*"])]), app, []],

    [
      "a role that writes its own policy",
      principal([allow("iam:PutRolePolicy", app)]),
      app,
      ["put-policy-on-own-role: yes"],
    ],
    ["a role that writes another's", principal([allow("iam:PutRolePolicy", `${iam}role/other`)]), app, []],
    [
      "a user with its own name as a variable",
      principal([allow("iam:AttachUserPolicy", `${iam}user/\${aws:username}`)]),
      bob,
      ["attach-policy-to-own-user: yes"],
    ],
    [
      "a role that grants whatever it likes to any user",
      principal([allow("iam:AttachUserPolicy")]),
      app,
      ["attach-policy-to-user: yes *"],
    ],
    [
      "a role that writes what any group may do",
      principal([allow("iam:PutGroupPolicy")]),
      app,
      ["put-policy-on-group-of-user: yes *"],
    ],
    [
      "a role that grants to a user by name",
      principal([allow("iam:PutUserPolicy", `${iam}user/eve`)]),
      app,
      [`put-policy-on-user: yes only to ${iam}user/eve`],
    ],
    ["itself by name", principal([allow("iam:CreateAccessKey", "arn:*:iam::*:user/bob")]), bob, []],
    [
      "a role that starts tasks on an instance with whatever role it passes",
      principal([allow(["iam:PassRole", "ecs:StartTask"])]),
      app,
      ["override-task-role-on-instance: yes *"],
    ],
    [
      "a role that steers any browser that has a role",
      principal([allow(["bedrock-agentcore:StartBrowserSession", "bedrock-agentcore:ConnectBrowserAutomationStream"])]),
      app,
      ["agentcore-existing-browser: yes *"],
    ],
    ["a user with its own keys", principal([allow("iam:*AccessKey*", `${iam}user/\${aws:username}`)]), bob, []],
    ["a user with everybody's keys", principal([allow("iam:*AccessKey*")]), bob, ["create-access-key: yes *"]],
    [
      "a user with another's keys",
      principal([allow("iam:CreateAccessKey", [`${iam}user/eve`, "arn:aws:iam::444455556666:user/mallory"])]),
      bob,
      [`create-access-key: yes only to ${iam}user/eve`],
    ],
    [
      "a role that trusts itself elsewhere",
      principal([allow("iam:UpdateAssumeRolePolicy", `${iam}role/team/*`)]),
      app,
      [`update-trust-policy: yes ${iam}role/team/*`],
    ],

    ["a role that is passed anywhere", runInstances({ Resource: "*" }), app, ["run-instances: yes *"]],
    [
      "a role that is passed by a pattern",
      runInstances({ Resource: `${iam}role/app-*` }),
      app,
      [`run-instances: yes ${iam}role/app-*`],
    ],
    [
      "a role that is passed by name",
      runInstances({ Resource: `${iam}role/web` }),
      app,
      [`run-instances: yes only to ${iam}role/web`],
    ],
    [
      "a role named in any account",
      runInstances({ Resource: "arn:aws:iam::*:role/web" }),
      app,
      [`run-instances: yes only to ${iam}role/web`],
    ],
    ["the role itself", runInstances({ Resource: app }), app, []],
    ["a role of another account", runInstances({ Resource: "arn:aws:iam::444455556666:role/*" }), app, []],
    [
      "a role passed to the service",
      runInstances({ Resource: "*", ...passedTo("ec2.amazonaws.com") }),
      app,
      ["run-instances: yes *"],
    ],
    ["a role passed to another", runInstances({ Resource: "*", ...passedTo("lambda.amazonaws.com") }), app, []],
    [
      "a role passed by pattern",
      runInstances({ Resource: "*", Condition: { StringLike: { "iam:PassedToService": "ec2*" } } }),
      app,
      ["run-instances: yes *"],
    ],
    ["a role passed with MFA", runInstances({ Resource: "*", ...mfa }), app, ["run-instances: conditional *"]],
    [
      "a role passed where nobody can judge",
      runInstances({ Resource: "*", ...odd }),
      app,
      ["run-instances: unknown *"],
    ],
    [
      "a service that is denied",
      principal([
        allow("ec2:RunInstances"),
        allow("iam:PassRole"),
        { ...deny("iam:PassRole"), ...passedTo("ec2.amazonaws.com") },
      ]),
      app,
      [],
    ],
    ["PassRole alone", principal([allow("iam:PassRole")]), app, []],

    [
      "a function's code, of all",
      principal([allow("lambda:UpdateFunctionCode")]),
      app,
      ["update-function-code: yes *"],
    ],
    [
      "a function's code, of one",
      principal([allow("lambda:UpdateFunctionCode", "arn:aws:lambda:*:111122223333:function:one")]),
      app,
      [],
    ],

    ["roles that it may assume", principal([allow("sts:AssumeRole")]), app, []],
    ["a role that it may assume", principal([allow("sts:AssumeRole", `${iam}role/other`)]), app, []],
    [
      "a role that it may assume and write",
      principal([allow(["sts:AssumeRole", "iam:PutRolePolicy"], `${iam}role/other`)]),
      app,
      [`put-policy-on-assumable-role: yes ${iam}role/other`],
    ],
    [
      "one that it may assume, another that it may write",
      principal([allow("sts:AssumeRole", `${iam}role/one`), allow("iam:PutRolePolicy", `${iam}role/two`)]),
      app,
      [],
    ],

    [
      "a boundary of its own",
      principal([allow("iam:DeleteRolePermissionsBoundary", app)], { boundary: [allow("*")] }),
      app,
      ["delete-boundary-of-own-role: yes"],
    ],
    ["no boundary of its own", principal([allow("iam:DeleteRolePermissionsBoundary", app)]), app, []],
    [
      "a boundary that does not allow it",
      principal([allow("iam:PutRolePolicy")], { boundary: [allow("s3:*")] }),
      app,
      [],
    ],
    [
      "an SCP that denies it",
      principal([allow("iam:PutRolePolicy")], { nodes: [[allow("*"), deny("iam:Put*")]] }),
      app,
      [],
    ],
    [
      "an SCP for all but others",
      principal([allow("iam:PutRolePolicy", app)], {
        nodes: [
          [allow("*"), { ...deny("iam:*"), Condition: { ArnNotLike: { "aws:PrincipalArn": `${iam}role/admin` } } }],
        ],
      }),
      app,
      [],
    ],
    [
      "a denial of its own that it may delete",
      principal([allow("iam:DeleteRolePolicy", app), deny("s3:*")]),
      app,
      ["delete-denial-of-own-role: yes"],
    ],
  ])("%s", (_, layers, arn, expected) => {
    expect(found(layers, arn)).toEqual(expected);
  });

  test("a policy, boundary or group of the principal's own counts as reached, another that is named only as what it is", () => {
    const layers = (action: string, resource: string): PrincipalLayers => ({
      identity: [
        policyOf([allow(action, resource)], { name: "own", kind: "managed", arn: `${iam}policy/own` }),
        policyOf([allow("s3:List*")], { name: "staff", kind: "group", via: "staff" }),
      ],
      boundary: policyOf([allow("*")], { name: "limit", kind: "boundary", arn: `${iam}policy/limit` }),
      serviceControl: [],
    });
    const open = (action: string, resource: string) =>
      openPaths(layers(action, `${iam}${resource}`), { arn: bob }).map(({ path, onlyTo }) =>
        [path.id, ...onlyTo].join(" "),
      );
    expect(open("iam:CreatePolicyVersion", "policy/own")).toEqual(["create-policy-version"]);
    expect(open("iam:CreatePolicyVersion", "policy/limit")).toEqual(["create-policy-version"]);
    expect(open("iam:CreatePolicyVersion", "policy/other")).toEqual([]);
    expect(open("iam:PutGroupPolicy", "group/team/staff")).toEqual(["put-policy-on-group"]);
    expect(open("iam:PutGroupPolicy", "group/other")).toEqual([`put-policy-on-group ${iam}group/other`]);
  });

  test("what a principal grants itself stays within its boundary, and whom it takes over does not", () => {
    const layers = principal([allow("iam:*")], { boundary: [allow("*")] });
    const within = new Map(
      openPaths(layers, { arn: bob }).map(({ path, isWithinBoundary }) => [path.id, isWithinBoundary]),
    );
    expect(within.get("put-policy-on-own-user")).toBe(true);
    expect(within.get("delete-boundary-of-own-user")).toBe(false);
    expect(within.get("create-access-key")).toBe(false);
  });

  test("an administrator has every path of its kind, and each says which policy gives it", () => {
    const layers: PrincipalLayers = { identity: [policyOf([{ Sid: "All", ...allow("*") }])], serviceControl: [] };
    const open = openPaths(layers, { arn: app });
    const ids = escalationPaths.filter(({ who, only }) => who !== "user" && only === undefined).map(({ id }) => id);
    expect(open.map(({ path }) => path.id)).toEqual(ids);
    for (const { needs } of open)
      for (const { answer } of needs) expect(answer.grants.map(statementName)).toEqual(["All"]);
  });

  test("a path in China is open by the service's name there", () => {
    const layers = runInstances({ Resource: "*", ...passedTo("ec2.amazonaws.com.cn") });
    expect(found(layers, "arn:aws-cn:iam::111122223333:role/app")).toEqual(["run-instances: yes *"]);
    expect(found(layers, app)).toEqual([]);
  });

  const actions = [...new Set(escalationPaths.flatMap(({ needs }) => needs.map(({ action }) => action)))];
  const statement = fc.record({
    Action: fc.subarray([...actions, "iam:*", "lambda:*", "*"], { minLength: 1, maxLength: 6 }),
    Resource: fc.constantFrom("*", app, `${iam}role/*`, `${iam}role/other`, "arn:aws:lambda:*:*:function:a*"),
  });

  test("no Deny, boundary or SCP opens a path, and the order of statements opens and closes none", () => {
    const ids = (layers: PrincipalLayers) => new Set(openPaths(layers, { arn: app }).map(({ path }) => path.id));
    fc.assert(
      fc.property(fc.array(statement, { minLength: 1, maxLength: 4 }), statement, (statements, limit) => {
        const before = ids(principal(statements));
        expect(ids(principal(statements.toReversed()))).toEqual(before);
        const denied = { ...limit, Effect: "Deny" };
        for (const less of [
          principal([...statements], { nodes: [[allow("*"), denied]] }),
          principal(statements, { nodes: [[limit]] }),
        ])
          expect(ids(less).difference(before)).toEqual(new Set());
        // What denies may be taken off, and so may a boundary: those are paths that were none before.
        const own = /-denial-of-own-|-boundary-of-own-/;
        for (const less of [principal([...statements, denied]), principal(statements, { boundary: [limit] })])
          expect([...ids(less).difference(before)].filter((id) => !own.test(id))).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});
