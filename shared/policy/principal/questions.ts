import { parseArn } from "../../aws/arn.ts";
import { lazily, rememberFor } from "../../remember.ts";
import { actionsGivenBy, actionsOnOwn } from "../escalation/given-paths.ts";
import { type OpenPath, openPaths, openPathTo } from "../escalation/open-paths.ts";
import type { EscalationPath } from "../escalation/path.ts";
import { type PolicyDocument, parsePolicy } from "../language/document.ts";
import type { RequestContext } from "../language/variables.ts";
import {
  administration,
  nobody,
  type ServiceWideGrant,
  serviceWideGrants,
  waysToBeAdministrator,
} from "./administrator.ts";
import type { Answer } from "./answer.ts";
import { can } from "./effective.ts";
import type { NamedPolicy, PrincipalLayers } from "./layers.ts";
import { askAction, statementsAbout } from "./reach.ts";
import { type Asked, createShared } from "./shared-answers.ts";

/** What controls ask of one user or role, each found out when it is first asked. */
export interface Questions {
  readonly administration: () => Answer;
  /** The same whatever the service control policies take away: nobody in its account can do more than that leaves. */
  readonly administrationInAccount: () => Answer;
  readonly serviceWideGrants: () => readonly ServiceWideGrant[];
  readonly openPaths: () => readonly OpenPath[];
  /** A path as it is open to one other user, role or group. */
  readonly openPathTo: (path: EscalationPath, arn: string) => OpenPath | undefined;
  /** Whether its boundary and the service control policies leave no administrator, whatever its own policies say. */
  readonly isBounded: () => boolean;
  /** Whether it can assume every role of every account that trusts it. */
  readonly assumeAnyRole: () => Answer;
}

const everything: NamedPolicy = {
  name: "everything",
  kind: "managed",
  document: parsePolicy({ Statement: { Effect: "Allow", Action: "*", Resource: "*" } }),
};

const allowsAny = (actions: readonly string[]): ((document: PolicyDocument) => boolean) => {
  const questions = actions.map(askAction);
  return rememberFor((document: PolicyDocument) =>
    questions.some((question) =>
      statementsAbout(document, question).some(({ statement }) => statement.effect === "Allow"),
    ),
  );
};

const denies = rememberFor(({ statements }: PolicyDocument) => statements.some(({ effect }) => effect === "Deny"));

/** Which policies can have a say in a question: those that may give what is asked, and those that deny anything. */
const mayMakeAdministrator = allowsAny(waysToBeAdministrator);
const mayGiveServices = rememberFor(({ statements }: PolicyDocument) =>
  statements.some(
    ({ effect, actions }) =>
      effect === "Allow" && (actions === undefined || actions.some((action) => /^[^:]*\*$|:\?*\*+$/.test(action))),
  ),
);
const mayOpenPath = (document: PolicyDocument): boolean => actionsGivenBy(document).size > 0;
/** Where a policy or group is what a path leads to, it counts which of them the principal has. */
const mayChangePolicies = rememberFor((document: PolicyDocument) =>
  [...actionsGivenBy(document)].some((action) => actionsOnOwn.has(action)),
);
const mayAssume = allowsAny(["sts:AssumeRole"]);

/** A principal with those of its own policies alone that have a say; `undefined`: none of them gives anything. */
const concerning = (asked: Asked, gives: (document: PolicyDocument) => boolean): Asked | undefined => {
  const { layers } = asked;
  if (!layers.identity.some(({ document }) => gives(document))) return undefined;
  const identity = layers.identity.filter(({ document }) => gives(document) || denies(document));
  return identity.length === layers.identity.length ? asked : { ...asked, layers: { ...layers, identity } };
};

const inAccount = (asked: Asked): Asked => ({ ...asked, layers: { ...asked.layers, serviceControl: noNodes } });
const noNodes: PrincipalLayers["serviceControl"] = [];

const administrators = createShared(({ layers, given }) => administration(layers, given()));
const wholeServices = createShared(({ layers, given }) => serviceWideGrants(layers, given()));
const paths = createShared(({ layers, arn, given, about }) => openPaths(layers, { arn, given: given(), about }));
const bounds = createShared(({ layers, given }) => administration(layers, given()).decision === "no");
const assumptions = createShared(({ layers, arn, given }) =>
  can(layers, "sts:AssumeRole", { every: `arn:${parseArn(arn).partition}:iam::*:role/*` }, given()),
);

/** Who is an administrator, and how somebody becomes one, is asked of what the principal's own account has. */
const atHome = (arn: string, given: RequestContext): RequestContext => {
  const organization = given.get("aws:principalorgid");
  const path = given.get("aws:principalorgpaths");
  return new Map([
    ...given,
    ["aws:resourceaccount", [parseArn(arn).accountId]],
    ...(organization ? [["aws:resourceorgid", organization] as const] : []),
    ...(path ? [["aws:resourceorgpaths", path] as const] : []),
  ]);
};

/** What there is to ask of a principal. Whoever has the same policies, as far as they have a say, shares the answers. */
export const questionsOf = (principal: Omit<Asked, "among">): Questions => {
  const asked: Asked = { ...principal, among: principal.arn.replace(/\/.*$/s, "/*") };
  const home: Asked = { ...asked, given: lazily(() => atHome(asked.arn, asked.given())) };
  const administrator = (of: Asked): Answer => {
    const concerned = concerning(of, mayMakeAdministrator);
    return concerned ? administrators(concerned) : { ...nobody, takenAwayBy: { layer: "identity" } };
  };
  return {
    administration: lazily(() => administrator(home)),
    administrationInAccount: lazily(() => administrator(inAccount(home))),
    serviceWideGrants: lazily(() => {
      const concerned = concerning(asked, mayGiveServices);
      return concerned ? wholeServices(concerned) : [];
    }),
    openPaths: lazily(() => {
      const concerned = concerning(home, mayOpenPath);
      if (concerned === undefined) return [];
      const countsWhich = concerned.layers.identity.some(({ document }) => mayChangePolicies(document));
      return paths(countsWhich ? home : concerned);
    }),
    openPathTo: (path, arn) => openPathTo(home.layers, { ...home, given: home.given() }, { path, arn }),
    isBounded: lazily(() => bounds({ ...home, layers: { ...home.layers, identity: [everything] } })),
    assumeAnyRole: lazily(() => {
      const concerned = concerning(asked, mayAssume);
      return concerned ? assumptions(concerned) : { ...nobody, takenAwayBy: { layer: "identity" } };
    }),
  };
};
