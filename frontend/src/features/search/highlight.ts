export interface Span {
  start: number;
  end: number;
}

export interface Piece {
  text: string;
  isFound: boolean;
}

/** A text cut at what was found in it. Places count code points, as the service does. */
export function pieces(text: string, found: readonly Span[]): Piece[] {
  const points = Array.from(text);
  const cut = (start: number, end?: number) => points.slice(start, end).join("");
  const told: Piece[] = [];
  let place = 0;
  for (const { start, end } of [...found].sort((a, b) => a.start - b.start)) {
    if (start < place || end <= start || start >= points.length) continue;
    if (start > place) told.push({ text: cut(place, start), isFound: false });
    told.push({ text: cut(start, end), isFound: true });
    place = end;
  }
  if (place < points.length) told.push({ text: cut(place), isFound: false });
  return told;
}
