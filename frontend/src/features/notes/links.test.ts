import { expect, test } from "vitest";
import { asMarkdown, completions, filtered, typedLink, withLink } from "@/features/notes/links";

test("a link is being typed from the brackets on, until it is closed", () => {
  expect(typedLink("See [[An", 8)).toEqual({ words: "An", start: 4 });
  expect(typedLink("See [[", 6)).toEqual({ words: "", start: 4 });
  expect(typedLink("See [[Ana]] and", 15)).toBeUndefined();
  expect(typedLink("See [[Ana|her", 13)).toBeUndefined();
  expect(typedLink("See [[An\na", 10)).toBeUndefined();
});

test("taking a title writes the link out and puts the cursor behind it", () => {
  const typed = typedLink("See [[An today", 8);
  expect(typed && withLink("See [[An today", 8, typed, "Ana")).toEqual({
    content: "See [[Ana]] today",
    cursor: 11,
  });
  expect(typed && withLink("See [[An]] today", 8, typed, "Ana").content).toBe("See [[Ana]] today");
});

test("titles that begin with what was typed come first", () => {
  expect(completions(["Lisbon", "Ana in Lisbon", "Liszt"], "lis", 5)).toEqual([
    "Lisbon",
    "Liszt",
    "Ana in Lisbon",
  ]);
  expect(completions(["a", "b", "c"], "", 2)).toHaveLength(2);
});

test("links become links, and code stays code", () => {
  expect(asMarkdown("See [[Ana]] and [[Lisbon|the town]].")).toBe(
    "See [Ana](#note:Ana) and [the town](#note:Lisbon).",
  );
  expect(asMarkdown("`[[Ana]]`\n```\n[[Ana]]\n```")).toBe("`[[Ana]]`\n```\n[[Ana]]\n```");
});

test("a filter wants every word, in the title or the text", () => {
  const notes = [
    { title: "Lisbon", content: "The hotel is near the river." },
    { title: "Porto", content: "Also a river." },
  ];
  expect(filtered(notes, "RIVER lis").map((note) => note.title)).toEqual(["Lisbon"]);
  expect(filtered(notes, " ")).toHaveLength(2);
});
