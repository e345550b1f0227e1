export interface WireRequest {
  readonly method: string;
  /** The path, with the query if there is one. */
  readonly target: string;
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
  readonly sourceIPAddress: string;
}
