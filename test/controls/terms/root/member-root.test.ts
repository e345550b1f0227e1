import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { asMemberRoot } from "../../../../shared/controls/terms/root/member-root.ts";

// The snippets' shell, with a stand-in for the AWS CLI that notes with whose credentials it is called.
describe.each(["bash", "zsh"].filter((shell) => spawnSync(shell, ["-c", ":"]).status === 0))("in %s", (shell) => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "member-root-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const snippet = asMemberRoot(
    "IAMDeleteRootUserCredentials",
    "aws iam delete-login-profile",
    "aws iam list-access-keys",
  );

  const calls = (assumeRoot: string): readonly string[] => {
    const log = join(folder, "calls");
    writeFileSync(log, "");
    writeFileSync(
      join(folder, "aws"),
      `#!/bin/sh
echo "$AWS_ACCESS_KEY_ID/$AWS_SECRET_ACCESS_KEY/$AWS_SESSION_TOKEN $1 $2" >> '${log}'
[ "$1" = sts ] || exit 0
${assumeRoot}
`,
    );
    chmodSync(join(folder, "aws"), 0o755);
    const own = { AWS_ACCESS_KEY_ID: "OWN", AWS_SECRET_ACCESS_KEY: "secret", AWS_SESSION_TOKEN: "token" };
    const after = `${snippet}\naws iam get-user`;
    spawnSync(shell, ["-c", after], { env: { PATH: `${folder}:${process.env.PATH}`, ...own } });
    return readFileSync(log, "utf8").trim().split("\n");
  };

  it("runs the commands with the session's credentials, and what follows with one's own", () => {
    expect(calls("printf 'ASIAROOT\\tabc/+=\\ttoken==\\n'")).toEqual([
      "OWN/secret/token sts assume-root",
      "ASIAROOT/abc/+=/token== iam delete-login-profile",
      "ASIAROOT/abc/+=/token== iam list-access-keys",
      "OWN/secret/token iam get-user",
    ]);
  });

  it("runs nothing with one's own credentials where the session is refused", () => {
    expect(calls("echo AccessDenied >&2; exit 254")).toEqual([
      "OWN/secret/token sts assume-root",
      "OWN/secret/token iam get-user",
    ]);
  });
});
