import { expect, test } from "vitest";
import { placeholdersIn } from "../../scripts/docs/placeholders.ts";
import { controlById, controls } from "../../shared/controls/catalogue.ts";
import { fixFor } from "../../shared/notify/fix.ts";
import { aFinding, findingAbout, hostileNames, runInBash } from "../support/findings.ts";

const key = aFinding({
  subject: {
    kind: "accessKey",
    name: "ci-bot",
    accessKeyId: "AKIAIOSFODNN7EXAMPLE",
    arn: "arn:aws:iam::111122223333:user/ci-bot",
  },
});
const role = aFinding({
  subject: { kind: "role", name: "deploy", arn: "arn:aws-cn:iam::111122223333:role/ci/deploy" },
});
const root = aFinding({ subject: { kind: "root", name: "root", arn: "arn:aws:iam::111122223333:root" } });

test.each([
  ["a user", findingAbout("alice"), "aws iam x --user-name USER_NAME", "aws iam x --user-name alice", []],
  ["a key", key, "aws x USER_NAME KEY_ID", "aws x ci-bot AKIAIOSFODNN7EXAMPLE", []],
  [
    "a role's own path and partition",
    role,
    "x --arn arn:aws:iam::ACCOUNT_ID:role/ROLE_NAME",
    "x --arn arn:aws-cn:iam::111122223333:role/ci/deploy",
    [],
  ],
  ["the account", root, "x --target-principal ACCOUNT_ID", "x --target-principal 111122223333", []],
  [
    "what nobody knows",
    root,
    "x KEY_ID BOUNDARY_ARN KEY_ID",
    "x KEY_ID BOUNDARY_ARN KEY_ID",
    ["BOUNDARY_ARN", "KEY_ID"],
  ],
  ["words that only look like it", root, "$AWS_ACCESS_KEY_ID MY_USER_NAME", "$AWS_ACCESS_KEY_ID MY_USER_NAME", []],
  ["a name too long for IAM", findingAbout("x".repeat(129)), "x USER_NAME", "x USER_NAME", ["USER_NAME"]],
  [
    "a name with a space",
    findingAbout("a b"),
    "x USER_NAME 'USER_NAME'",
    `USER_NAME=$'a b'\nx "$USER_NAME" '"$USER_NAME"'`,
    [],
  ],
  [
    "a name like a replacement",
    findingAbout("$&$1"),
    "x USER_NAME",
    `USER_NAME=$'\\x24\\x26\\x241'\nx "$USER_NAME"`,
    [],
  ],
])("fills in %s", (_name, finding, snippet, commands, open) => {
  expect(fixFor(snippet, finding)).toEqual({ commands, open });
});

const userControls = controls.filter(({ subjects }) => subjects.includes("user"));

test.each(userControls.map(({ id, guidance }) => [id, guidance.fix.cli] as const))(
  "the commands of %s pass every hostile name on to aws whole, and run nothing else",
  (_id, snippet) => {
    for (const name of Object.values(hostileNames).filter((text) => text.length <= 128 && !text.includes("\0"))) {
      const { commands } = fixFor(snippet, findingAbout(name));
      const fake = `cat() { command cat > /dev/null; }\naws() { printf '%s\\0' "$@"; }\nrm() { printf 'RAN\\0'; }\nalert() { printf 'RAN\\0'; }\n`;
      const words = runInBash(fake + commands.replace(/^cat > \S+/gm, "cat")).split("\0");
      expect(words).toContain(name);
      expect(words).not.toContain("RAN");
      expect(words.filter((word, index) => words[index - 1] === "--user-name" && word !== name)).toEqual([]);
    }
  },
);

test("no control's commands name a warden command that does not exist", () => {
  for (const { id, guidance } of controls)
    expect([id, guidance.fix.cli.match(/\bwarden (?!audit|replay|controls|settings check)\w+/g)]).toEqual([id, null]);
});

test("every placeholder of every control is filled, or named as open", () => {
  for (const { subjects, guidance } of controls) {
    const [kind = "user"] = subjects;
    const foundBy = [{ region: "us-east-1", analyzer: "arn:aws:access-analyzer:us-east-1:111122223333:analyzer/a" }];
    const finding = aFinding({
      evidence: { foundBy },
      subject: { kind, name: "some-name", arn: "arn:aws:iam::111122223333:any" },
    });
    const { commands, open } = fixFor(guidance.fix.cli, finding);
    expect(placeholdersIn(commands)).toEqual(open);
  }
});

test("a trail that will not do is called by its name", () => {
  const trail = "arn:aws:cloudtrail:eu-central-1:111122223333:trail/audit";
  const finding = aFinding({
    control: "trail-missing",
    evidence: { trails: [{ trail, flaw: "is not logging" }] },
    subject: { kind: "account", name: "111122223333", arn: "arn:aws:iam::111122223333:root" },
  });
  const { commands, open } = fixFor(controlById("trail-missing")?.guidance.fix.cli ?? "", finding);
  expect(commands).toContain("aws cloudtrail update-trail --name audit --is-multi-region-trail");
  expect(open).toEqual(["BUCKET_NAME"]);
});
