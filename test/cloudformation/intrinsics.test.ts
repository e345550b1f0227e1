import { describe, expect, it } from "vitest";
import { createResolver } from "../../shared/cloudformation/intrinsics.ts";
import { parameterValues, readTemplate } from "../../shared/cloudformation/template.ts";
import { unresolved } from "../../shared/cloudformation/unresolved.ts";

const template = readTemplate({
  Parameters: {
    Name: { Type: "String", AllowedPattern: "^[a-z]+$" },
    Targets: { Type: "CommaDelimitedList", Default: "" },
  },
  Mappings: { Homes: { aws: { region: "us-east-1" } } },
  Conditions: {
    IsHome: {
      "Fn::Equals": [{ Ref: "AWS::Region" }, { "Fn::FindInMap": ["Homes", { Ref: "AWS::Partition" }, "region"] }],
    },
    IsAway: { "Fn::Not": [{ Condition: "IsHome" }] },
    Both: { "Fn::And": [{ Condition: "IsHome" }, { Condition: "IsAway" }] },
    Either: { "Fn::Or": [{ Condition: "IsHome" }, { Condition: "IsAway" }] },
  },
  Resources: { Queue: { Type: "AWS::SQS::Queue" } },
});
const place = {
  ...{ partition: "aws", accountId: "111122223333", region: "us-east-1" },
  ...{ stackId: "arn:aws:cloudformation:us-east-1:111122223333:stack/hub/1", stackName: "hub" },
};
const resolver = createResolver(template, place, {
  parameters: parameterValues(template, { Name: "ab", Targets: ["r-1", "ou-2"] }),
  ref: (id) => `url of ${id}`,
  attribute: (id, name) => `${name} of ${id}`,
});

describe("a template's functions", () => {
  const cases: Record<string, [unknown, unknown]> = {
    "plain values": [{ a: [1, "x", true, null] }, { a: [1, "x", true, null] }],
    "a pseudo parameter": [{ Ref: "AWS::AccountId" }, "111122223333"],
    "a parameter": [{ Ref: "Name" }, "ab"],
    "a parameter that is a list": [{ Ref: "Targets" }, ["r-1", "ou-2"]],
    "a resource": [{ Ref: "Queue" }, "url of Queue"],
    "an attribute": [{ "Fn::GetAtt": ["Queue", "Arn"] }, "Arn of Queue"],
    "an attribute, in one word": [{ "Fn::GetAtt": "Queue.Arn" }, "Arn of Queue"],
    "Fn::Join": [{ "Fn::Join": [":", ["arn", { Ref: "AWS::Partition" }]] }, "arn:aws"],
    "Fn::Split and Fn::Select": [{ "Fn::Select": ["1", { "Fn::Split": [",", "a,b"] }] }, "b"],
    "Fn::Join of a parameter": [{ "Fn::Join": [",", { Ref: "Targets" }] }, "r-1,ou-2"],
    "Fn::Sub": [{ "Fn::Sub": "${Name}-${AWS::Region}-${Queue.Arn}-${!x}" }, "ab-us-east-1-Arn of Queue-${x}"],
    "Fn::Sub with values of its own": [{ "Fn::Sub": ["${a}${Name}", { a: { Ref: "Name" } }] }, "abab"],
    "Fn::If": [{ "Fn::If": ["IsHome", "here", "there"] }, "here"],
    "AWS::NoValue in an object": [{ a: { "Fn::If": ["IsAway", 1, { Ref: "AWS::NoValue" }] }, b: 2 }, { b: 2 }],
    "AWS::NoValue in a list": [[1, { Ref: "AWS::NoValue" }], [1]],
    "the conditions of a policy's statement, which are none": [
      { Condition: { StringEquals: { a: { Ref: "Name" } } } },
      { Condition: { StringEquals: { a: "ab" } } },
    ],
  };
  it.each(Object.entries(cases))("carries out %s", (_, [value, expected]) => {
    expect(resolver.resolve(value)).toEqual(expected);
  });

  it("carries out conditions", () => {
    expect(["IsHome", "IsAway", "Both", "Either"].map(resolver.holds)).toEqual([true, false, false, true]);
  });

  const failures: Record<string, [unknown, RegExp]> = {
    "a name that is nothing": [{ Ref: "Nobody" }, /Nobody, which is neither/],
    "an attribute of nothing": [{ "Fn::GetAtt": ["Nobody", "Arn"] }, /Nobody, which is no resource/],
    "a function that it does not know": [{ "Fn::Cidr": ["10.0.0.0/8"] }, /nothing here knows Fn::Cidr/],
    "an item that is not there": [{ "Fn::Select": [2, ["a"]] }, /no item 2/],
    "an entry that is not there": [{ "Fn::FindInMap": ["Homes", "aws-cn", "region"] }, /no Homes.aws-cn.region/],
    "a condition that is not there": [{ "Fn::If": ["Nobody", 1, 2] }, /no condition Nobody/],
  };
  it.each(Object.entries(failures))("refuse %s", (_, [value, message]) => {
    expect(() => resolver.resolve(value)).toThrow(message);
  });
});

describe("a template's parameters", () => {
  it("take their defaults, split where they are lists", () => {
    expect(parameterValues(template, { Name: "ab" })).toEqual({ Name: "ab", Targets: [""] });
  });

  it("must be given, known and allowed, and all problems are named at once", () => {
    expect(() => parameterValues(template, { Other: "1" })).toThrow(
      "the template has no parameter Other; parameter Name has no value",
    );
    expect(() => parameterValues(template, { Name: "A1" })).toThrow('parameter Name is "A1"');
  });
});

describe("what only a deployment can tell", () => {
  const open = readTemplate({
    Mappings: { Homes: { aws: { region: "us-east-1" } } },
    Conditions: {
      IsOpen: { "Fn::Equals": [{ Ref: "Name" }, "x"] },
      IsNotOpen: { "Fn::Not": [{ Condition: "IsOpen" }] },
      IsFalse: { "Fn::And": [{ Condition: "IsOpen" }, { "Fn::Equals": ["a", "b"] }] },
      IsTrue: { "Fn::Or": [{ Condition: "IsOpen" }, { "Fn::Equals": [true, "true"] }] },
    },
    Resources: { Queue: { Type: "AWS::SQS::Queue" } },
  });
  const traces: [object, object][] = [];
  const lenient = createResolver(open, place, {
    parameters: { Name: "«Name»" },
    ref: (id) => unresolved(id),
    attribute: (id, name) => unresolved(`${id}.${name}`),
    unresolved,
    traced: (source, made) => traces.push([source, made]),
  });
  const cases: Record<string, [unknown, unknown]> = {
    "in a text": [{ "Fn::Sub": "arn:aws:sqs:::${Queue.Arn}/${Name}" }, "arn:aws:sqs:::«Queue.Arn»/«Name»"],
    "another stack's export": [{ "Fn::ImportValue": "x" }, "«Fn::ImportValue»"],
    "a part of it": [{ "Fn::Select": [4, { "Fn::Split": [":", { Ref: "Name" }] }] }, "«Fn::Select of Name»"],
    "an entry of a mapping by it": [
      { "Fn::FindInMap": ["Homes", { Ref: "Name" }, "region"] },
      "«Fn::FindInMap of Name»",
    ],
    "a default of a mapping": [{ "Fn::FindInMap": ["Homes", "x", "region", { DefaultValue: "d" }] }, "d"],
    "a choice by it": [{ a: { "Fn::If": ["IsOpen", 1, 2] } }, { a: "«Fn::If IsOpen»" }],
    "a choice by it between the same": [{ "Fn::If": ["IsOpen", { a: 1 }, { a: 1 }] }, { a: 1 }],
    "a choice by it in a list, which has both": [
      [{ "Fn::If": ["IsOpen", 1, { Ref: "AWS::NoValue" }] }, 2],
      [1, 2],
    ],
  };
  it.each(Object.entries(cases))("stays open: %s", (_, [value, expected]) => {
    expect(lenient.resolve(value)).toEqual(expected);
  });

  it("makes conditions unknown, unless they are decided all the same", () => {
    expect(["IsOpen", "IsNotOpen", "IsFalse", "IsTrue"].map(lenient.holds)).toEqual([
      "unknown",
      "unknown",
      false,
      true,
    ]);
  });

  it("excuses no mistake", () => {
    expect(() => lenient.resolve({ Ref: "Nobody" })).toThrow("Ref names Nobody");
    expect(() => lenient.resolve({ "Fn::Select": [7, ["a"]] })).toThrow("Fn::Select finds no item 7");
    expect(() => lenient.resolve({ "Fn::If": ["Nobody", 1, 2] })).toThrow("no condition Nobody");
  });

  it("is told where it was made from", () => {
    const value = { list: [{ Ref: "Name" }] };
    const made = lenient.resolve(value);
    expect(traces).toContainEqual([value, made]);
    expect(traces.some(([source]) => source === value.list)).toBe(true);
  });
});
