/** What every answer says that is one page of many. */
export interface Paged {
  page: number;
  per_page: number;
  total: number;
}

/** The page after one, when there is one. */
export function nextPage({ page, per_page, total }: Paged): number | undefined {
  return page * per_page < total ? page + 1 : undefined;
}
