import { describe, expect, it } from "vitest";
import { readEnvironment } from "../../functions/environment.ts";

const complete = {
  AWS_REGION: "eu-central-1",
  HUB_ACCOUNT_ID: "111122223333",
  AUDIT_ROLE_NAME: "iam-warden-audit",
  FINDINGS_TABLE: "findings",
  TOPIC_ARN: "arn:aws:sns:eu-central-1:111122223333:findings",
};

describe("a function's environment", () => {
  it("gives only the variables that were asked for", () => {
    expect(readEnvironment(["AWS_REGION", "FINDINGS_TABLE"], complete)).toEqual({
      AWS_REGION: "eu-central-1",
      FINDINGS_TABLE: "findings",
    });
  });

  it("names every variable that is missing, empty or wrong at once", () => {
    const broken = { ...complete, AWS_REGION: undefined, FINDINGS_TABLE: "", HUB_ACCOUNT_ID: "12" };
    expect(() => readEnvironment(["AWS_REGION", "HUB_ACCOUNT_ID", "FINDINGS_TABLE", "TOPIC_ARN"], broken)).toThrow(
      expect.objectContaining({
        name: "EnvironmentError",
        message:
          "The function's environment is incomplete: AWS_REGION is missing; " +
          "HUB_ACCOUNT_ID must be twelve digits; FINDINGS_TABLE is missing",
      }),
    );
  });

  it("reads lists, and says what would be right where they are none", () => {
    const lists = ["WATCHED_REGIONS", "DEAD_LETTER_URLS"] as const;
    const DEAD_LETTER_URLS = "events=https://sqs.eu-central-1.amazonaws.com/1/dead,repairs=https://example.com/2/a=b";
    expect(readEnvironment(lists, { WATCHED_REGIONS: "us-east-1,eu-north-1,us-east-1", DEAD_LETTER_URLS })).toEqual({
      WATCHED_REGIONS: ["us-east-1", "eu-north-1"],
      DEAD_LETTER_URLS: [
        { name: "events", at: "https://sqs.eu-central-1.amazonaws.com/1/dead" },
        { name: "repairs", at: "https://example.com/2/a=b" },
      ],
    });
    expect(() => readEnvironment(lists, { WATCHED_REGIONS: "us-east-1, eu", DEAD_LETTER_URLS: "https://x" })).toThrow(
      "WATCHED_REGIONS must be Regions with commas between them; DEAD_LETTER_URLS must be name=URL, with commas between them",
    );
  });

  it("does without what is optional", () => {
    expect(readEnvironment(["SETTINGS_FILE"], {})).toEqual({ SETTINGS_FILE: undefined });
  });
});
