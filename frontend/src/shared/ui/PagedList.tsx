import {
  keepPreviousData,
  type QueryKey,
  type UseQueryOptions,
  useQuery,
} from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { Pages } from "@/shared/ui/Pages";
import { Loaded } from "@/shared/ui/states";

interface Props<T, K extends QueryKey> {
  perPage: number;
  queryOf: (page: number) => UseQueryOptions<T, Error, T, K>;
  empty: ReactNode;
  children: (found: T) => ReactNode;
}

/** A list that is read a page at a time, in whichever state it is. */
export function PagedList<T extends { total: number }, K extends QueryKey>(props: Props<T, K>) {
  const [page, setPage] = useState(1);
  const query = useQuery({ ...props.queryOf(page), placeholderData: keepPreviousData });
  return (
    <Loaded query={query} isEmpty={(found) => found.total === 0} empty={props.empty}>
      {(found) => (
        <>
          {props.children(found)}
          <Pages page={page} perPage={props.perPage} total={found.total} onPage={setPage} />
        </>
      )}
    </Loaded>
  );
}
