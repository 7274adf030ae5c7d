import { useQuery } from "@tanstack/react-query";
import { s } from "@/shared/strings";
import { namedQuery } from "@/shared/trace/named";
import { Loaded } from "@/shared/ui/states";

const MOST = 10;

/** The first memories that would go, a line each, and how many there are besides. */
export function WouldGo({ ids, total }: { ids: readonly string[]; total: number }) {
  const shown = ids.slice(0, MOST);
  const named = useQuery(namedQuery(shown));
  return (
    <Loaded query={named}>
      {(found) => (
        <ul aria-label={s.forget.memories} className="space-y-1 text-sm">
          {shown.map((id) => (
            <li key={id} className="truncate">
              {found[id]?.content}
            </li>
          ))}
          {total > shown.length ? (
            <li className="text-muted">{s.forget.more(total - shown.length)}</li>
          ) : null}
        </ul>
      )}
    </Loaded>
  );
}
