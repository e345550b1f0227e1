import { describe, expect, it } from "vitest";
import { SettingsError } from "../../shared/errors.ts";
import { parseSettings } from "../../shared/settings/parse-yaml.ts";

const problemsOf = (deployment: string): readonly string[] => {
  try {
    parseSettings(`version: 1\ndeployment: ${deployment}\n`, "w.yaml");
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
};

describe("the deployment in the settings", () => {
  it.each([
    ["nothing", "{}"],
    ["a hub", '{ hubAccountId: "111122223333", hubRegion: us-gov-east-1 }'],
    ["an OU and Regions", "{ targets: [ou-ab12-1a2b3c4d], regions: [ap-southeast-2, eu-north-1] }"],
  ])("may have %s", (_name, text) => {
    expect(problemsOf(text)).toEqual([]);
  });

  it.each([
    ["a number for an account", "{ hubAccountId: 111122223333 }", /deployment\.hubAccountId.*twelve digits, in quotes/],
    ["no Region", "{ hubRegion: Frankfurt }", /deployment\.hubRegion.*write a Region, such as eu-central-1/],
    ["no organization's id", "{ organizationId: acme }", /deployment\.organizationId.*such as o-a1b2c3d4e5/],
    ["an OU by name", "{ targets: [Root/Prod] }", /deployment\.targets\[0\].*root \(r-…\) or an OU/],
    ["no targets", "{ targets: [] }", /deployment\.targets.*write a list of 1 to 100 entries/],
    ["IAM's Region", "{ regions: [eu-north-1, us-east-1] }", /regions\[1\]: is always among them; leave it out/],
    ["a Region twice", "{ regions: [eu-north-1, eu-north-1] }", /regions\[1\]: stands here twice/],
    ["another word for the members", "{ members: none }", /members.*write deployed, kept or elsewhere/],
    ["no email address", "{ operationsEmail: platform }", /operationsEmail.*write an email address/],
    ["a word that is none of its own", "{ region: eu-north-1 }", /region/],
  ])("refuses %s, with what would be right", (_name, text, told) => {
    const problems = problemsOf(text);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(told);
  });
});
