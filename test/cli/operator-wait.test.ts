import { describe, expect, it } from "vitest";
import { repairCame, undoCame } from "../../cli/operator/wait.ts";
import type { Finding } from "../../shared/findings/finding.ts";
import { repaired, undoRefused } from "../../shared/findings/repair-transition.ts";
import type { Shown } from "../../shared/operator/show.ts";
import { aRemediation } from "../remediation/store-contract.ts";
import { aFinding } from "../support/findings.ts";

const id = `${aFinding().id}-0001`;
const minute = (count: number): Date => new Date(Date.UTC(2026, 10, 3, 8, count));
const shown = (finding: Finding): Shown => ({ finding, status: "resolved", remediations: [] });

describe("what came of an undo", () => {
  const standing = repaired(
    aFinding(),
    { why: "It was mended.", stage: "repair", remediationId: id },
    { resolves: true, asOf: minute(1), by: "iam-warden" },
    minute(1),
  );
  const refusedBefore = undoRefused(standing, "Somebody changed it.", minute(2));

  it("is nothing as long as nothing is said of it, whatever was refused before", () => {
    expect(undoCame(shown(standing), id)(shown(standing))).toBeUndefined();
    expect(undoCame(shown(refusedBefore), id)(shown(refusedBefore))).toBeUndefined();
  });

  it("is a refusal that is new, with its reason", () => {
    const refused = undoRefused(refusedBefore, "The user is gone.", minute(3));
    expect(undoCame(shown(refusedBefore), id)(shown(refused))).toEqual({ exitCode: 1, what: "The user is gone." });
  });
});

describe("what came of a repair", () => {
  const verified = { ...aRemediation(), id, state: "verified" as const };
  const cameOf = (stage: "repair" | "final") => {
    const finding = {
      ...aFinding(),
      repair: { state: "repaired", at: "", why: "", stage, remediationId: id } as const,
    };
    return repairCame(shown(aFinding()), stage)({ ...shown(finding), remediations: [{ ...verified, stage }] });
  };

  it("names the undo, unless nothing can undo it", () => {
    expect(cameOf("repair")?.what).toContain("warden undo ");
    expect(cameOf("final")?.what).toContain("Nothing can undo this.");
    expect(cameOf("final")?.what).not.toContain("warden undo ");
  });
});
