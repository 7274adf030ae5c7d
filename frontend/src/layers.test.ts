import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { expect, test } from "vitest";

const SRC = join(import.meta.dirname);
const IMPORT = /from "@\/([^"]+)"|import\("@\/([^"]+)"\)/g;

/** app may use everything, a feature itself and what is shared, what is shared only that. */
function mayImport(file: string, imported: string): boolean {
  const [layer, feature] = file.split("/");
  const [theirLayer, theirFeature] = imported.split("/");
  if (layer === "shared") return theirLayer === "shared";
  if (layer !== "features") return true;
  return theirLayer === "shared" || (theirLayer === "features" && theirFeature === feature);
}

const files = readdirSync(SRC, { recursive: true, encoding: "utf8" }).filter((name) =>
  /\.tsx?$/.test(name),
);

test("imports point one way: shared, features, app", () => {
  const wrong = files.flatMap((name) => {
    const file = relative(SRC, join(SRC, name)).replaceAll("\\", "/");
    return [...readFileSync(join(SRC, name), "utf8").matchAll(IMPORT)]
      .map((match) => match[1] ?? match[2] ?? "")
      .filter((imported) => !mayImport(file, imported))
      .map((imported) => `${file} imports ${imported}`);
  });
  expect(wrong).toEqual([]);
});

test("there are no barrel files", () => {
  expect(files.filter((name) => /(^|\/)index\.tsx?$/.test(name))).toEqual([]);
});
