import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { download, readExport } from "@/features/transfer/export";
import { type Progress, sendImport } from "@/features/transfer/import";
import { dayIn } from "@/shared/lib/dates";
import { count } from "@/shared/lib/numbers";
import { useZone } from "@/shared/session/me";
import { s } from "@/shared/strings";
import { Button } from "@/shared/ui/Button";
import { ErrorLine } from "@/shared/ui/states";

/** Everything out, and in again. */
export function Transfer() {
  return (
    <div className="grid gap-6 md:grid-cols-2">
      <Export />
      <Import />
    </div>
  );
}

function Export() {
  const zone = useZone();
  const [lines, setLines] = useState(0);
  const exporting = useMutation({
    mutationFn: () => readExport(setLines),
    onMutate: () => setLines(0),
    onSuccess: (file) => download(file, `sara-memory-${dayIn(zone, new Date())}.ndjson`),
  });
  return (
    <section aria-labelledby="export" className="space-y-2">
      <h3 id="export" className="text-sm font-semibold">
        {s.transfer.export}
      </h3>
      <p className="text-sm text-muted">{s.transfer.exportHint}</p>
      <Button isBusy={exporting.isPending} onClick={() => exporting.mutate()}>
        {s.transfer.exportNow}
      </Button>
      <p role="status" className="text-sm">
        {exporting.isPending ? s.transfer.exporting(count(lines)) : null}
        {exporting.isSuccess ? s.transfer.exported(count(lines)) : null}
      </p>
      <ErrorLine error={exporting.error} />
    </section>
  );
}

function Import() {
  const client = useQueryClient();
  const input = useRef<HTMLInputElement>(null);
  const [progress, setProgress] = useState<Progress>();
  const importing = useMutation({
    mutationFn: (file: File) => sendImport(file, setProgress),
    onMutate: () => setProgress({ stage: "sending", sent: 0 }),
    onSuccess: () => client.invalidateQueries(),
  });
  const done = importing.data;
  return (
    <section aria-labelledby="import" className="space-y-2">
      <h3 id="import" className="text-sm font-semibold">
        {s.transfer.import}
      </h3>
      <p className="text-sm text-muted">{s.transfer.importHint}</p>
      <input
        ref={input}
        type="file"
        aria-label={s.transfer.importFile}
        accept=".ndjson,.jsonl,application/x-ndjson"
        className="sr-only"
        tabIndex={-1}
        onChange={(event) => {
          const file = event.target.files?.[0];
          if (file) importing.mutate(file);
          event.target.value = "";
        }}
      />
      <Button isBusy={importing.isPending} onClick={() => input.current?.click()}>
        {s.transfer.importNow}
      </Button>
      {importing.isPending && progress?.stage === "sending" ? (
        <progress
          aria-label={s.transfer.importing}
          className="block h-2 w-full"
          value={progress.sent}
        />
      ) : null}
      <p role="status" className="text-sm">
        {importing.isPending && progress ? s.transfer.stage(progress.stage) : null}
        {done ? s.transfer.imported(done) : null}
      </p>
      <ErrorLine error={importing.error} />
    </section>
  );
}
