import { answerOf, api, type Schemas } from "@/shared/api/client";
import { problemOf, Unreachable } from "@/shared/api/problem";

export type Imported = Schemas["ImportedOut"];

/** How far an import is: `sent` from 0 to 1, then it is read at the other end. */
export type Progress = { stage: "sending"; sent: number } | { stage: "reading" };

/** Sends an export back. Only XMLHttpRequest says how much of it has been sent. */
export async function sendImport(
  file: Blob,
  onProgress: (progress: Progress) => void,
): Promise<Imported> {
  await answerOf(api.GET("/auth/check")); // a session that has run out is renewed before, not after
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", "/memory/import");
    request.responseType = "json";
    request.setRequestHeader("Content-Type", "application/x-ndjson");
    request.upload.onprogress = ({ loaded, total }) =>
      onProgress({ stage: "sending", sent: total ? loaded / total : 0 });
    request.upload.onload = () => onProgress({ stage: "reading" });
    request.onerror = () => reject(new Unreachable());
    request.onload = () =>
      request.status < 400
        ? resolve(request.response as Imported)
        : reject(problemOf(request.status, request.response));
    request.send(file);
  });
}
