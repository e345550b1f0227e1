import {
  type AnyStateControl,
  type EvaluationContext,
  type StateControlOf,
  unknown,
  type Verdict,
} from "../control.ts";
import { stateControlsOf } from "../controls/catalogue.ts";
import { messageOf } from "../errors.ts";
import type { AccessKeyFacts, AccountFacts, AnyFacts, Fact, FactsByKind, Neighbours } from "../facts/facts.ts";
import { ownersOf } from "../facts/owners.ts";
import type { OrganizationView } from "../organization/view.ts";
import { contextFor } from "../settings/context.ts";
import type { Settings } from "../settings/settings.ts";
import { type AccountRef, kindWords, type Subject, type SubjectKind } from "../subject.ts";
import type { Judgement } from "./judgement.ts";

interface ActiveControl<K extends SubjectKind> {
  readonly control: StateControlOf<K>;
  readonly context: EvaluationContext<never>;
}

/** What a judgement needs of its control, whatever it judges. */
export type JudgingControl = Pick<AnyStateControl, "id" | "severity" | "credentials">;

/** A judgement with what it came from. For keys that could not be read, `facts` are their user's. */
export interface Judged {
  readonly control: JudgingControl;
  readonly facts: AnyFacts;
  readonly judgement: Judgement;
}

/** From when the facts are that a control's verdict rests on. */
export type AsOf = (control: JudgingControl, facts: AnyFacts) => Date;

const keySubject = (key: AccessKeyFacts): Subject => ({
  kind: "accessKey",
  name: key.userName,
  ...(key.id.known && { accessKeyId: key.id.value }),
  arn: key.userArn,
});

/** The subject that facts are about. A key whose id nobody needed yet has no `accessKeyId`. */
export const subjectOf = (facts: AnyFacts): Subject => {
  switch (facts.kind) {
    case "accessKey":
      return keySubject(facts);
    case "user":
    case "role":
      return { kind: facts.kind, name: facts.name, arn: facts.arn };
    case "root":
      return { kind: "root", name: "root", arn: facts.arn };
    case "account":
      return { kind: "account", name: facts.account.id, arn: facts.arn };
    default:
      return { kind: facts.kind, name: facts.name, arn: facts.arn };
  }
};

/** A control that fails has not found its subject in order. */
const evaluate = <K extends SubjectKind>({ control, context }: ActiveControl<K>, facts: FactsByKind[K]): Verdict => {
  try {
    return control.evaluate(facts, context);
  } catch (error) {
    return unknown(`The control ${control.id} failed: ${messageOf(error)}`);
  }
};

/**
 * Looks up once what the settings say of each control in an account; `now` is the time that all of them judge by. Verdicts that rest
 * on `organization` or `neighbours` are unknown without them.
 */
export const createJudge = (
  settings: Settings,
  account: AccountRef,
  now: Date,
  organization?: Fact<OrganizationView>,
  neighbours?: Neighbours,
): ((facts: AnyFacts, asOf: AsOf) => readonly Judged[]) => {
  const activeOf = <K extends SubjectKind>(kind: K): readonly ActiveControl<K>[] =>
    stateControlsOf(kind).flatMap((control) => {
      const context = contextFor(settings, control, account, now, organization, neighbours);
      return context ? [{ control, context }] : [];
    });
  const active: { readonly [K in SubjectKind]: readonly ActiveControl<K>[] } = {
    user: activeOf("user"),
    accessKey: activeOf("accessKey"),
    role: activeOf("role"),
    root: activeOf("root"),
    account: activeOf("account"),
    group: activeOf("group"),
    policy: activeOf("policy"),
    oidcProvider: activeOf("oidcProvider"),
    samlProvider: activeOf("samlProvider"),
    serverCertificate: activeOf("serverCertificate"),
    resource: activeOf("resource"),
  };

  const namesOwners = Object.keys(settings.owners).length > 0;
  const judged = (
    control: JudgingControl,
    facts: AnyFacts,
    verdict: Verdict,
    asOf: AsOf,
    subject = subjectOf(facts),
  ): Judged => ({
    control,
    facts,
    judgement: {
      ...(namesOwners && { owners: ownersOf(facts, settings) }),
      ...((facts.kind === "user" || facts.kind === "role") && subject.kind === facts.kind && { principalId: facts.id }),
      control: control.id,
      severity: (verdict.outcome === "violation" ? verdict.severity : undefined) ?? control.severity,
      account: facts.account,
      subject,
      verdict,
      asOf: asOf(control, facts),
    },
  });
  const all = <K extends SubjectKind>(kind: K, facts: FactsByKind[K], asOf: AsOf) =>
    active[kind].map((one) => judged(one.control, facts, evaluate(one, facts), asOf));

  return (facts, asOf) => {
    if (facts.kind !== "user") return all(facts.kind, facts, asOf);
    const { accessKeys } = facts;
    const ofKeys = accessKeys.known
      ? accessKeys.value.flatMap((key) => all("accessKey", key, asOf))
      : active.accessKey.map(({ control }) =>
          judged(
            control,
            facts,
            unknown(`Cannot tell which access keys user ${facts.name} has`, accessKeys.why),
            asOf,
            { kind: "accessKey", name: facts.name, arn: facts.arn },
          ),
        );
    return [...all("user", facts, asOf), ...ofKeys];
  };
};

/** Says of every control of a kind that it cannot tell, where an account's subjects of that kind could not be listed. */
export const judgeUnlisted = (
  settings: Settings,
  account: AccountFacts,
  { kind, why, now }: { readonly kind: SubjectKind; readonly why: string; readonly now: Date },
): readonly Judgement[] =>
  stateControlsOf(kind).flatMap((control) => {
    if (contextFor(settings, control, account.account, now) === undefined) return [];
    return {
      control: control.id,
      severity: control.severity,
      account: account.account,
      subject: { kind, name: "*", arn: account.arn },
      verdict: unknown(
        kind === "resource"
          ? "Cannot tell which resources others can reach"
          : `Cannot tell which ${kindWords[kind]} there is`,
        why,
      ),
      asOf: now,
    };
  });

/**
 * What all state controls say of a subject, ordered by control; of a user, then also of each of the user's keys. What the
 * settings turn off says nothing; a control that throws says `unknown`.
 * @param options.asOf when the facts were read
 */
export const judge = (
  facts: AnyFacts,
  settings: Settings,
  {
    asOf,
    now,
    organization,
    neighbours,
  }: {
    readonly asOf: Date;
    readonly now: Date;
    readonly organization?: Fact<OrganizationView>;
    readonly neighbours?: Neighbours;
  },
): Judgement[] =>
  createJudge(
    settings,
    facts.account,
    now,
    organization,
    neighbours,
  )(facts, () => asOf).map(({ judgement }) => judgement);
