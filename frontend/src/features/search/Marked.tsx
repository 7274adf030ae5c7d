import { pieces, type Span } from "@/features/search/highlight";

/** A text with what was found in it marked. */
export function Marked({ text, found }: { text: string; found: readonly Span[] }) {
  let place = 0;
  return pieces(text, found).map((piece) => {
    place += piece.text.length;
    return piece.isFound ? (
      <mark key={place}>{piece.text}</mark>
    ) : (
      <span key={place}>{piece.text}</span>
    );
  });
}
