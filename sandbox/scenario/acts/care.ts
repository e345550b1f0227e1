import { DeleteUserPolicyCommand } from "@aws-sdk/client-iam";
import { ownTagKeys } from "../../../shared/remediation/step.ts";
import { troubled } from "../arrange.ts";
import { demand, demandEqual } from "../demand.ts";
import type { Stage } from "../stage.ts";
import { waiting } from "../waiting.ts";

/** After the repairs: what they broke is told, who takes one off meets it again, and people undo and finish. */
export const care = async (stage: Stage): Promise<void> => {
  await denials(stage);
  await containedAgain(stage);
  await approveRootKey(stage);
  await approveRest(stage);
  await undoAll(stage);
};

const denials = async (stage: Stage): Promise<void> => {
  const { sandbox, wiring, told } = stage;
  for (const account of troubled(stage)) {
    const action = "DeleteAccountPasswordPolicy";
    const answer = sandbox.use(account.id, { role: "app" }, { service: "iam", action });
    demandEqual(answer, "denied", `the boundary in ${account.name} denies what it does not allow`);
    await wiring.settle();
    demand(told("repairs@example.com", account).includes("denied"), `${account.name} hears what a repair denied`);
  }
};

const containedAgain = async (stage: Stage): Promise<void> => {
  const { iam, wiring } = stage;
  const name = "iam-warden-deny-until-mfa";
  for (const account of troubled(stage)) {
    await iam(account).send(new DeleteUserPolicyCommand({ UserName: "bob", PolicyName: name }));
    await wiring.settle();
    const { users } = account;
    demand(users.get("bob")?.inlinePolicies.has(name) === true, `bob of ${account.name} is contained again at once`);
  }
};

const approveRest = async (stage: Stage): Promise<void> => {
  for (const { control, what, subject, isRepaired } of waiting) {
    // The breaker counts what people approve, too, and its hour is soon full.
    await stage.hours(1);
    for (const account of troubled(stage)) {
      demand(!isRepaired(account), `without a person ${account.name} is given no ${what}`);
      await approve(stage, account, control, "repair", subject);
      demand(isRepaired(account), `${account.name} is given its ${what} once a person approved that`);
    }
  }
};

/** Approves what waits for a person, as `warden plan` and `warden approve` do. */
export const approve = async (
  { ask, wiring, store, sandbox }: Stage,
  account: Stage["data"],
  control: string,
  stage: "repair" | "final",
  subject?: string,
): Promise<void> => {
  const finding = (await store.listAll(account.id)).find(
    (one) => one.control === control && (subject === undefined || one.subject.name === subject),
  );
  const plan = async () => (await ask("operator", { command: "plan", id: finding?.id, stage })).items;
  let items = await plan();
  if (String(items[0]?.why).includes("is being made")) {
    // Of passwords only the credential report knows, which may have to be made first.
    sandbox.clock.advance(60_000);
    items = await plan();
  }
  demandEqual(
    items[0]?.outcome,
    "ready",
    `the plan for ${control} in ${account.name} is ready: ${items[0]?.why ?? ""}`,
  );
  await ask("operator", {
    ...{ command: "approve", id: finding?.id, stage, digest: items[0]?.digest, why: "Nobody missed it." },
  });
  await wiring.settle();
};

const approveRootKey = async (stage: Stage): Promise<void> => {
  const { data, findings } = stage;
  demandEqual(data.root.accessKeys.length, 1, "nobody deletes root's key unasked");
  await approve(stage, data, "root-access-key-exists", "repair");
  demandEqual(data.root.accessKeys, [], "root's key is deleted once a person approved that");
  const found = await findings(data);
  demand(found.includes("root-access-key-exists root/root resolved"), "the finding of root's key resolves", found);
  demandEqual(
    found.filter((line) => line.startsWith("root-activity")),
    [],
    "iam-warden's own session as root is no root activity",
  );
};

const undoAll = async (stage: Stage): Promise<void> => {
  const { ask, store, wiring, told } = stage;
  for (const account of troubled(stage)) {
    for (const { id, subject, repair } of await store.listAll(account.id)) {
      if (repair?.state !== "repaired" || subject.name === "robot" || subject.kind === "root") continue;
      await ask("operator", { command: "undo", id, why: "It broke the build." });
    }
    await wiring.settle();
    const { id, name, users, roles } = account;
    const bob = users.get("bob");
    demandEqual(bob?.accessKeys[0]?.status, "Active", `the undo in ${name} sets the key active`);
    demandEqual([...(bob?.inlinePolicies.keys() ?? [])], ["own"], `the undo in ${name} ends the containment`);
    demandEqual(roles.get("app")?.boundary, undefined, `the undo in ${name} takes the boundary off`);
    demandEqual(roles.get("loose")?.boundary, `arn:aws:iam::${id}:policy/loose`, `the undo in ${name} restores one`);
    demandEqual(
      [...(roles.get("limited")?.inlinePolicies.keys() ?? [])],
      [],
      `the undo in ${name} ends the quarantine`,
    );
    demandEqual(
      [...(roles.get("limited")?.tags.keys() ?? [])].filter((key) => ownTagKeys.some((own) => own === key)),
      [],
      `the undo in ${name} takes the tag of the quarantine off`,
    );
    for (const { what, isRepaired } of waiting) demand(!isRepaired(account), `the undo in ${name} leaves no ${what}`);
    const undone = told("repairs@example.com", account).filter((kind) => kind === "undone");
    demandEqual(undone.length, 8, `each undo in ${name} is told`);
  }
};
