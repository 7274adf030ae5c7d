import { send } from "@/shared/api/client";
import { problemOf } from "@/shared/api/problem";

const URL_OF_EXPORT = "/memory/export";
const NEWLINE = 10;

/** Reads an export to its end; `onLines` hears how many lines there are so far. */
export async function readExport(onLines: (lines: number) => void): Promise<Blob> {
  const response = await send(new Request(new URL(URL_OF_EXPORT, window.location.origin)));
  if (!response.ok) throw problemOf(response.status, await response.json());
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let lines = 0;
  const reader = response.body?.getReader();
  for (let read = await reader?.read(); read && !read.done; read = await reader?.read()) {
    pieces.push(new Uint8Array(read.value));
    lines += linesIn(read.value);
    onLines(lines);
  }
  return new Blob(pieces, { type: "application/x-ndjson" });
}

export function linesIn(piece: Uint8Array): number {
  let found = 0;
  for (const byte of piece) if (byte === NEWLINE) found += 1;
  return found;
}

/** Hands a file to the browser's downloads. */
export function download(file: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
