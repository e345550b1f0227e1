interface Page<Item, Gap> {
  readonly items: readonly Item[];
  readonly cursor?: string;
  readonly unreadable: readonly Gap[];
}

export interface Collected<Item, Gap> {
  readonly items: readonly Item[];
  readonly unreadable: readonly Gap[];
  /** Whether there may be more than were asked for. */
  readonly more: boolean;
}

/** Asks for page after page until there are `limit` items, or no more. */
export const collectPages = async <Item, Gap>(
  limit: number,
  largestPage: number,
  ask: (args: { readonly limit: number; readonly cursor?: string }) => Promise<Page<Item, Gap>>,
): Promise<Collected<Item, Gap>> => {
  const items: Item[] = [];
  const unreadable: Gap[] = [];
  let cursor: string | undefined;
  do {
    const page = await ask({
      limit: Math.min(limit - items.length, largestPage),
      ...(cursor !== undefined && { cursor }),
    });
    items.push(...page.items);
    unreadable.push(...page.unreadable);
    cursor = page.cursor;
  } while (cursor !== undefined && items.length < limit);
  return { items, unreadable, more: cursor !== undefined };
};
