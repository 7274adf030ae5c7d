import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const api = [
  "/auth",
  "/memory",
  "/notes",
  "/search",
  "/knowledge-graph",
  "/settings",
  "/health",
  "/ready",
];

export default defineConfig({
  base: "/app/",
  plugins: [react(), tailwindcss()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: { target: "es2022", assetsInlineLimit: 0, manifest: true },
  server: { proxy: Object.fromEntries(api.map((path) => [path, "http://localhost:8000"])) },
});
