import { TagRoleCommand, UpdateRoleCommand } from "@aws-sdk/client-iam";
import { StoreError } from "../../shared/errors.ts";
import type { Finding } from "../../shared/findings/finding.ts";
import type { FindingStore } from "../../shared/findings/store.ts";
import { repairSabotages } from "./repair-sabotages.ts";
import type { Sabotage, Seams } from "./seams.ts";
import { remediateRole } from "./world.ts";

const putting =
  (change: (finding: Finding, store: FindingStore) => Promise<void>): Seams["tables"] =>
  ({ findings, ...tables }) => ({ ...tables, findings: { ...findings, put: (finding) => change(finding, findings) } });

/** One or more for each invariant: what no sabotage trips proves nothing. */
export const sabotages: readonly Sabotage[] = [
  ...repairSabotages,
  {
    what: "the table forgets what is to be told",
    trips: "every finding was told",
    seams: () => ({ tables: putting((finding, store) => store.put({ ...finding, outbox: [] })) }),
  },
  {
    what: "the channel swallows what is published",
    trips: "every finding was told",
    // What nobody was told counts as told, and the ladder goes on by it.
    mayTrip: ["no repair where nobody opted in", "who is cut off is told blind"],
    seams: () => ({ notifier: () => ({ publish: async () => {} }) }),
  },
  {
    what: "the table keeps what was told as still to be told",
    trips: "nothing is left to tell",
    seams: () => ({
      tables: putting(async (finding, store) => {
        const before = await store.get(finding.account.id, finding.id);
        const outbox = finding.outbox.length > 0 ? finding.outbox : (before?.outbox ?? []);
        await store.put({ ...finding, outbox });
      }),
    }),
  },
  {
    what: "findings of roles are not stored",
    trips: "every violation has exactly one open finding",
    seams: () => ({
      tables: putting(async (finding, store) => {
        if (finding.subject.kind !== "role") await store.put(finding);
      }),
    }),
  },
  {
    what: "a finding is stored under two ids",
    trips: "every violation has exactly one open finding",
    mayTrip: ["nothing compliant has an open finding", "every finding was told", "nothing is left to tell"],
    seams: () => ({
      tables: putting(async (finding, store) => {
        await store.put(finding);
        if (finding.version === 1) await store.put({ ...finding, id: [...finding.id].reverse().join("") });
      }),
    }),
  },
  {
    what: "findings are never resolved",
    trips: "nothing compliant has an open finding",
    mayTrip: ["every finding was told"],
    seams: () => ({
      tables: putting(async (finding, store) => {
        if (finding.status === "open") await store.put(finding);
      }),
    }),
  },
  {
    what: "settings that are off do not count",
    trips: "nothing compliant has an open finding",
    seams: () => ({
      settings: (settings) => ({
        ...settings,
        controls: Object.fromEntries(
          Object.entries(settings.controls).map(
            ([id, { scopes: _scopes, ...own }]) => [id, { ...own, mode: "notify" }] as const,
          ),
        ),
      }),
    }),
  },
  {
    what: "root at work is not judged",
    trips: "every activity that arrived is on its finding",
    seams: () => ({
      settings: (settings) => {
        const { "root-activity": own, ...controls } = settings.controls;
        if (own === undefined) return settings;
        const { scopes: _scopes, ...rest } = own;
        return { ...settings, controls: { ...controls, "root-activity": { ...rest, mode: "off" } } };
      },
    }),
  },
  {
    what: "whoever reads a role changes it",
    trips: "nothing but the remediation role writes, and the audit role its mark",
    mayTrip: ["nothing compliant has an open finding", "every violation has exactly one open finding"],
    seams: () => ({
      aws: (aws) => ({
        ...aws,
        iam: (accountId) => {
          const client = aws.iam(accountId);
          const send = async (command: { readonly input: object }): Promise<unknown> => {
            if (command.constructor.name === "GetRoleCommand")
              await client.send(
                new UpdateRoleCommand({
                  RoleName: String(Reflect.get(command.input, "RoleName")),
                  Description: "seen",
                }),
              );
            return client.send(command as never);
          };
          return { send } as unknown as typeof client;
        },
      }),
    }),
  },
  {
    what: "marks are left on another role",
    trips: "nothing but the remediation role writes, and the audit role its mark",
    mayTrip: ["who is heard is not left told blind"],
    seams: () => ({
      aws: (aws) => ({
        ...aws,
        iam: (accountId) => {
          const client = aws.iam(accountId);
          const send = (command: { readonly input: object }): Promise<unknown> =>
            client.send(
              (command instanceof TagRoleCommand
                ? new TagRoleCommand({ ...command.input, RoleName: remediateRole })
                : command) as never,
            );
          return { send } as unknown as typeof client;
        },
      }),
    }),
  },
  {
    what: "marks that wait are not seen",
    trips: "who is cut off is told blind",
    seams: () => ({ tables: (tables) => ({ ...tables, marks: { ...tables.marks, list: async () => [] } }) }),
  },
  {
    what: "marks that arrive are not kept",
    trips: "who is heard is not left told blind",
    seams: () => ({
      tables: (tables) => ({
        ...tables,
        marks: {
          ...tables.marks,
          put: async (marks) => {
            if (marks.arrived === undefined) await tables.marks.put(marks);
          },
        },
      }),
    }),
  },
  {
    what: "a clock stands at no time at all",
    trips: "no function breaks",
    mayTrip: [
      "every violation has exactly one open finding",
      "every activity that arrived is on its finding",
      "who is cut off is told blind",
      "the world comes to rest",
    ],
    seams: () => ({ clock: () => () => new Date(Number.NaN) }),
  },
  {
    what: "no sweep can keep its result",
    trips: "the world comes to rest",
    seams: () => ({
      tables: (tables) => ({
        ...tables,
        findings: {
          ...tables.findings,
          putSweep: () => Promise.reject(new StoreError("The findings table did not answer: it never does")),
        },
      }),
    }),
  },
];
