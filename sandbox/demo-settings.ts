import { parseSettings } from "../shared/settings/parse.ts";
import type { Settings } from "../shared/settings/settings.ts";

/** As its operators would write it: people get a week before anything is repaired, and in production they do it themselves. */
export const demoSettings = ({ approvedBoundary }: { readonly approvedBoundary: string }): Settings =>
  parseSettings(
    `version: 1
controls:
  role-without-boundary:
    mode: remediate
    scopes:
      - { ou: Root/Workloads/Prod, mode: notify }
  stale-access-key:
    mode: remediate
    ladder:
      - { after: 0d, do: notify }
      - { after: 14d, do: remediate }
      - { after: 60d, do: finish }
    scopes:
      - { ou: Root/Workloads/Prod, mode: notify }
breaker:
  perAccount: { count: 10, percent: 20 } # of some twenty roles, 5 % would be one an hour
repairs:
  permissionsBoundary: ${approvedBoundary}
`,
    "the demo's settings",
  );
