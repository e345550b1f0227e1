import type { AwsAccess } from "../../shared/aws/access.ts";
import type { Remediation } from "../../shared/remediation/remediation.ts";
import type { Settings } from "../../shared/settings/settings.ts";
import type { InvariantName } from "./invariants.ts";
import type { Sabotage, Seams } from "./seams.ts";

const settingControls = (
  settings: Settings,
  change: (own: Settings["controls"][string]) => Settings["controls"][string],
): Settings => ({
  ...settings,
  controls: Object.fromEntries(Object.entries(settings.controls).map(([id, own]) => [id, change(own)])),
});

const everywhere = (own: Settings["controls"][string]): Settings["controls"][string] => {
  const { scopes: _scopes, ...rest } = own;
  return rest;
};

const storing =
  (change: (remediation: Remediation) => Remediation): Seams["tables"] =>
  ({ remediations, ...tables }) => ({
    ...tables,
    remediations: { ...remediations, put: (remediation) => remediations.put(change(remediation)) },
  });

/** Answers as they were: what was asked once is answered the same for ever. */
const remembering = (): ((aws: AwsAccess) => AwsAccess) => {
  const answers = new Map<string, unknown>();
  return (aws) => ({
    ...aws,
    iam: (accountId) => {
      const client = aws.iam(accountId);
      const send = async (command: { readonly input: object }): Promise<unknown> => {
        const name = command.constructor.name;
        if (!/^(?:GetUser|GetRole|GetLoginProfile|List)/.test(name)) return client.send(command as never);
        const key = `${accountId} ${name} ${JSON.stringify(command.input)}`;
        if (!answers.has(key)) answers.set(key, await client.send(command as never));
        return answers.get(key);
      };
      return { send } as unknown as typeof client;
    },
  });
};

/** What is found and told goes wrong with what is repaired. */
const followUps: readonly InvariantName[] = [
  "every violation has exactly one open finding",
  "nothing compliant has an open finding",
  "every repair can be undone to the byte",
  "an undone repair stays undone",
  "no write without its recorded intent",
  "no undo that nobody asked for",
];

/** Ways to break the repairs. */
export const repairSabotages: readonly Sabotage[] = [
  {
    what: "the table does not keep what is about to be written",
    trips: "no write without its recorded intent",
    mayTrip: followUps,
    seams: () => ({
      tables: ({ remediations, ...tables }) => ({
        ...tables,
        remediations: {
          ...remediations,
          put: async (remediation) => {
            if (remediation.state !== "intended") await remediations.put(remediation).catch(() => {});
          },
        },
      }),
    }),
  },
  {
    what: "every control is to be repaired everywhere",
    trips: "no repair where nobody opted in",
    // By the real settings nothing violates a control that they switch off.
    mayTrip: [...followUps, "no repair of what complies"],
    seams: () => ({
      settings: (settings) => settingControls(settings, (own) => ({ ...everywhere(own), mode: "remediate" })),
    }),
  },
  {
    what: "the ladder does not wait",
    trips: "no repair where nobody opted in",
    mayTrip: followUps,
    seams: () => ({
      settings: (settings) =>
        settingControls(settings, (own) => ({
          ...own,
          ladder: own.ladder.map((step) => ({ ...step, afterHours: 0 })),
          ...(own.scopes && {
            scopes: own.scopes.map((one) => ({
              ...one,
              ladder: one.ladder?.map((step) => ({ ...step, afterHours: 0 })),
            })),
          }),
        })),
    }),
  },
  {
    what: "nobody is ever exempt",
    trips: "no repair of what is exempt",
    firstSeed: 22,
    mayTrip: [...followUps, "every finding was told"],
    seams: () => ({
      tables: ({ exemptions, ...tables }) => ({ ...tables, exemptions: { ...exemptions, list: async () => [] } }),
    }),
  },
  {
    what: "nobody is protected",
    trips: "nothing protected is touched",
    mayTrip: followUps,
    seams: () => ({
      settings: (settings) => ({ ...settings, protectedPrincipals: { users: [], roles: [], paths: [] } }),
    }),
  },
  {
    what: "live facts are old facts",
    trips: "no repair of what complies",
    firstSeed: 142,
    mayTrip: [...followUps, "every finding was told"],
    seams: () => {
      const remember = remembering();
      return { aws: (aws, name) => (name === "remediate" ? remember(aws) : aws) };
    },
  },
  {
    what: "the breaker's counters forget",
    trips: "no breaker's limit is exceeded",
    seams: () => ({
      tables: ({ breakers, ...tables }) => ({
        ...tables,
        breakers: {
          ...breakers,
          look: async () => ({ outcome: "room" }),
          take: async () => ({ outcome: "taken" }),
        },
      }),
    }),
  },
  {
    what: "nothing counts as used",
    trips: "nothing in use is taken away",
    firstSeed: 14,
    seams: () => ({
      settings: (settings) => ({ ...settings, repairs: { ...settings.repairs, inUseDays: 0 } }),
    }),
  },
  {
    what: "before-images are not what stood there",
    trips: "every repair can be undone to the byte",
    mayTrip: followUps,
    seams: () => ({
      tables: storing((remediation) => ({
        ...remediation,
        steps: remediation.steps.map((recorded) =>
          recorded.before.kind === "roleBoundary"
            ? { ...recorded, before: { ...recorded.before, boundaryArn: null } }
            : recorded.before.kind === "accessKey"
              ? { ...recorded, before: { ...recorded.before, status: "Inactive" } }
              : recorded,
        ),
      })),
    }),
  },
  {
    what: "whatever is held counts as approved",
    trips: "nothing irreversible without approval",
    firstSeed: 20,
    mayTrip: [...followUps, "nothing in use is taken away", "no repair where nobody opted in"],
    seams: () => ({
      tables: ({ findings, ...tables }) => ({
        ...tables,
        findings: {
          ...findings,
          get: async (accountId, id) => {
            const finding = await findings.get(accountId, id);
            const { digest, stage, at, why } = finding?.repair ?? {};
            if (finding === undefined || !digest || !stage || !at || !why) return finding;
            return { ...finding, approval: { by: "nobody", at, digest, stage, why } };
          },
        },
      }),
    }),
  },
  {
    what: "a repair is undone at once, and nobody asked",
    trips: "no undo that nobody asked for",
    mayTrip: followUps,
    seams: () => ({
      tables: ({ remediations, ...tables }, { enqueue }) => ({
        ...tables,
        remediations: {
          ...remediations,
          put: async (remediation) => {
            await remediations.put(remediation);
            const { account, id, state } = remediation;
            const asked = { by: "nobody", why: "It was a mistake.", force: true };
            if (state === "verified")
              await enqueue({ kind: "undo", accountId: account.id, remediationId: id, ...asked });
          },
        },
      }),
    }),
  },
  {
    what: "the table says that what was undone had failed",
    trips: "an undone repair stays undone",
    firstSeed: 12,
    mayTrip: followUps,
    seams: () => ({
      tables: ({ remediations, ...tables }) => ({
        ...tables,
        remediations: {
          ...remediations,
          ofFinding: async (accountId, findingId) =>
            (await remediations.ofFinding(accountId, findingId)).map(({ undo, undoneAt, ...remediation }) =>
              remediation.state === "undone"
                ? { ...remediation, state: "failed", failures: 0 }
                : { ...remediation, undo, undoneAt },
            ),
        },
      }),
    }),
  },
];
