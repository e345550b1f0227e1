import { endExemption, newExemption } from "../../shared/exemptions/exemption.ts";
import { changeFinding } from "../../shared/findings/change.ts";
import { acknowledge } from "../../shared/findings/reconcile.ts";
import { approved } from "../../shared/findings/repair-transition.ts";
import type { Stage } from "../../shared/remediation/remediation.ts";
import type { InstanceParts } from "./handlers.ts";

/** What a person asks for. */
export type OperatorCommand =
  | { readonly command: "ack"; readonly accountId: string; readonly findingId: string }
  | {
      readonly command: "approve";
      readonly accountId: string;
      readonly findingId: string;
      readonly digest: string;
      readonly stage: Stage;
    }
  | { readonly command: "undo"; readonly accountId: string; readonly remediationId: string; readonly force: boolean }
  | { readonly command: "exempt"; readonly request: Readonly<Record<string, unknown>> }
  | { readonly command: "unexempt"; readonly id: string };

export const olga = "arn:aws:sts::111122223333:assumed-role/operators/olga";

/** Does what a person asked for, by the program's own means. */
export const operate = async (parts: InstanceParts, command: OperatorCommand): Promise<unknown> => {
  const { tables, clock, enqueue } = parts;
  switch (command.command) {
    case "ack":
      return acknowledge(tables.findings, command.accountId, command.findingId, olga, clock());
    case "approve": {
      const { accountId, findingId, digest, stage } = command;
      const approval = { by: olga, at: clock().toISOString(), digest, stage, why: "It is known and wanted." };
      await changeFinding(tables.findings, accountId, findingId, (finding) => finding && approved(finding, approval));
      return enqueue({ kind: "repair", accountId, findingId, stage });
    }
    case "undo": {
      const { accountId, remediationId, force } = command;
      return enqueue({ kind: "undo", accountId, remediationId, by: olga, why: "The nightly job broke.", force });
    }
    case "exempt":
      return tables.exemptions.put(newExemption(command.request, { by: olga, now: clock() }));
    case "unexempt": {
      const exemption = await tables.exemptions.get(command.id);
      const ended = exemption && endExemption(exemption, { by: olga, now: clock() });
      return ended === undefined || ended === exemption ? undefined : tables.exemptions.put(ended);
    }
  }
};
