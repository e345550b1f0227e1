import type { AwsAccess } from "../aws/access.ts";
import type { AnyStateControl, PlanContext, StateControlOf, Verdict } from "../control.ts";
import { judges } from "../controls/catalogue.ts";
import { AccessDeniedError } from "../errors.ts";
import { requireHasConsoleUsers } from "../facts/console-users.ts";
import type { AnyFacts, FactsByKind } from "../facts/facts.ts";
import { createLiveReader } from "../facts/live.ts";
import type { ReadWhat } from "../facts/readers.ts";
import type { AccountRef, SubjectKind, SubjectRef } from "../subject.ts";
import type { Stage } from "./remediation.ts";
import type { AnyPlan } from "./step.ts";

/**
 * The live facts of a finding's subject; `undefined` if there is no such subject any more.
 * @throws NotYetVisibleError while a credential report that they rest on is being made
 */
export const readFacts = async (
  aws: AwsAccess,
  account: AccountRef,
  subject: SubjectRef,
  clock: () => Date,
  what?: ReadWhat,
): Promise<AnyFacts | undefined> => {
  const reader = createLiveReader(aws, account, clock, {
    ...(what?.consoleUsers && { readHasConsoleUsers: requireHasConsoleUsers }),
  });
  switch (subject.kind) {
    case "user":
      return reader.user(subject.name, what);
    case "role":
      return reader.role(subject.name, what);
    case "root":
      return reader.root();
    case "account":
      return reader.account();
    case "group":
    case "policy":
    case "oidcProvider":
    case "samlProvider":
    case "serverCertificate":
    case "resource":
      return reader.other(subject.kind, subject.name);
    case "accessKey": {
      const user = await reader.user(subject.name);
      if (user === undefined) return undefined;
      const { accessKeys } = user;
      if (!accessKeys.known) throw new AccessDeniedError("iam:ListAccessKeys", accessKeys.why);
      return accessKeys.value.find(({ id }) => id.known && id.value === subject.accessKeyId);
    }
  }
};

interface Judged {
  evaluate(): Verdict;
  plan(stage: Stage, findingId: string): AnyPlan | undefined;
}

const bound = <K extends SubjectKind>(
  { evaluate, repair }: StateControlOf<K>,
  facts: FactsByKind[K],
  context: PlanContext<never>,
): Judged => ({
  evaluate: () => evaluate(facts, context),
  plan: (stage, findingId) =>
    (stage === "repair" ? repair?.plan : repair?.finalPlan)?.(facts, { ...context, findingId }),
});

/** A control with facts of the kind that it judges; `undefined` if they are of another kind. */
export const bind = (control: AnyStateControl, facts: AnyFacts, context: PlanContext<never>): Judged | undefined =>
  judges(facts.kind)(control) ? bound(control, facts, context) : undefined;
