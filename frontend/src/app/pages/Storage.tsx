import { useTitle } from "@/app/useTitle";
import { StoragePanel } from "@/features/storage/StoragePanel";
import { s } from "@/shared/strings";

export function Storage() {
  useTitle(s.memory.storage);
  return <StoragePanel />;
}
