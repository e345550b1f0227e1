import { isIP } from "node:net";

/** Shorter prefixes than these are a large part of the internet. */
const longEnough = { 4: 8, 6: 32 } as const;

/**
 * Why blocks of addresses confine nothing; `undefined`: they do. Blocks that are together larger than a /8, in IPv6 than a /32, count
 * as public. Private ones count for nothing: they are never the source of a call over the internet.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
 */
export const whyPublic = (blocks: readonly string[]): string | undefined => {
  /** Of each family, how much of what is still a network the blocks are. */
  const shares = { 4: 0, 6: 0 };
  for (const block of new Set(blocks)) {
    const [network = "", length] = block.split("/");
    const family = isIP(network);
    const bits = length === undefined ? 128 : Number(length);
    if ((family !== 4 && family !== 6) || !Number.isInteger(bits) || bits < 0) return "it is no block of addresses";
    if (family === 6 && bits >= 7 && /^f[cd]|^fe[89ab]/i.test(network)) continue;
    if (family === 4 && isPrivate(network, bits)) continue;
    // IPv4 has places of its own in IPv6, which nobody here measures.
    if (family === 6 && bits >= 3 && !/^[23][0-9a-f]{3}:/i.test(network)) return "it is no block of public addresses";
    shares[family] += 2 ** (longEnough[family] - bits);
  }
  if (shares[4] <= 1 && shares[6] <= 1) return undefined;
  return blocks.length === 1 ? "it is a large part of the internet" : "they are a large part of the internet";
};

const isPrivate = (network: string, bits: number): boolean => {
  const [first, second = 0] = network.split(".").map(Number);
  if (first === 10) return bits >= 8;
  if (first === 172) return bits >= 12 && second >= 16 && second < 32;
  return first === 192 && second === 168 && bits >= 16;
};
