import type { Random } from "../random.ts";
import { type Deed, ouPaths, roleNames, userNames } from "./plan.ts";
import { oneOf } from "./random.ts";

type Drawing = (random: Random) => Deed;

const ofUser =
  (
    deed:
      | "createUser"
      | "deleteUser"
      | "createKey"
      | "enableMfa"
      | "disableMfa"
      | "createLogin"
      | "deleteLogin"
      | "useLogin",
  ): Drawing =>
  (random) => ({ do: deed, user: oneOf(userNames, random()) });

const ofKey =
  (deed: "deleteKey" | "deactivateKey" | "activateKey" | "useKey"): Drawing =>
  (random) => ({ do: deed, user: oneOf(userNames, random()), key: Math.floor(random() * 2) });

const ofBoundary =
  (deed: "createRole" | "putBoundary"): Drawing =>
  (random) => ({
    do: deed,
    role: oneOf(roleNames, random()),
    boundary: oneOf(["none", "approved", "other"] as const, random()),
  });

const pick = (random: Random): number => Math.floor(random() * 1000);

const ofOperator =
  (deed: "acknowledge" | "approve" | "unexempt" | "resume"): Drawing =>
  (random) => ({ do: deed, of: pick(random) });

/** What may happen, and how often beside the others. */
const deeds: readonly (readonly [weight: number, draw: Drawing])[] = [
  [3, ofUser("createUser")],
  [2, ofUser("deleteUser")],
  [4, ofUser("createKey")],
  [2, ofKey("deleteKey")],
  [2, ofKey("deactivateKey")],
  [1, ofKey("activateKey")],
  [1, ofKey("useKey")],
  [3, ofUser("createLogin")],
  [2, ofUser("deleteLogin")],
  [1, ofUser("useLogin")],
  [3, ofUser("enableMfa")],
  [3, ofUser("disableMfa")],
  [4, ofBoundary("createRole")],
  [1.5, (random) => ({ do: "createRoles", count: 2 + Math.floor(random() * 5) })],
  [2, (random) => ({ do: "deleteRole", role: oneOf(roleNames, random()) })],
  [4, ofBoundary("putBoundary")],
  [2, (random) => ({ do: "rootSignIn", succeeds: random() < 0.6 })],
  [1, (random) => ({ do: "rootMfa", mfa: oneOf(["none", "virtual", "hardware"] as const, random()) })],
  [0.7, (random) => ({ do: "moveAccount", ouPath: oneOf(ouPaths, random()) })],
  [0.1, () => ({ do: "closeAccount" })],
  [2, ofOperator("acknowledge")],
  [2, ofOperator("approve")],
  [2, (random) => ({ do: "undo", of: pick(random), force: random() < 0.3 })],
  [3, (random) => ({ do: "exempt", of: pick(random), hours: 1 + Math.floor(random() * 40) })],
  [1, ofOperator("unexempt")],
  [0.7, ofOperator("resume")],
  [3, (random) => ({ do: "work", role: oneOf(roleNames, random()), service: random() < 0.7 ? "s3" : "sqs" })],
  [1, (random) => ({ do: "browse", user: oneOf(userNames, random()) })],
];
const allWeights = deeds.reduce((sum, [weight]) => sum + weight, 0);

export const drawDeed = (random: Random): Deed => {
  let left = random() * allWeights;
  for (const [weight, draw] of deeds) {
    left -= weight;
    if (left < 0) return draw(random);
  }
  return { do: "deleteRole", role: oneOf(roleNames, random()) };
};
