import { describe, expect, it } from "vitest";
import { rootSignInFailure } from "../../shared/controls/root-sign-in-failure.ts";
import { parseRecord } from "../../shared/events/envelope.ts";
import { neighboursNotRead } from "../../shared/facts/neighbours.ts";
import { account, iamUser, type Raw, record, root, signIn } from "../events/records.ts";
import { organization } from "../support/facts.ts";

const context = {
  now: new Date("2026-11-01T09:20:00Z"),
  options: {},
  excludedRoles: { names: [], paths: [], tags: {}, trustTags: false },
  organization,
  neighbours: neighboursNotRead,
};
const failure: Raw = { responseElements: { ConsoleLogin: "Failure" }, errorMessage: "Failed authentication" };

describe("a failed root sign-in", () => {
  const judgeFailure = (raw: Raw) => rootSignInFailure.judge(parseRecord(raw), context);

  it.each(
    Object.entries({
      "with an error message": signIn({ userIdentity: root(), ...failure }),
      "with Failure alone": signIn({ userIdentity: root(), responseElements: { ConsoleLogin: "Failure" } }),
      "with an error message alone": signIn({
        userIdentity: root(),
        responseElements: null,
        errorMessage: "Failed authentication",
      }),
    }),
  )("is found %s", (_, raw) => {
    expect(judgeFailure(raw)).toMatchObject({
      severity: "high",
      subject: { kind: "root", name: "root", arn: `arn:aws:iam::${account}:root` },
      episode: "attempt 2026-11-01T09",
      evidence: { event: "signin:ConsoleLogin", outcome: "failed", mfaUsed: true, sourceIPAddress: "192.0.2.10" },
    });
    expect(judgeFailure(raw)?.reason).toMatch(/^Somebody failed to sign in to the console as root from 192\.0\.2\.10/);
  });

  it.each(
    Object.entries({
      "a sign-in that worked": signIn({ userIdentity: root() }),
      "another account's root": signIn({ userIdentity: root({ accountId: "999900001111" }), ...failure }),
      "an IAM user's failure": signIn({ userIdentity: iamUser(), ...failure }),
      "a failed call of root": record({ userIdentity: root(), errorCode: "AccessDenied" }),
      "another service's event of that name": signIn({
        userIdentity: root(),
        ...failure,
        eventSource: "sso.amazonaws.com",
      }),
      "a step of a sign-in": signIn({
        userIdentity: root(),
        eventName: "CheckMfa",
        responseElements: { CheckMfa: "Success" },
      }),
    }),
  )("is not %s", (_, raw) => {
    expect(judgeFailure(raw)).toBeUndefined();
  });
});
