import { parseJson } from "./json.ts";
import { AwsError, type Output, type RestRoute } from "./service.ts";

/** The operation that a request by method and path asks for, with its input from the query or the body. */
export const parseRest = (
  routes: Readonly<Record<string, RestRoute>>,
  { method, target, body }: { readonly method: string; readonly target: string; readonly body: string },
): { readonly operation: string; readonly raw: object } => {
  const { pathname, searchParams } = new URL(target, "http://sandbox");
  const found = Object.entries(routes).find(([, route]) => route.method === method && route.path === pathname);
  if (found === undefined) throw new AwsError("UnknownOperationException", `no ${method} ${pathname} here`, 404);
  const [operation, { query = {} }] = found;
  const named = Object.entries(query).flatMap(([parameter, member]) => {
    const value = searchParams.get(parameter);
    return value === null ? [] : [[member, value] as const];
  });
  return { operation, raw: { ...parseJson(body), ...Object.fromEntries(named) } };
};

/** An answer with some members in headers, and perhaps one that is the body as it stands. */
export const restResponse = (
  { status = 200, headers = {}, payload }: RestRoute,
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
