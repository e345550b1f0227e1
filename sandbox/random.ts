/** Uniform numbers in [0, 1) from a seed: the same seed gives the same sequence everywhere (mulberry32). */
export type Random = () => number;

export const createRandom = (seed: number): Random => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

const base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const base64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const base36 = "abcdefghijklmnopqrstuvwxyz0123456789";

/** Identifiers in the shape and length that AWS gives them. */
export interface Ids {
  /**
   * Unique ids of IAM entities, 21 characters: `AIDA…` user, `AROA…` role, `AGPA…` group, `ANPA…` policy, `ACCA…` service credential, `ASCA…`
   * server certificate.
   */
  entity(prefix: "AIDA" | "AROA" | "AGPA" | "ANPA" | "ACCA" | "ASCA"): string;
  /** Access key ids, 20 characters: `AKIA…` long-term, `ASIA…` of a session. */
  accessKey(prefix: "AKIA" | "ASIA"): string;
  /** 40 characters. */
  secret(): string;
  sessionToken(): string;
  /** Lower-case letters and digits, as in `o-…`, `r-…`, `ou-…`. */
  lower(length: number): string;
  /** Twelve digits, the first not zero. */
  account(): string;
  uuid(): string;
}

export const createIds = (random: Random): Ids => {
  const pick = (alphabet: string, length: number): string => {
    let text = "";
    for (let at = 0; at < length; at++) text += alphabet.charAt(Math.floor(random() * alphabet.length));
    return text;
  };
  return {
    entity: (prefix) => prefix + pick(base32, 17),
    accessKey: (prefix) => prefix + pick(base32, 16),
    secret: () => pick(base64, 40),
    sessionToken: () => `IQoJb3JpZ2luX2Vj${pick(base64, 300)}==`,
    lower: (length) => pick(base36, length),
    account: () => pick("123456789", 1) + pick("0123456789", 11),
    uuid: () => {
      const hex = pick("0123456789abcdef", 32);
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
    },
  };
};
