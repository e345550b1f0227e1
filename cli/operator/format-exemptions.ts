import type { Exemption } from "../../shared/exemptions/exemption.ts";
import type { ListedExemption } from "../../shared/operator/exemptions.ts";
import { visibleText } from "../../shared/visible-text.ts";
import { renderTable } from "../table.ts";

export const formatExemptions = (exemptions: readonly ListedExemption[], width: number): string => {
  if (exemptions.length === 0) return "No exemptions.\n";
  const rows = exemptions.map((one) => [
    one.id,
    one.status,
    one.endedAt?.slice(0, 10) ?? one.until.slice(0, 10),
    visibleText(`${whomWords(one)}. ${one.reason} (${one.by})`),
  ]);
  return renderTable(["ID", "STATUS", "UNTIL", "WHOM, WHY AND BY WHOM"], rows, width);
};

/** Whom an exemption excuses from what, e.g. `role ci-* in Root/Workloads from role-without-boundary`. */
export const whomWords = ({ controls, scope, subject }: Exemption): string => {
  const whom = subject === undefined ? "everything" : `${subject.kind} ${subject.pattern}`;
  const where = "organization" in scope ? "the organization" : "ou" in scope ? scope.ou : `account ${scope.account}`;
  return `${whom} in ${where} from ${controls === "all" ? "all controls" : controls.join(", ")}`;
};
