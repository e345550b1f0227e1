import { type AccessKey, addUser, type User } from "../../sandbox/iam/state.ts";
import type { AccountState } from "../../sandbox/state.ts";
import type { Finding } from "../../shared/findings/finding.ts";
import type { Remediation, Stage } from "../../shared/remediation/remediation.ts";
import type { Settings } from "../../shared/settings/settings.ts";
import { settingsOf } from "./settings.ts";
import { deploy } from "./wired/deployment.ts";
import { putRolesEverywhere } from "./wired/hub.ts";
import { type WiredOrganization, wiredOrganization } from "./wired/organization.ts";

export { settingsOf } from "./settings.ts";

// Repairs through the real functions, without the week that a ladder takes.

export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;

/** Repairs one control as soon as people were told, with breakers that a small organization does not trip. */
export const repairing = (control: string, more = "", own = ""): Settings =>
  settingsOf(`version: 1
controls:
  ${control}: { mode: remediate, ladder: [{ after: 0d, do: remediate }]${own} }
${control === "unused-access-key" ? "" : "  unused-access-key: { mode: off }\n"}breaker: { perAccount: { count: 10, percent: 100 }, organization: { count: 10, percent: 100 } }
${more}`);

/** A key of a robot that is as old as that. */
export const addKey = (
  { sandbox }: Pick<WiredOrganization, "sandbox">,
  account: AccountState,
  name = "robot",
  ageDays = 200,
): { readonly user: User; readonly key: AccessKey } => {
  const createdAt = new Date(sandbox.clock.now().getTime() - ageDays * dayMs);
  const user = addUser(account, sandbox.ids, { name, createdAt });
  const number = String(account.users.size).padStart(4, "0");
  const key: AccessKey = { id: `AKIAROBOT${number}${account.id.slice(-7)}`, secret: "x", status: "Active", createdAt };
  user.accessKeys.push(key);
  return { user, key };
};

/** An organization with one stale key, swept and told: its repair is due. */
export const withStaleKey = async (
  settings = repairing("stale-access-key"),
  options: Parameters<typeof wiredOrganization>[0] = {},
) => {
  const organization = wiredOrganization({ settings, ...options });
  const { user, key } = addKey(organization, organization.data);
  await organization.wiring.sweep();
  const finding = await organization.finding(organization.data, "stale-access-key");
  return { ...organization, user, key, found: finding };
};

type Place = Pick<WiredOrganization, "store" | "wiring" | "sandbox">;

/** Asks for the repair of a finding and lets the queues run dry. */
export const askFor = async ({ wiring }: Pick<Place, "wiring">, finding: Finding, stage: Stage = "repair") => {
  const { account, id: findingId } = finding;
  wiring.sendRepair(JSON.stringify({ kind: "repair", accountId: account.id, findingId, stage }));
  await wiring.settle();
};

export const askToUndo = async (
  { wiring }: Pick<Place, "wiring">,
  { account, id }: Pick<Remediation, "account" | "id">,
  { force = false, by = "alice", why = "It broke the build." } = {},
) => {
  wiring.sendRepair(JSON.stringify({ kind: "undo", accountId: account.id, remediationId: id, by, why, force }));
  await wiring.settle();
};

/** A finding as it is stored now. */
export const nowOf = async ({ store }: Pick<Place, "store">, { account, id }: Finding): Promise<Finding> => {
  const finding = await store.get(account.id, id);
  if (finding === undefined) throw new Error(`finding ${id} is gone`);
  return finding;
};

/** A person approves what a finding's repair waits for, or something else. */
export const approve = async (
  place: Pick<Place, "store" | "sandbox">,
  finding: Finding,
  { digest, stage }: { digest?: string; stage?: Stage } = {},
): Promise<void> => {
  const now = await nowOf(place, finding);
  const approval = {
    by: "alice",
    at: place.sandbox.clock.now().toISOString(),
    stage: stage ?? now.repair?.stage ?? "repair",
    digest: digest ?? now.repair?.digest ?? "",
    why: "We agreed on it.",
  };
  await place.store.put({ ...now, approval, version: now.version + 1 });
};

/** The same organization under other settings, as the next deployment has it. */
export const redeployed = (organization: WiredOrganization, settings: Settings): WiredOrganization => {
  organization.wiring.close();
  putRolesEverywhere(organization.sandbox, organization.hub.id, settings);
  const { sandbox, place, telemetry, store, exemptions, remediations, breakers, marks } = organization;
  const stores = { store, exemptions, remediations, breakers, marks };
  return { ...organization, ...deploy(sandbox, place, { telemetry, maxAttempts: 1, settings, ...stores }) };
};

/** The notices that arrived so far, digests left out, by their kind. */
export const kinds = ({ sandbox }: Pick<Place, "sandbox">): string[] =>
  sandbox.deliveries
    .filter(({ protocol }) => protocol === "email")
    .map(({ attributes }) => attributes.kind?.value ?? "")
    .filter((kind) => kind !== "digest");

/** Writes to IAM that iam-warden makes from now on, as `Operation account`; but for the marks on its own role. */
export const watchWrites = ({ sandbox }: Pick<Place, "sandbox">): string[] => {
  const writes: string[] = [];
  sandbox.intercept(({ operation, service, caller }, { RoleName }) => {
    const { principal, account } = caller;
    const isOurs = principal.type === "root" || (principal.type === "role" && /iam-warden/.test(principal.roleName));
    if (operation === "TagRole" && RoleName === "iam-warden-audit") return;
    if (service === "iam" && isOurs && !/^(?:Get|List|Generate|Simulate)/.test(operation))
      writes.push(`${operation} ${account.id}`);
  });
  return writes;
};
