import { Duration } from "aws-cdk-lib";
import { Dashboard, GraphWidget, type IWidget, type Metric, SingleValueWidget } from "aws-cdk-lib/aws-cloudwatch";
import { Construct } from "constructs";
import { lanes } from "../../shared/events/patterns.ts";
import { counted, measured } from "./metrics.ts";
import type { Watched } from "./operations.ts";

const day = { period: Duration.days(1) };

/** One page for three questions: is it watching, what did it find, what did it do. */
export class Board extends Construct {
  constructor(scope: Construct, id: string, { intake, sweep, escalation, repairs, alerts, notStarted }: Watched) {
    super(scope, id);
    const over = (services: readonly string[], metric: Parameters<typeof counted>[1]): Metric[] =>
      services.map((service) => counted(service, metric, service));
    const finders = ["intake", "sweep-account"];
    const rows: IWidget[][] = [
      [
        new SingleValueWidget({
          title: "Accounts of the last sweep",
          width: 8,
          metrics: [
            counted("digest", "AccountsSwept", "swept").with(day),
            counted("digest", "AccountsUnswept", "not swept").with(day),
          ],
        }),
        graph("Events judged, and how long they waited", [
          ...lanes.flatMap((lane) => [
            intake.queues[lane].queue.metricNumberOfMessagesReceived({ label: `${lane}: messages` }),
            intake.queues[lane].queue.metricApproximateAgeOfOldestMessage({ label: `${lane}: seconds` }),
          ]),
        ]),
        graph("What runs by the clock", [
          sweep.runs.metricSucceeded({ label: "sweeps" }),
          escalation.function.metricInvocations({ label: "hourly runs" }),
        ]),
      ],
      [
        graph("Findings opened", over(finders, "FindingsOpened")),
        graph("Findings resolved", over(finders, "FindingsResolved")),
        graph("What could not be known", over(finders, "UnknownVerdicts")),
      ],
      [
        graph("Notices", [
          alerts.metricNumberOfMessagesPublished({ label: "published" }),
          alerts.metricNumberOfNotificationsDelivered({ label: "delivered to subscribers" }),
          alerts.metricNumberOfNotificationsFailed({ label: "not delivered" }),
        ]),
        graph("Notices that could not be published", over([...finders, "digest", "escalate"], "NotificationsFailed")),
        graph("Laid aside", [
          ...lanes.map((lane) =>
            intake.queues[lane].deadLetters.metricApproximateNumberOfMessagesVisible({ label: lane }),
          ),
          notStarted.metricApproximateNumberOfMessagesVisible({ label: "schedules" }),
          ...(repairs
            ? [repairs.queues.deadLetters.metricApproximateNumberOfMessagesVisible({ label: "repairs" })]
            : []),
        ]),
      ],
      [
        graph("Accounts that no event arrives from", over(["escalate"], "BlindAccounts")),
        graph("How long marks took, in seconds", [measured("intake", "MarkDelaySeconds", "the slowest")]),
        graph("Marks that could not be left", over(["sweep-account", "escalate"], "MarksFailed")),
      ],
    ];
    if (repairs)
      rows.push([
        graph("Repairs", [
          counted("remediate", "RepairsMade", "made"),
          counted("remediate", "RepairsUndone", "undone"),
          counted("remediate", "RepairsFailed", "failed"),
        ]),
        graph("Repairs that wait", [
          counted("remediate", "RepairsHeld", "held"),
          counted("remediate", "BreakersTripped", "breakers tripped"),
        ]),
        graph("What repairs took away", over(["intake"], "DenialsAfterRepair")),
      ]);
    new Dashboard(this, "Dashboard", { dashboardName: "iam-warden", widgets: rows });
  }
}

const graph = (title: string, left: Metric[]): GraphWidget => new GraphWidget({ title, left, width: 8 });
