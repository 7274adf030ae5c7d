const HEADING = /^([^:]{1,60}): (.*)$/s;

/** `Plans: We paint the room.` in its two parts; a line without a heading is all text. */
export function headingOf(line: string): { heading: string; text: string } {
  const match = HEADING.exec(line);
  return { heading: match?.[1] ?? "", text: match?.[2] ?? line };
}
