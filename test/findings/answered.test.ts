import { describe, expect, it } from "vitest";
import { AccessDeniedError, StoreError, ThrottledError } from "../../shared/errors.ts";
import { answered } from "../../shared/findings/answered.ts";

const failing = (name: string, message = "no") =>
  answered(() => Promise.reject(Object.assign(new Error(message), { name })));

describe("a call to the table", () => {
  it("that is denied says which permission is missing, and no other try mends it", async () => {
    const denied = failing(
      "AccessDeniedException",
      "User: arn:aws:sts::111122223333:assumed-role/iam-warden-remediate-function/x is not authorized to perform: dynamodb:UpdateItem on resource: arn:aws:dynamodb:eu-west-1:111122223333:table/t",
    );
    await expect(denied).rejects.toBeInstanceOf(AccessDeniedError);
    await expect(denied).rejects.toMatchObject({ permission: "dynamodb:UpdateItem", retryable: false });
    await expect(failing("AccessDeniedException")).rejects.toMatchObject({ permission: "dynamodb" });
  });

  it("that is throttled, or fails otherwise, may be answered later", async () => {
    await expect(failing("ThrottlingException")).rejects.toBeInstanceOf(ThrottledError);
    await expect(failing("InternalServerError")).rejects.toBeInstanceOf(StoreError);
  });
});
