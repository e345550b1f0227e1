import type { Templates } from "../cloudformation/synthesize.ts";
import { access } from "./acts/access.ts";
import { boundary } from "./acts/boundary.ts";
import { care } from "./acts/care.ts";
import { end } from "./acts/end.ts";
import { exemption } from "./acts/exemption.ts";
import { guardrails } from "./acts/guardrails.ts";
import { organization } from "./acts/organization.ts";
import { outages } from "./acts/outages.ts";
import { policies } from "./acts/policies.ts";
import { root } from "./acts/root.ts";
import { services } from "./acts/services.ts";
import { sweep } from "./acts/sweep.ts";
import { trails } from "./acts/trails.ts";
import { arrange } from "./arrange.ts";
import { type Stage, setStage } from "./stage.ts";

const acts = {
  arrange,
  sweep,
  care,
  policies,
  access,
  trails,
  root,
  organization,
  exemption,
  boundary,
  guardrails,
  services,
  outages,
  end,
};

/**
 * The whole product at work, in two days of an organization, on templates of `scenarioSettings`.
 * @throws UnmetError at the first thing that people do not get; Error where it cannot be deployed, or a call fails
 */
export const runScenario = async (
  templates: Templates,
  { onAct = () => {}, recordsUse = false }: { onAct?: (name: string) => void; recordsUse?: boolean } = {},
): Promise<Stage> => {
  const stage = setStage(templates, { recordsUse });
  try {
    for (const [name, act] of Object.entries(acts)) {
      onAct(name);
      await act(stage);
    }
    return stage;
  } finally {
    stage.wiring.close();
  }
};
