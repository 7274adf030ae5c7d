import type { ReactNode } from "react";

interface Props {
  title?: string;
  aside?: ReactNode;
  children: ReactNode;
  className?: string;
}

/** A part of a page with its heading. */
export function Panel({ title, aside, children, className = "" }: Props) {
  return (
    <section className={`rounded-xl border border-line bg-panel p-4 sm:p-5 ${className}`}>
      {title ? (
        <div className="mb-3 flex flex-wrap items-center justify-between gap-2">
          <h2 className="text-base font-semibold">{title}</h2>
          {aside}
        </div>
      ) : null}
      {children}
    </section>
  );
}
