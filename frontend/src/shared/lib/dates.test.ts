import { expect, test } from "vitest";
import { dayIn, dayInWords, momentIn, nextDay, nextMonth, startOfDay } from "@/shared/lib/dates";

test("a moment is told in the zone of the person", () => {
  expect(momentIn("Asia/Tokyo", "2026-03-10T15:30:00Z")).toBe("11 Mar 2026, 00:30");
  expect(momentIn("America/New_York", "2026-03-10T15:30:00Z")).toBe("10 Mar 2026, 11:30");
});

test("a day is the same everywhere", () => {
  expect(dayInWords("2026-11-24")).toMatch(/^Tuesday,? 24 November 2026$/);
  expect(dayIn("Asia/Tokyo", new Date("2026-03-10T15:30:00Z"))).toBe("2026-03-11");
});

test("a day begins at its own midnight, whatever the clocks do on it", () => {
  expect(startOfDay("Europe/Lisbon", "2026-01-15")).toBe("2026-01-15T00:00:00.000Z");
  expect(startOfDay("Europe/Lisbon", "2026-07-15")).toBe("2026-07-14T23:00:00.000Z");
  expect(startOfDay("America/New_York", "2026-03-08")).toBe("2026-03-08T05:00:00.000Z");
  expect(startOfDay("America/New_York", "2026-03-09")).toBe("2026-03-09T04:00:00.000Z");
  expect(startOfDay("Asia/Kathmandu", "2026-11-24")).toBe("2026-11-23T18:15:00.000Z");
});

test("days and months follow one another over the end of a year", () => {
  expect(nextDay("2026-12-31")).toBe("2027-01-01");
  expect(nextDay("2028-02-28")).toBe("2028-02-29");
  expect(nextMonth("2026-12")).toBe("2027-01");
  expect(nextMonth("2026-01")).toBe("2026-02");
});
