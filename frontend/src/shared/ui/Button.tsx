import type { ComponentProps } from "react";

type Look = "primary" | "plain" | "quiet" | "danger";

const BASE =
  "inline-flex min-h-9 items-center justify-center gap-2 rounded-lg px-3 py-1.5 text-sm font-medium transition-colors disabled:cursor-not-allowed disabled:opacity-60";

const LOOKS: Record<Look, string> = {
  primary: "bg-primary text-white hover:bg-primary-hover",
  plain: "border border-field text-ink hover:bg-raised",
  quiet: "text-muted hover:bg-raised hover:text-ink",
  danger: "bg-danger-strong text-white hover:brightness-90",
};

export function buttonClass(look: Look = "plain"): string {
  return `${BASE} ${LOOKS[look]}`;
}

interface Props extends ComponentProps<"button"> {
  look?: Look;
  isBusy?: boolean;
}

export function Button({ look = "plain", isBusy = false, className = "", ...rest }: Props) {
  return (
    <button
      type="button"
      {...rest}
      disabled={rest.disabled === true || isBusy}
      aria-busy={isBusy}
      className={`${buttonClass(look)} ${className}`}
    />
  );
}
