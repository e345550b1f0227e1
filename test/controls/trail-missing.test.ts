import { trailMissing } from "../../shared/controls/trail-missing.ts";
import { known, type TrailFlaw } from "../../shared/facts/facts.ts";
import { describeControl } from "../support/describe-control.ts";
import { account, accountFacts, denied } from "../support/facts.ts";

const arn = (name: string) => `arn:aws:cloudtrail:us-east-1:${account.id}:trail/${name}`;
const flawed = (...flaws: readonly (readonly [name: string, flaw: TrailFlaw])[]) => ({
  facts: accountFacts({
    trails: known({ covering: null, flaws: flaws.map(([name, flaw]) => ({ trail: arn(name), flaw })) }),
  }),
  evidence: { trails: flaws.map(([name, flaw]) => ({ trail: arn(name), flaw })) },
});

describeControl(trailMissing, {
  violates: {
    "no trail": { ...flawed(), reason: `Account ${account.id} has no trail.` },
    "a trail of one Region": {
      ...flawed(["local", "does not cover every Region"]),
      reason: `No trail of account ${account.id} will do: ${arn("local")} does not cover every Region.`,
    },
    "a trail whose bucket is gone": {
      ...flawed(["logless", "cannot write to its bucket"]),
      reason: `No trail of account ${account.id} will do: ${arn("logless")} cannot write to its bucket.`,
    },
    "one that was stopped, and one of data events": {
      ...flawed(["stopped", "is not logging"], ["data", "logs no management events that write"]),
      reason: `No trail of account ${account.id} will do: ${arn("stopped")} is not logging; ${arn("data")} logs no management events that write.`,
    },
  },
  complies: {
    "the organization's trail": { facts: accountFacts() },
    "a trail of its own": { facts: accountFacts({ trails: known({ covering: arn("own"), flaws: [] }) }) },
  },
  unknown: {
    "trails that may not be listed": {
      facts: accountFacts({ trails: denied("cloudtrail:DescribeTrails") }),
      reason: `Cannot tell whether a trail logs in account ${account.id}: access denied: cloudtrail:DescribeTrails`,
    },
  },
});
