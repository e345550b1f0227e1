import { troubled } from "../arrange.ts";
import { demand, demandEqual } from "../demand.ts";
import { demandHealth } from "../health.ts";
import type { Stage } from "../stage.ts";

const hooks = "https://hooks.example.com/prod";

/** The first sweep: what it finds, whom it tells, what it writes; and the repairs that come of it, by the breaker's measure. */
export const sweep = async (stage: Stage): Promise<void> => {
  const { sandbox, data, management, hub, web, findings, told, ask, store } = stage;
  await stage.hours(1);
  for (const account of troubled(stage)) {
    const found = (await findings(account)).map((line) => line.replace(/ \w+$/, ""));
    demandEqual(
      found,
      [
        `access-analyzer-missing account/${account.id}`,
        ...["admin-policy role/app", "admin-policy role/limited", "admin-policy role/loose"],
        ...["console-user-without-mfa user/bob", "oidc-provider-unapproved oidcProvider/ci.example.com"],
        "policy-attached-to-user user/bob",
        ...["role-with-unapproved-boundary role/loose", "role-without-boundary role/app"],
        ...(account === data ? ["root-access-key-exists root/root"] : []),
        "saml-provider-unapproved samlProvider/Mine",
        "server-certificate-expired serverCertificate/www.example.com",
        ...["stale-access-key accessKey/bob", "stale-access-key accessKey/robot"],
        "trust-open-to-anyone role/open",
        ...["unused-access-key accessKey/bob", "unused-access-key accessKey/robot", "unused-role role/limited"],
        ...["unused-role role/open", `weak-password-policy account/${account.id}`],
      ],
      `the sweep finds what is wrong in ${account.name}`,
    );
  }
  for (const account of troubled(stage)) {
    const unapproved = (await store.listAll(account.id)).find(({ control }) => control === "oidc-provider-unapproved");
    demand(
      unapproved?.owners?.includes("identity") === true,
      `a provider's own tag in ${account.name} says whose it is`,
    );
  }
  for (const account of [hub, web]) demandEqual(await findings(account), [], `nothing is wrong in ${account.name}`);
  demand(told("news@example.com").includes("digest"), "a digest of the sweep is told");
  // Of root's key everybody hears at once, but for who wants other news.
  for (const endpoint of ["everything@example.com", "critical@example.com", "payments@example.com", hooks])
    demandEqual(
      told(endpoint, data).filter((kind) => kind === "opened").length,
      2,
      `root's key, and a role that anyone can assume, are told to ${endpoint}`,
    );
  const reports = [...sandbox.state.buckets.values()].flatMap(({ objects }) => [...objects.keys()]);
  demand(
    reports.some((key) => key.startsWith("reports/")),
    "a report is written",
    reports,
  );
  demandHealth(stage);

  // More was due than the breaker allows in an hour.
  for (const account of troubled(stage)) {
    demand(told("news@example.com", account).includes("breakerTripped"), `the breaker of ${account.name} trips`);
    const { resumed } = await ask("operator", { command: "resume", scope: account.id });
    demand(resumed, `people let repairs in ${account.name} go on`);
  }
  await stage.hours(2);
  for (const account of troubled(stage)) repaired(account);
  demandEqual(
    told("repairs@example.com", management).filter((kind) => kind === "repaired").length,
    5,
    "each repair is told, and whose it is",
  );
  const payments = told("payments@example.com", management).filter((kind) => kind === "repaired");
  demandEqual(payments.length, 3, "owners are told of the repairs of what is theirs");
  const ofAccount = told("payments@example.com", data).filter((kind) => kind === "repaired");
  demandEqual(ofAccount.length, 5, "the owner of an account is told of all of its repairs");
};

const repaired = ({ id, name, users, roles }: Stage["data"]): void => {
  const own = `arn:aws:iam::${id}:policy/iam-warden-boundary`;
  for (const user of ["bob", "robot"])
    demandEqual(
      users.get(user)?.accessKeys.map(({ status }) => status),
      ["Inactive"],
      `the key of ${user} in ${name} is set inactive`,
    );
  demand(users.get("bob")?.inlinePolicies.has("iam-warden-deny-until-mfa") === true, `bob of ${name} is contained`);
  for (const role of ["app", "loose"])
    demandEqual(roles.get(role)?.boundary, own, `${role} of ${name} has the boundary`);
};
