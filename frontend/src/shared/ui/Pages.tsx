import { s } from "@/shared/strings";
import { Button } from "@/shared/ui/Button";

interface Props {
  page: number;
  perPage: number;
  total: number;
  onPage: (page: number) => void;
}

/** Backwards and forwards through pages; nothing when there is only one. */
export function Pages({ page, perPage, total, onPage }: Props) {
  const last = Math.max(1, Math.ceil(total / perPage));
  if (last === 1) return null;
  return (
    <nav aria-label={s.pages.label} className="mt-4 flex items-center justify-center gap-3">
      <Button disabled={page <= 1} onClick={() => onPage(page - 1)}>
        {s.pages.newer}
      </Button>
      <span className="text-sm text-muted">{s.pages.place(page, last)}</span>
      <Button disabled={page >= last} onClick={() => onPage(page + 1)}>
        {s.pages.older}
      </Button>
    </nav>
  );
}
