import { afterEach, describe, expect, it, vi } from "vitest";
import { defaultProvider } from "../../shared/aws/environment-credentials.ts";

afterEach(() => vi.unstubAllEnvs());

describe("the credentials of a function", () => {
  it("are those of its environment, with the session's token", async () => {
    vi.stubEnv("AWS_ACCESS_KEY_ID", "ASIAEXAMPLE");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
    vi.stubEnv("AWS_SESSION_TOKEN", "token");
    const expected = { accessKeyId: "ASIAEXAMPLE", secretAccessKey: "secret", sessionToken: "token" };
    await expect(defaultProvider()()).resolves.toEqual(expected);
  });

  it.each(["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])("are missed in words without %s", async (name) => {
    vi.stubEnv("AWS_ACCESS_KEY_ID", "ASIAEXAMPLE");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
    vi.stubEnv(name, "");
    await expect(defaultProvider()()).rejects.toThrow("The environment has no credentials");
  });
});
