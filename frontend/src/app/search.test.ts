import { expect, test } from "vitest";
import { recallSearch, searchSearch, shellSearch, signInSearch } from "@/app/search";

test("what makes no sense in the address is as if it were not there", () => {
  expect(recallSearch({ q: 42, k: "ten", when: " " })).toEqual({ q: "42" });
  expect(recallSearch({ q: "Ana", k: 500 })).toEqual({ q: "Ana" });
  expect(searchSearch({ q: "a", kind: "kings", month: "2026-13", page: 0 })).toEqual({ q: "a" });
  expect(shellSearch({ trace: "../etc" })).toEqual({});
});

test("after signing in one goes to a page of this app and nowhere else", () => {
  expect(signInSearch({ next: "/app/notes?x=1" })).toEqual({ next: "/app/notes?x=1" });
  for (const next of ["//evil.example", "https://evil.example", "/memory/export", "javascript:1"]) {
    expect(signInSearch({ next })).toEqual({});
  }
});
