import {
  type AttachedPolicy,
  GetGroupPolicyCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRolePolicyCommand,
  GetUserPolicyCommand,
  type IAMClient,
  ListAttachedGroupPoliciesCommand,
  ListAttachedRolePoliciesCommand,
  ListAttachedUserPoliciesCommand,
  ListGroupPoliciesCommand,
  ListGroupsForUserCommand,
  ListRolePoliciesCommand,
  ListUserPoliciesCommand,
} from "@aws-sdk/client-iam";
import { nameOfArn } from "../aws/arn.ts";
import { byCodeUnit } from "../order.ts";
import { type Fact, known, type OwnPolicies, type PolicyFacts, type PrincipalPolicies, unknownFact } from "./facts.ts";
import { byPolicyName, policyFacts, unreadPolicy } from "./policies.ts";
import { ifExists, maxItems, type Page, pages, type Read } from "./reading.ts";

/** Policies read so far, by ARN: one reader asks for each managed policy once. */
type ManagedPolicies = Map<string, Promise<PolicyFacts>>;

/** Reads the policies in force for one user or role; a part that may not be read is unknown. */
export interface PolicyReader {
  user(name: string, boundaryArn: string | null): Promise<Fact<PrincipalPolicies>>;
  role(name: string, boundaryArn: string | null): Promise<Fact<PrincipalPolicies>>;
  group(name: string): Promise<Fact<OwnPolicies>>;
  managed(arn: string): Promise<PolicyFacts>;
}

export const createPolicyReader = (iam: IAMClient, accountId: string, read: Read): PolicyReader => {
  const seen: ManagedPolicies = new Map();

  const list = <P extends Page, T>(
    permission: string,
    send: (marker: { MaxItems: number; Marker?: string }) => Promise<P>,
    itemsOf: (page: P) => readonly T[] | undefined,
  ): Promise<Fact<readonly T[]>> =>
    read(permission, accountId, async () => {
      const items: T[] = [];
      for await (const page of pages((marker) => send({ MaxItems: maxItems, ...marker })))
        items.push(...(itemsOf(page) ?? []));
      return items;
    });

  const readManaged = async (arn: string): Promise<PolicyFacts> => {
    const policy = await read("iam:GetPolicy", accountId, async () => {
      const { Policy } = await iam.send(new GetPolicyCommand({ PolicyArn: arn }));
      return Policy;
    });
    if (!policy.known) return unreadPolicy(arn, policy.why);
    const VersionId = policy.value?.DefaultVersionId;
    if (VersionId === undefined) return unreadPolicy(arn, "IAM answered without the policy's default version");
    const version = await read("iam:GetPolicyVersion", accountId, async () => {
      const { PolicyVersion } = await iam.send(new GetPolicyVersionCommand({ PolicyArn: arn, VersionId }));
      return PolicyVersion?.Document;
    });
    return version.known
      ? policyFacts(policy.value?.PolicyName ?? nameOfArn(arn), arn, version.value)
      : unreadPolicy(arn, version.why);
  };

  const managed = (arn: string): Promise<PolicyFacts> => {
    const reading = seen.get(arn) ?? readManaged(arn);
    seen.set(arn, reading);
    return reading;
  };

  /** A policy that is deleted between two reads is no longer in force. */
  const allManaged = async (attached: readonly AttachedPolicy[]): Promise<readonly PolicyFacts[]> => {
    const arns = attached.flatMap(({ PolicyArn }) => (PolicyArn === undefined ? [] : [PolicyArn]));
    const policies = await Promise.all(arns.map((arn) => ifExists(managed(arn))));
    return policies.filter((policy) => policy !== undefined).sort(byPolicyName);
  };

  /** The policies of one user, role or group. */
  const own = async (
    inlineNames: Promise<Fact<readonly string[]>>,
    inlineText: (name: string) => Promise<Fact<string | undefined>>,
    attached: Promise<Fact<readonly AttachedPolicy[]>>,
  ): Promise<Fact<OwnPolicies>> => {
    const [names, arns] = await Promise.all([inlineNames, attached]);
    if (!names.known) return names;
    if (!arns.known) return arns;
    const inline = await Promise.all(
      names.value.map(async (name): Promise<PolicyFacts | undefined> => {
        const text = await ifExists(inlineText(name));
        if (text === undefined) return undefined;
        return text.known ? policyFacts(name, null, text.value) : { name, arn: null, document: text, size: 0 };
      }),
    );
    return known({
      inline: inline.filter((policy) => policy !== undefined).sort(byPolicyName),
      attached: await allManaged(arns.value),
    });
  };

  const ofGroup = (GroupName: string) =>
    own(
      list(
        "iam:ListGroupPolicies",
        (page) => iam.send(new ListGroupPoliciesCommand({ GroupName, ...page })),
        (page) => page.PolicyNames,
      ),
      (PolicyName) =>
        read("iam:GetGroupPolicy", accountId, async () => {
          const answer = await iam.send(new GetGroupPolicyCommand({ GroupName, PolicyName }));
          return answer.PolicyDocument;
        }),
      list(
        "iam:ListAttachedGroupPolicies",
        (page) => iam.send(new ListAttachedGroupPoliciesCommand({ GroupName, ...page })),
        (page) => page.AttachedPolicies,
      ),
    );

  const groupsOf = async (UserName: string): Promise<Fact<PrincipalPolicies["groups"]>> => {
    const listed = await list(
      "iam:ListGroupsForUser",
      (page) => iam.send(new ListGroupsForUserCommand({ UserName, ...page })),
      (page) => page.Groups,
    );
    if (!listed.known) return listed;
    const groups: PrincipalPolicies["groups"][number][] = [];
    for (const name of listed.value.map(({ GroupName }) => GroupName ?? "").sort(byCodeUnit)) {
      const policies = await ifExists(ofGroup(name));
      if (policies === undefined) continue;
      if (!policies.known) return policies;
      groups.push({ name, ...policies.value });
    }
    return known(groups);
  };

  const together = async (
    reading: Promise<Fact<OwnPolicies>>,
    readingGroups: Promise<Fact<PrincipalPolicies["groups"]>>,
    boundaryArn: string | null,
  ): Promise<Fact<PrincipalPolicies>> => {
    const [policies, groups, boundary] = await Promise.all([
      ifExists(reading),
      ifExists(readingGroups),
      boundaryArn === null ? null : ifExists(managed(boundaryArn)),
    ]);
    if (policies === undefined || groups === undefined)
      return unknownFact("it was deleted while its policies were being read");
    if (!policies.known) return policies;
    if (!groups.known) return groups;
    return known({
      ...policies.value,
      groups: groups.value,
      boundary:
        boundary === undefined && boundaryArn !== null
          ? unreadPolicy(boundaryArn, "the policy does not exist")
          : (boundary ?? null),
    });
  };

  return {
    managed,
    group: ofGroup,
    user: (UserName, boundaryArn) =>
      together(
        own(
          list(
            "iam:ListUserPolicies",
            (page) => iam.send(new ListUserPoliciesCommand({ UserName, ...page })),
            (page) => page.PolicyNames,
          ),
          (PolicyName) =>
            read("iam:GetUserPolicy", accountId, async () => {
              const answer = await iam.send(new GetUserPolicyCommand({ UserName, PolicyName }));
              return answer.PolicyDocument;
            }),
          list(
            "iam:ListAttachedUserPolicies",
            (page) => iam.send(new ListAttachedUserPoliciesCommand({ UserName, ...page })),
            (page) => page.AttachedPolicies,
          ),
        ),
        groupsOf(UserName),
        boundaryArn,
      ),
    role: (RoleName, boundaryArn) =>
      together(
        own(
          list(
            "iam:ListRolePolicies",
            (page) => iam.send(new ListRolePoliciesCommand({ RoleName, ...page })),
            (page) => page.PolicyNames,
          ),
          (PolicyName) =>
            read("iam:GetRolePolicy", accountId, async () => {
              const answer = await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }));
              return answer.PolicyDocument;
            }),
          list(
            "iam:ListAttachedRolePolicies",
            (page) => iam.send(new ListAttachedRolePoliciesCommand({ RoleName, ...page })),
            (page) => page.AttachedPolicies,
          ),
        ),
        Promise.resolve(known([])),
        boundaryArn,
      ),
  };
};
