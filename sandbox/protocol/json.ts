import * as z from "zod";
import { AwsError } from "./service.ts";

const jsonObject = z.record(z.string(), z.unknown());

/** @throws AwsError `SerializationException` when the body is not a JSON object */
export const parseJson = (body: string): Record<string, unknown> => {
  try {
    return jsonObject.parse(JSON.parse(body === "" ? "{}" : body));
  } catch {
    throw new AwsError("SerializationException", "The request body is not a JSON object");
  }
};

const jsonValue = (value: unknown): unknown => {
  if (value instanceof Date) return value.getTime() / 1000;
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (value instanceof Map) return jsonValue(Object.fromEntries(value));
  if (Array.isArray(value)) return value.map(jsonValue);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, jsonValue(item)]));
  }
  return value;
};

export const jsonResponse = (output: object = {}): string => JSON.stringify(jsonValue(output));

const jsonCodes: Readonly<Record<string, string>> = {
  InvalidAction: "UnknownOperationException",
  InvalidClientTokenId: "UnrecognizedClientException",
  ValidationError: "ValidationException",
  InternalFailure: "InternalFailure",
};

/** A code as JSON services spell it: with `Exception` at its end, and some in words of their own. */
export const jsonCode = (code: string): string =>
  jsonCodes[code] ?? (code.endsWith("Exception") ? code : `${code}Exception`);

export const jsonError = ({ code, message }: { code: string; message: string }, codesAsTheyAre = false): string =>
  JSON.stringify({ __type: codesAsTheyAre ? (jsonCodes[code] ?? code) : jsonCode(code), message });
