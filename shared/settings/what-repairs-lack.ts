import type * as z from "zod";
import type { AnyControl } from "../control.ts";
import { controls } from "../controls/catalogue.ts";
import { writes } from "../remediation/writes.ts";
import type { Mode } from "./control-schema.ts";

/** The part of the settings that says where repairs are switched on, and what they have. */
interface Written {
  readonly controls: Readonly<
    Record<
      string,
      {
        readonly mode?: Mode | undefined;
        readonly scopes: readonly { readonly account?: string | undefined; readonly mode?: Mode | undefined }[];
      }
    >
  >;
  readonly repairs: {
    readonly permissionsBoundary: string | null;
    readonly boundaries: Readonly<Record<string, string>>;
    readonly centralRootAccess: boolean;
  };
}

/** An issue for each `mode: remediate` whose repairs could never run, because something else is not set. */
export const whatRepairsLack = (written: Written): readonly z.core.$ZodRawIssue[] =>
  controls.flatMap((control) => {
    const own = written.controls[control.id];
    if (own === undefined) return [];
    const places = [
      { mode: own.mode, account: undefined, path: ["mode"] },
      ...own.scopes.map(({ mode, account }, index) => ({ mode, account, path: ["scopes", index, "mode"] })),
    ];
    return places
      .filter(({ mode }) => mode === "remediate")
      .flatMap(({ account, path }) => {
        const message = lacks(control, written.repairs, account);
        if (message === undefined) return [];
        return [{ code: "custom", input: "remediate", path: ["controls", control.id, ...path], message } as const];
      });
  });

const lacks = (
  control: AnyControl,
  { permissionsBoundary, boundaries, centralRootAccess }: Written["repairs"],
  account: string | undefined,
): string | undefined => {
  const needed = control.type === "state" ? (control.repair?.writes ?? []) : [];
  if (needed.includes("PutRolePermissionsBoundary") && permissionsBoundary === null) {
    const named = account === undefined ? Object.keys(boundaries).length > 0 : Object.hasOwn(boundaries, account);
    const where = account === undefined ? "" : ` or repairs.boundaries."${account}"`;
    if (!named)
      return `is remediate, and no boundary is named that could be attached; write its name in repairs.permissionsBoundary${where}, or notify here`;
  }
  if (needed.some((name) => writes[name].task !== undefined) && !centralRootAccess)
    return "is remediate, which needs central root access; write centralRootAccess: true under repairs if the organization has it, or notify here";
  return undefined;
};
