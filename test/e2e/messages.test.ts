import { CreateRoleCommand } from "@aws-sdk/client-iam";
import { describe, expect, it } from "vitest";
import { addRole, trusting } from "../../sandbox/iam/state.ts";
import { addSubscription } from "../../sandbox/sns/subscriptions.ts";
import { type SmallOrganization, smallOrganization } from "../support/small-organization.ts";

const withChat = (): SmallOrganization => {
  const organization = smallOrganization();
  const { state, ids } = organization.sandbox;
  const [topic] = state.topics.values();
  if (topic === undefined) throw new Error("no topic");
  const endpoint = "https://global.sns-api.chatbot.amazonaws.com";
  addSubscription(topic, ids, { ownerId: organization.hub.id, protocol: "https", endpoint });
  return organization;
};

const kinds = ({ sandbox }: SmallOrganization): string[] =>
  sandbox.deliveries
    .map(({ protocol, attributes }) => `${protocol} ${attributes.kind?.value} ${attributes.severity?.value}`)
    .sort();

describe("what a neglected account's first sweep sends", () => {
  it("is one digest for 3,000 violations, and what is critical singly", async () => {
    const organization = withChat();
    const { data, sandbox, wiring, store } = organization;
    const createdAt = sandbox.clock.now();
    for (let at = 0; at < 3_000; at++) addRole(data, sandbox.ids, { name: `role-${at}`, createdAt });
    data.root.accessKeys.push({ id: "AKIAROOT000000000000", secret: "secret", status: "Active", createdAt });
    await wiring.sweep();
    expect(await store.listOpen(data.id)).toHaveLength(3_001);
    expect(kinds(organization)).toEqual([
      "email digest critical",
      "email opened critical",
      "https digest critical",
      "https opened critical",
    ]);
    // And nothing again: the next run's digest has no news.
    sandbox.clock.advance(60_000);
    await wiring.sweep();
    expect(kinds(organization).filter((kind) => kind.endsWith("critical"))).toHaveLength(4);
    expect(organization.mails()).toHaveLength(3);
  }, 120_000);
});

const hostile = [
  "<script>alert(1)</script>",
  "*bold* _it_ ~no~ `code`",
  "<!channel> <@U012AB3CD> <https://evil.example|click>",
  "a\nb\r\nSubject: forged",
  "\u202egnp.exe \u200b\u2066x\u2069",
  "\u001b[2J\u001b]0;owned\u0007",
  "x".repeat(300),
];

describe.each(hostile)("the name %j", (name) => {
  it("reaches chat, email and logs as harmless text, from an account, an OU and an event", async () => {
    const organization = withChat();
    const { data, sandbox, iam, wiring, events, store } = organization;
    data.name = name;
    const { organization: tree } = sandbox.state;
    const id = `ou-${tree.rootId.slice(2)}-hostile1`;
    tree.units.set(id, { id, name, parentId: tree.rootId, tags: new Map() });
    data.parentId = id;
    await iam(data).send(
      new CreateRoleCommand({
        RoleName: "export",
        AssumeRolePolicyDocument: trusting({ Service: "lambda.amazonaws.com" }),
      }),
    );
    const [event] = events;
    const { detail } = event ?? { detail: {} };
    const forged = {
      ...detail,
      userAgent: name,
      sourceIPAddress: name,
      awsRegion: name,
      userIdentity: { type: name, arn: name },
    };
    // Ahead of the event itself: this one finds the violation.
    wiring.send(JSON.stringify({ ...event, detail: forged }));
    await wiring.settle();
    await wiring.sweep();

    expect(wiring.deadLetters).toEqual([]);
    const { actor } = await organization.finding(data, "role-without-boundary");
    expect(actor?.userAgent?.slice(0, 20)).toBe(name.slice(0, 20));
    expect((await store.listOpen(data.id)).length).toBeGreaterThan(0);
    expect(sandbox.deliveries.length).toBe(4);
    for (const { protocol, subject = "", message } of sandbox.deliveries) {
      expect(subject.length).toBeLessThan(100);
      expect(subject).toMatch(/^[\x20-\x7e\u00a0-\u{10ffff}]+$/u);
      if (protocol === "email") {
        expect(message).not.toMatch(/[\p{Cc}\p{Cf}](?<!\n)/u);
        expect(message).not.toMatch(/^Subject: forged/m);
      } else {
        const { content } = JSON.parse(message);
        expect(content.title.length).toBeLessThanOrEqual(250);
        expect(content.description.length).toBeLessThanOrEqual(8000);
        const text = `${content.title}\n${content.description}`;
        expect(text).not.toMatch(/[\p{Cc}\p{Cf}](?<!\n)/u);
        expect(text).not.toMatch(/<!channel>|<@U|<https:|<script>/);
      }
    }
  });
});
