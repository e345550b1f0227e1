/** How an analyzer is called and tagged that iam-warden made: what bears the name alone is somebody else's. */
export const ownAnalyzer = { name: "iam-warden", tags: { "iam-warden": "access-analyzer-missing" } } as const;

export const isOwnAnalyzer = ({ tags }: { readonly tags: Readonly<Record<string, string>> }): boolean =>
  Object.entries(ownAnalyzer.tags).every(([key, value]) => tags[key] === value);
