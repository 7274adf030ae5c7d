import { expect, test } from "vitest";
import { headingOf } from "@/features/timeline/summaryLines";

test("a line has a heading only when it begins with one", () => {
  expect(headingOf("Plans: We paint at 10:30.")).toEqual({
    heading: "Plans",
    text: "We paint at 10:30.",
  });
  expect(headingOf("We paint the room.")).toEqual({ heading: "", text: "We paint the room." });
});
