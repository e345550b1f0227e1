/**
 * IAM's quotas as documented for accounts that asked for no others. Sizes are in characters, white space not counted; the inline
 * policies of a user, group or role have theirs together.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
export const iamQuotas = {
  managedPolicy: 6_144,
  trustPolicy: 2_048,
  inline: { user: 2_048, group: 5_120, role: 10_240 },
  /** How many managed policies may be attached to one. */
  attached: { user: 10, group: 10, role: 20 },
} as const;
