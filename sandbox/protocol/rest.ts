import { parseJson } from "./json.ts";
import { AwsError, type Output, type RestRoute } from "./service.ts";
import type { WireRequest } from "./wire.ts";

/** What a path has where its template has `{Member}`; `undefined` if it is another path. */
const membersOf = (template: string, path: string): Record<string, string> | undefined => {
  const expected = template.split("/");
  const given = path.split("/").map(decodeURIComponent);
  const [, rest] = /^\{(\w+)\+\}$/.exec(expected.at(-1) ?? "") ?? [];
  if (rest !== undefined && given.length > expected.length)
    given.splice(expected.length - 1, given.length, given.slice(expected.length - 1).join("/"));
  if (given.length !== expected.length) return undefined;
  const members: Record<string, string> = {};
  for (const [index, part] of expected.entries()) {
    const [, member] = /^\{(\w+)\+?\}$/.exec(part) ?? [];
    const value = given[index] ?? "";
    if (member !== undefined) members[member] = value;
    else if (part !== value) return undefined;
  }
  return members;
};

/** The operation that a request by method and path asks for, with its input from path, query, headers and body. */
export const parseRest = (
  routes: Readonly<Record<string, RestRoute>>,
  { method, target, headers, body }: WireRequest,
): { readonly operation: string; readonly raw: object } => {
  const { pathname, searchParams } = new URL(target, "http://sandbox");
  for (const [operation, route] of Object.entries(routes)) {
    const ofPath = route.method === method ? membersOf(route.path, pathname) : undefined;
    if (ofPath === undefined) continue;
    const { input = {} } = route;
    const named = [
      ...Object.entries(input.query ?? {}).map(([name, member]) => [member, searchParams.get(name)] as const),
      ...Object.entries(input.headers ?? {}).map(([name, member]) => [member, headers[name]] as const),
    ].filter(([, value]) => value !== null && value !== undefined);
    const ofBody = input.payload === undefined ? parseJson(body) : { [input.payload]: body };
    return { operation, raw: { ...ofBody, ...Object.fromEntries(named), ...ofPath } };
  }
  throw new AwsError("UnknownOperationException", `no ${method} ${pathname} here`, 404);
};

/** An answer with some members in headers, and perhaps one that is the body as it stands. */
export const restResponse = (
  { status = 200, output: { headers = {}, payload } = {} }: RestRoute,
  output: Output,
): { readonly status: number; readonly headers: Record<string, string>; readonly body: string | Uint8Array } => {
  const named = Object.entries(headers).flatMap(([member, header]) =>
    output[member] === undefined ? [] : [[header, String(output[member])] as const],
  );
  if (payload === undefined) return { status, headers: Object.fromEntries(named), body: JSON.stringify(output) };
  const body = output[payload];
  return {
    status,
    headers: Object.fromEntries(named),
    body: body instanceof Uint8Array ? body : new TextEncoder().encode(String(body ?? "")),
  };
};
