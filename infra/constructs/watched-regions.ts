import { CfnCondition, CfnParameter, Fn, type Stack } from "aws-cdk-lib";
import type { DeploymentSettings } from "../../shared/settings/settings.ts";
import { homeRegion, signInRegions } from "./home-region.ts";

/** The Regions in which every account has its rules, with commas between them: the settings', or else a parameter's. */
export const watchedRegions = (stack: Stack, { regions }: DeploymentSettings): string =>
  // First where the role is made that the rules of all Regions forward with.
  Fn.join(",", [homeRegion(stack), regions?.join(",") ?? otherRegions(stack)]);

/** What a parameter says, separated by commas; where it says nothing, the Regions where people sign in. */
const otherRegions = (stack: Stack): string => {
  const others = new CfnParameter(stack, "OtherRegions", {
    type: "CommaDelimitedList",
    description: "Regions to hear of besides the one where IAM's events appear; empty for those where people sign in",
    default: "",
  }).valueAsList;
  const namesNone = new CfnCondition(stack, "NamesNoRegions", {
    expression: Fn.conditionEquals(Fn.join("", others), ""),
  });
  return Fn.conditionIf(namesNone.logicalId, signInRegions(stack), Fn.join(",", others)).toString();
};
