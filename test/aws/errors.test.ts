import { expect, test } from "vitest";
import { call, classify, isNoSuchEntity } from "../../shared/aws/errors.ts";
import { AccessDeniedError, ThrottledError } from "../../shared/errors.ts";

const sdkError = (name: string, more: object = {}) => Object.assign(new Error("as AWS says it"), { name, ...more });

test.each(["AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationErrorException"])(
  "%s names the permission and the account",
  (name) => {
    const error = classify(sdkError(name), "iam:ListMFADevices", "111122223333");
    expect(error).toBeInstanceOf(AccessDeniedError);
    expect(error).toMatchObject({ permission: "iam:ListMFADevices", retryable: false });
    expect(error?.message).toContain("iam:ListMFADevices was denied in account 111122223333");
    expect(error?.cause).toMatchObject({ name });
  },
);

test.each([
  ["Throttling", {}],
  ["ThrottlingException", {}],
  ["RequestLimitExceeded", {}],
  ["TooManyRequestsException", {}],
  ["Whatever", { $metadata: { httpStatusCode: 429 } }],
  ["Whatever", { $metadata: { httpStatusCode: 503 } }],
  ["ServiceFailureException", { $metadata: { httpStatusCode: 500 } }],
  ["TimeoutError", {}],
  ["Error", { code: "ECONNRESET" }],
  ["Error", { code: "ECONNREFUSED" }],
])("%s %j is to be tried again later", (name, more) => {
  expect(classify(sdkError(name, more), "iam:GetUser")).toBeInstanceOf(ThrottledError);
});

test.each(["NoSuchEntity", "NoSuchEntityException"])("%s is no matter of permission or load", (name) => {
  expect(isNoSuchEntity(sdkError(name))).toBe(true);
  expect(classify(sdkError(name), "iam:GetUser")).toBeUndefined();
});

test.each([undefined, null, "AccessDenied", 3])("a thrown %j is not taken for a denial", (thrown) => {
  expect(classify(thrown, "iam:GetUser")).toBeUndefined();
});

test("what is ours already passes unchanged, and what is nobody's is rethrown as it is", async () => {
  const denied = new AccessDeniedError("sts:AssumeRole", "no");
  await expect(call("iam:GetUser", "1", () => Promise.reject(denied))).rejects.toBe(denied);
  const odd = new RangeError("odd");
  await expect(call("iam:GetUser", "1", () => Promise.reject(odd))).rejects.toBe(odd);
});
