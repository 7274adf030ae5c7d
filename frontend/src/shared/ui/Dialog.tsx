import { type ReactNode, useEffect, useId, useRef } from "react";
import { s } from "@/shared/strings";
import { Icon } from "@/shared/ui/Icon";

interface Props {
  title: string;
  children: ReactNode;
  onClose?: () => void;
  isWide?: boolean;
}

/**
 * A modal window: the browser keeps the focus in it, at first on what is marked `data-first`, and Escape
 * closes it when it may be closed.
 */
export function Dialog({ title, children, onClose, isWide = false }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    shown?.querySelector<HTMLElement>("[data-first]")?.focus();
    return () => shown?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose?.();
      }}
      className={`m-auto max-h-[min(90dvh,60rem)] w-[calc(100%-1.5rem)] overflow-y-auto rounded-2xl border border-line bg-panel p-5 text-ink shadow-2xl ${isWide ? "max-w-3xl" : "max-w-lg"}`}
    >
      <div className="mb-4 flex items-start justify-between gap-4">
        <h2 id={id} className="text-lg font-semibold">
          {title}
        </h2>
        {onClose ? (
          <button
            type="button"
            onClick={onClose}
            aria-label={s.actions.close}
            className="-m-1 rounded-lg p-1.5 text-muted hover:bg-raised hover:text-ink"
          >
            <Icon name="close" />
          </button>
        ) : null}
      </div>
      {children}
    </dialog>
  );
}
