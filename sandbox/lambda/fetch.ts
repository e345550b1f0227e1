import { HttpRequest } from "@smithy/protocol-http";
import type { Fetch } from "../../functions/runtime.ts";
import type { Sandbox } from "../sandbox.ts";

/** The standard `fetch` as the sandbox answers it: for calls that a function signs itself. */
export const fetchThrough =
  (requestHandler: ReturnType<Sandbox["clientConfig"]>["requestHandler"]): Fetch =>
  async ({ protocol, hostname, pathname: path }, { method = "GET", headers, body }) => {
    const given = Object.fromEntries(new Headers(headers));
    const request = new HttpRequest({ method, protocol, hostname, path, headers: given, body });
    const { response } = await requestHandler.handle(request);
    return new Response(response.body, { status: response.statusCode, headers: response.headers });
  };
