import { s } from "@/shared/strings";
import { Icon } from "@/shared/ui/Icon";
import { setTheme, useTheme } from "@/shared/ui/theme";

export function ThemeButton() {
  const isDark = useTheme() === "dark";
  const label = isDark ? s.nav.light : s.nav.dark;
  return (
    <button
      type="button"
      onClick={() => setTheme(isDark ? "light" : "dark")}
      aria-label={label}
      title={label}
      className="rounded-lg p-2 text-muted hover:bg-raised hover:text-ink"
    >
      <Icon name={isDark ? "sun" : "moon"} />
    </button>
  );
}
