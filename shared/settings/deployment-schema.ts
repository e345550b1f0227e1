import * as z from "zod";
import { accountId, email } from "./schema-parts.ts";

/** Where IAM's own events appear, in each partition: every account has its rules there in any case. */
const homeRegions = ["us-east-1", "cn-north-1", "us-gov-west-1"];

const regionError = "a Region, such as eu-central-1";
const region = z
  .string({ error: regionError })
  .regex(/^[a-z]{2,4}(?:-[a-z]{2,9}){1,2}-\d{1,2}$/, { error: regionError });

const organizationIdError = "the organization's id, such as o-a1b2c3d4e5";
const targetError = "the organization's root (r-…) or an OU (ou-…-…), by id";

/** Where iam-warden is deployed. Only the deployment reads it; what does not stand here is a parameter of the stacks. */
export const deploymentSchema = z
  .strictObject({
    hubAccountId: accountId.exactOptional().describe("The account that iam-warden runs in, in quotes."),
    hubRegion: region.exactOptional().describe("The Region that it runs in, such as eu-central-1."),
    organizationId: z
      .string({ error: organizationIdError })
      .regex(/^o-[a-z0-9]{10,32}$/, { error: organizationIdError })
      .exactOptional()
      .describe("The organization that it watches, such as o-a1b2c3d4e5."),
    targets: z
      .array(
        z
          .string({ error: targetError })
          .regex(/^(?:r-[a-z0-9]{4,32}|ou-[a-z0-9]{4,32}-[a-z0-9]{8,32})$/, { error: targetError }),
      )
      .min(1)
      .max(100)
      .exactOptional()
      .describe("The organization's root, or the OUs, whose accounts are watched, by id."),
    regions: z
      .array(region)
      .min(1)
      .max(40)
      .check(({ value, issues }) => {
        for (const [index, name] of value.entries()) {
          const isHome = homeRegions.includes(name);
          if (!isHome && value.indexOf(name) === index) continue;
          const message = isHome ? "is always among them; leave it out" : "stands here twice; write each Region once";
          issues.push({ code: "custom", path: [index], input: name, message });
        }
      })
      .exactOptional()
      .describe(
        "The Regions to hear of besides the one where IAM's events appear; at least those where people sign in.",
      ),
    members: z
      .enum(["deployed", "kept", "elsewhere"])
      .default("deployed")
      .describe(
        "deployed: the hub's stack deploys to the members. To move the hub (docs/operate.md): kept, their stack set stays when the hub's stack goes; elsewhere, it is not in the hub's stack.",
      ),
    operationsEmail: email.exactOptional().describe("Who is told, by email, when iam-warden itself fails."),
  })
  .prefault({});
