import { denialPattern } from "../../shared/after-care/denial-pattern.ts";
import type { EventPattern } from "../../shared/control.ts";
import { controls } from "../../shared/controls/catalogue.ts";
import { ordinary, ours } from "../after-care/messages.ts";

export interface MatcherCase {
  readonly name: string;
  readonly pattern: EventPattern;
  readonly event: unknown;
  readonly matches: boolean;
  /** Moto answers otherwise; who is right, and why. */
  readonly motoDiffers?: string;
}

const scalar = (name: string, value: unknown, values: EventPattern[string], matches: boolean): MatcherCase => ({
  name,
  pattern: { detail: { field: values } },
  event: { source: "aws.iam", detail: { field: value } },
  matches,
});
const motoDiffers = (base: MatcherCase, why: string): MatcherCase => ({ ...base, motoDiffers: why });

const denials = denialPattern(controls) ?? {};

const anEvent = {
  version: "0",
  id: "6a7e8feb-b491-4cf7-a9f1-bf3703467718",
  "detail-type": "AWS API Call via CloudTrail",
  source: "aws.iam",
  account: "111122223333",
  time: "2026-11-22T10:00:00Z",
  region: "us-east-1",
  resources: ["arn:aws:iam::111122223333:user/alice", "arn:aws:iam::111122223333:user/bob"],
  detail: {
    eventSource: "iam.amazonaws.com",
    eventName: "CreateUser",
    userIdentity: { type: "AssumedRole", sessionContext: { sessionIssuer: { userName: "Deployer" } } },
    requestParameters: {
      userName: "alice",
      tags: [
        { key: "team", value: "red" },
        { key: "cost", value: "42" },
      ],
    },
    responseElements: null,
    readOnly: false,
    sourceIPAddress: "203.0.113.7",
  },
};
const whole = (name: string, pattern: EventPattern, matches: boolean): MatcherCase => ({
  name,
  pattern,
  event: anEvent,
  matches,
});

/** What EventBridge answers, by its documentation and the source of its matcher (github.com/aws/event-ruler). */
export const matcherCases: readonly MatcherCase[] = [
  // exact values
  scalar("an equal string matches", "a", ["a"], true),
  scalar("any value of the list will do", "b", ["a", "b"], true),
  scalar("case counts", "A", ["a"], false),
  scalar("an empty string is a value", "", [""], true),
  scalar("a number matches a number", 5, [5], true),
  scalar("a number is not its digits", "5", [5], false),
  scalar("digits are not their number", 5, ["5"], false),
  scalar("true matches true", true, [true], true),
  motoDiffers(
    scalar("true is not one", true, [1], false),
    "we are: moto compares with Python's ==, for which True is 1",
  ),
  scalar("true is not the word", "true", [true], false),
  scalar("null matches null", null, [null], true),
  scalar("null is not the empty string", null, [""], false),
  scalar("null is not false", null, [false], false),
  { name: "null does not match what is absent", pattern: { a: [null] }, event: { b: 1 }, matches: false },
  // prefix and suffix
  scalar("prefix", "us-east-1", [{ prefix: "us-" }], true),
  scalar("prefix, not elsewhere", "aus-east-1", [{ prefix: "us-" }], false),
  scalar("prefix, case counts", "US-east-1", [{ prefix: "us-" }], false),
  scalar("the empty prefix matches any string", "x", [{ prefix: "" }], true),
  scalar("prefix looks at strings only", 55, [{ prefix: "5" }], false),
  scalar("prefix, ignoring case", "US-east-1", [{ prefix: { "equals-ignore-case": "us-E" } }], true),
  scalar("prefix, ignoring case, not elsewhere", "aUS-", [{ prefix: { "equals-ignore-case": "us-" } }], false),
  scalar("suffix", "photo.png", [{ suffix: ".png" }], true),
  scalar("suffix, not elsewhere", "photo.png.txt", [{ suffix: ".png" }], false),
  scalar("suffix, ignoring case", "PHOTO.PNG", [{ suffix: { "equals-ignore-case": ".png" } }], true),
  scalar("suffix looks at strings only", 15, [{ suffix: "5" }], false),
  // equals-ignore-case
  scalar("equals-ignore-case", "ALICE", [{ "equals-ignore-case": "alice" }], true),
  scalar("equals-ignore-case is not a prefix", "alice2", [{ "equals-ignore-case": "alice" }], false),
  // wildcard
  scalar("wildcard, middle", "role/cdk-abc-exec", [{ wildcard: "role/*-exec" }], true),
  scalar("wildcard, a run may be empty", "ab", [{ wildcard: "a*b" }], true),
  scalar("wildcard, several", "a-x-b-y-c", [{ wildcard: "a*b*c" }], true),
  scalar("wildcard, pieces do not overlap", "aba", [{ wildcard: "ab*ba" }], false),
  scalar("wildcard, last piece after the others", "xaXa", [{ wildcard: "*a*a*a" }], false),
  scalar("wildcard, whole value", "xab", [{ wildcard: "a*" }], false),
  scalar("wildcard, escaped asterisk", "a*b", [{ wildcard: "a\\*b" }], true),
  scalar("wildcard, escaped asterisk is no wildcard", "axb", [{ wildcard: "a\\*b" }], false),
  scalar("wildcard, escaped backslash", "a\\b", [{ wildcard: "a\\\\*" }], true),
  scalar("wildcard, alone", "", [{ wildcard: "*" }], true),
  scalar("wildcard looks at strings only", 15, [{ wildcard: "1*" }], false),
  scalar("wildcard, one of a list", "b-1", [{ wildcard: "a-*" }, { wildcard: "b-*" }], true),
  scalar("wildcard, words inside", "denied in a boundary: x", [{ wildcard: "*in a boundary*" }], true),
  scalar("wildcard, case counts", "In A Boundary", [{ wildcard: "*in a boundary*" }], false),
  scalar("wildcard, characters of expressions are literal", "a.c", [{ wildcard: "a.*" }], true),
  scalar("wildcard, a dot is a dot", "abc", [{ wildcard: "a.c" }], false),
  motoDiffers(
    scalar("wildcard spans lines", "a\nb", [{ wildcard: "a*b" }], true),
    "we are: event-ruler matches bytes; moto's expression stops at a line break",
  ),
  // anything-but
  scalar("anything-but, another value", "b", [{ "anything-but": "a" }], true),
  scalar("anything-but, that value", "a", [{ "anything-but": "a" }], false),
  scalar("anything-but a list", "c", [{ "anything-but": ["a", "b"] }], true),
  scalar("anything-but a list, in it", "b", [{ "anything-but": ["a", "b"] }], false),
  scalar("anything-but numbers", 3, [{ "anything-but": [1, 2] }], true),
  scalar("anything-but numbers, in them", 2, [{ "anything-but": [1, 2] }], false),
  scalar("anything-but a string takes other types", 5, [{ "anything-but": "a" }], true),
  scalar("anything-but takes null", null, [{ "anything-but": "a" }], true),
  { name: "anything-but wants a value", pattern: { a: [{ "anything-but": "x" }] }, event: { b: 1 }, matches: false },
  scalar("anything-but prefix, another", "x-1", [{ "anything-but": { prefix: "aws-" } }], true),
  scalar("anything-but prefix, that", "aws-1", [{ "anything-but": { prefix: "aws-" } }], false),
  scalar("anything-but prefixes", "gcp-1", [{ "anything-but": { prefix: ["aws-", "gcp-"] } }], false),
  scalar("anything-but suffix", "a.txt", [{ "anything-but": { suffix: ".png" } }], true),
  scalar("anything-but suffixes", "a.png", [{ "anything-but": { suffix: [".png", ".jpg"] } }], false),
  scalar("anything-but equals-ignore-case", "ADMIN", [{ "anything-but": { "equals-ignore-case": "admin" } }], false),
  scalar(
    "anything-but several, ignoring case",
    "ROOT",
    [{ "anything-but": { "equals-ignore-case": ["admin", "root"] } }],
    false,
  ),
  scalar("anything-but wildcard", "/var/lib/x", [{ "anything-but": { wildcard: "*/lib/*" } }], false),
  scalar("anything-but wildcards", "/var/bin/x", [{ "anything-but": { wildcard: ["*/lib/*", "*/bin/*"] } }], false),
  scalar("anything-but wildcard takes numbers", 5, [{ "anything-but": { wildcard: "5*" } }], true),
  scalar("anything-but wildcard, escaped", "a*", [{ "anything-but": { wildcard: "a\\*" } }], false),
  scalar("anything-but wildcard, another", "/var/bin/x", [{ "anything-but": { wildcard: "*/lib/*" } }], true),
  // exists
  scalar("exists", "a", [{ exists: true }], true),
  scalar("exists, null is a leaf", null, [{ exists: true }], true),
  scalar("exists false, present", "a", [{ exists: false }], false),
  { name: "exists, absent", pattern: { a: [{ exists: true }] }, event: { b: 1 }, matches: false },
  { name: "exists false, absent", pattern: { a: [{ exists: false }] }, event: { b: 1 }, matches: true },
  { name: "exists false below what is absent", pattern: { a: { b: [{ exists: false }] } }, event: {}, matches: true },
  { name: "absent or a value: absent", pattern: { a: ["x", { exists: false }] }, event: {}, matches: true },
  { name: "absent or a value: the value", pattern: { a: ["x", { exists: false }] }, event: { a: "x" }, matches: true },
  { name: "absent or a value: another", pattern: { a: ["x", { exists: false }] }, event: { a: "y" }, matches: false },
  { name: "exists sees leaves only", pattern: { a: [{ exists: true }] }, event: { a: { b: 1 } }, matches: false },
  {
    name: "an object is not a leaf that exists",
    pattern: { a: [{ exists: false }] },
    event: { a: { b: 1 } },
    matches: true,
  },
  motoDiffers(
    scalar("an empty object has no leaf", {}, [{ exists: true }], false),
    "we are: event-ruler lists leaves, and an empty object has none; moto keeps it as a value",
  ),
  motoDiffers(
    scalar("an empty list has no leaf", [], [{ exists: true }], false),
    "we are: event-ruler lists leaves, and an empty list has none; moto keeps it as a value",
  ),
  // numeric
  scalar("numeric =", 5, [{ numeric: ["=", 5] }], true),
  scalar("numeric <", 5, [{ numeric: ["<", 5] }], false),
  scalar("numeric <=", 5, [{ numeric: ["<=", 5] }], true),
  scalar("numeric >", 5.1, [{ numeric: [">", 5] }], true),
  scalar("numeric >=", 4, [{ numeric: [">=", 5] }], false),
  scalar("numeric range, inside", 3, [{ numeric: [">", 0, "<=", 3] }], true),
  scalar("numeric range, outside", 0, [{ numeric: [">", 0, "<=", 3] }], false),
  scalar("numeric looks at numbers only", "3", [{ numeric: ["=", 3] }], false),
  motoDiffers(
    scalar("numeric does not see true", true, [{ numeric: ["=", 1] }], false),
    "we are: moto takes Python's True, an int, for the number 1",
  ),
  motoDiffers(
    scalar("numeric ends at five thousand million", 6e9, [{ numeric: [">", 1] }], false),
    "we are: EventBridge compares from -5e9 to 5e9 only (its user guide); moto has no limit",
  ),
  // cidr
  scalar("cidr, inside", "10.0.0.9", [{ cidr: "10.0.0.0/24" }], true),
  scalar("cidr, outside", "10.0.1.9", [{ cidr: "10.0.0.0/24" }], false),
  scalar("cidr, not an address", "signin.amazonaws.com", [{ cidr: "0.0.0.0/0" }], false),
  scalar("cidr, version 6", "2001:db8::7", [{ cidr: "2001:db8::/32" }], true),
  scalar("cidr, versions do not mix", "10.0.0.9", [{ cidr: "::/0" }], false),
  // fields together
  whole("nested fields", { source: ["aws.iam"], detail: { eventName: ["CreateUser", "DeleteUser"] } }, true),
  whole("every field must match", { source: ["aws.iam"], detail: { eventName: ["DeleteUser"] } }, false),
  whole(
    "deeply nested",
    { detail: { userIdentity: { sessionContext: { sessionIssuer: { userName: ["Deployer"] } } } } },
    true,
  ),
  whole("a field that the event lacks", { detail: { errorCode: ["AccessDenied"] } }, false),
  whole("no error", { detail: { errorCode: [{ exists: false }] } }, true),
  whole("false", { detail: { readOnly: [false] } }, true),
  whole("null below the top", { detail: { responseElements: [null] } }, true),
  // arrays in events
  whole("an element of an array", { resources: ["arn:aws:iam::111122223333:user/bob"] }, true),
  whole("no element of an array", { resources: ["arn:aws:iam::111122223333:user/eve"] }, false),
  whole("an operator over an array", { resources: [{ suffix: "/bob" }] }, true),
  whole("anything-but: another element will do", { resources: [{ "anything-but": { suffix: "/bob" } }] }, true),
  scalar("anything-but: no other element", ["a", "a"], [{ "anything-but": "a" }], false),
  motoDiffers(
    scalar("an array within an array", [["a"], ["b"]], ["b"], true),
    "we are: event-ruler descends into arrays in arrays, moto does not",
  ),
  motoDiffers(
    whole("an object in an array", { detail: { requestParameters: { tags: { key: ["team"] } } } }, true),
    "we are: event-ruler looks into objects in arrays, moto does not",
  ),
  motoDiffers(
    whole(
      "two fields of one element",
      { detail: { requestParameters: { tags: { key: ["team"], value: ["red"] } } } },
      true,
    ),
    "we are: event-ruler looks into objects in arrays, moto does not",
  ),
  whole(
    "two fields of two elements",
    { detail: { requestParameters: { tags: { key: ["team"], value: ["42"] } } } },
    false,
  ),
  motoDiffers(
    whole(
      "absent from every element",
      { detail: { requestParameters: { tags: { key: [{ exists: false }] } } } },
      false,
    ),
    "we are: event-ruler looks into objects in arrays, moto does not",
  ),
  // $or
  whole("$or, one side", { $or: [{ source: ["aws.sts"] }, { account: ["111122223333"] }] }, true),
  whole("$or, neither", { $or: [{ source: ["aws.sts"] }, { account: ["999999999999"] }] }, false),
  whole("$or and a field", { source: ["aws.sts"], $or: [{ account: ["111122223333"] }, { region: ["x"] }] }, false),
  whole("$or below", { detail: { $or: [{ eventName: ["CreateUser"] }, { errorCode: [{ exists: true }] }] } }, true),
  whole(
    "$or within $or",
    { $or: [{ source: ["x"] }, { source: ["aws.iam"], $or: [{ region: ["x"] }, { region: ["us-east-1"] }] }] },
    true,
  ),
  whole("$or with an absence", { $or: [{ source: ["x"] }, { detail: { errorCode: [{ exists: false }] } }] }, true),
  // denials
  ...Object.entries({ ...ours, ...ordinary }).map(
    ([name, { errorCode, errorMessage }]): MatcherCase => ({
      name: `denial, ${name}`,
      pattern: denials,
      event: { ...anEvent, detail: { ...anEvent.detail, errorCode, errorMessage } },
      matches: Object.hasOwn(ours, name),
    }),
  ),
];

/** Patterns that EventBridge refuses: where the mistake is, in words of the message. */
export const malformedPatterns: readonly (readonly [name: string, pattern: unknown, message: RegExp])[] = [
  ["not an object", ["aws.iam"], /top level: expected an object of fields, not \["aws.iam"\]/],
  ["empty", {}, /top level: an empty object/],
  ["empty below", { detail: {} }, /detail: an empty object/],
  ["a bare value", { source: "aws.iam" }, /source: expected an object or a list, not "aws.iam"/],
  ["a bare value below", { detail: { eventName: 5 } }, /detail\.eventName: .*not 5/],
  ["null for a list", { source: null }, /source: .*not null/],
  ["an empty list", { source: [] }, /source: an empty list/],
  ["a list in a list", { source: [["a"]] }, /source\[0\]: a list cannot hold a list/],
  ["an unknown operator", { source: ["a", { regex: "x" }] }, /source\[1\]: there is no operator "regex"/],
  ["an operator misspelt", { source: [{ Prefix: "x" }] }, /source\[0\]: there is no operator "Prefix"/],
  ["no operator", { source: [{}] }, /source\[0\]: .*exactly one operator/],
  ["two operators", { source: [{ prefix: "a", suffix: "b" }] }, /source\[0\]: .*exactly one operator/],
  ["prefix of a number", { source: [{ prefix: 5 }] }, /source\[0\]: prefix takes a string, not 5/],
  ["prefix of a list", { source: [{ prefix: ["a"] }] }, /source\[0\]: prefix takes a string/],
  ["prefix of another operator", { source: [{ prefix: { suffix: "a" } }] }, /suffix cannot be nested/],
  ["suffix of null", { source: [{ suffix: null }] }, /suffix takes a string, not null/],
  ["equals-ignore-case of a list", { source: [{ "equals-ignore-case": ["a"] }] }, /equals-ignore-case takes a string/],
  ["wildcards in a row", { source: [{ wildcard: "a**b" }] }, /consecutive wildcard/],
  ["wildcard of a list", { source: [{ wildcard: ["a*"] }] }, /wildcard takes a string, not \["a\*"\]/],
  ["excluded wildcards in a row", { source: [{ "anything-but": { wildcard: "**" } }] }, /consecutive wildcard/],
  ["no excluded wildcard", { source: [{ "anything-but": { wildcard: [] } }] }, /not an empty list/],
  ["an odd escape", { source: [{ wildcard: "a\\n" }] }, /may escape only/],
  ["an escape at the end", { source: [{ wildcard: "a\\" }] }, /may escape only/],
  ["anything-but a boolean", { source: [{ "anything-but": true }] }, /anything-but takes strings or numbers/],
  ["anything-but null", { source: [{ "anything-but": [null] }] }, /anything-but takes strings or numbers/],
  ["anything-but mixed types", { source: [{ "anything-but": ["a", 1] }] }, /all of one type/],
  ["anything-but nothing", { source: [{ "anything-but": [] }] }, /anything-but takes strings or numbers/],
  ["anything-but exists", { source: [{ "anything-but": { exists: true } }] }, /anything-but/],
  ["anything-but cidr", { source: [{ "anything-but": { cidr: "10.0.0.0/8" } }] }, /anything-but takes no cidr/],
  ["anything-but the empty prefix", { source: [{ "anything-but": { prefix: "" } }] }, /excludes every string/],
  ["exists of a word", { source: [{ exists: "true" }] }, /exists takes true or false, not "true"/],
  ["numeric of a number", { a: [{ numeric: 5 }] }, /numeric takes a list/],
  ["numeric without operand", { a: [{ numeric: [">"] }] }, /numeric/],
  ["numeric with an unknown operator", { a: [{ numeric: ["!=", 5] }] }, /numeric takes =/],
  ["numeric of a string", { a: [{ numeric: [">", "5"] }] }, /not "5"/],
  ["numeric in the wrong order", { a: [{ numeric: ["<", 5, ">", 0] }] }, /lower and then an upper/],
  ["numeric that holds for nothing", { a: [{ numeric: [">", 5, "<", 5] }] }, /holds for no number/],
  ["numeric beyond the limit", { a: [{ numeric: [">", 6e9] }] }, /-5e9 to 5e9/],
  ["cidr without bits", { a: [{ cidr: "10.0.0.0" }] }, /cidr takes a block/],
  ["cidr too long", { a: [{ cidr: "10.0.0.0/33" }] }, /cidr takes a block/],
  ["cidr of a name", { a: [{ cidr: "example/8" }] }, /cidr takes a block/],
  ["$or of one", { $or: [{ source: ["a"] }] }, /\$or: \$or takes a list of at least two/],
  ["$or of values", { $or: ["a", "b"] }, /expected an object of fields/],
  ["$or of operators", { detail: { $or: [{ prefix: ["a"] }, { x: ["b"] }] } }, /detail\.prefix: prefix is an operator/],
];
