/** `[[Title]]` in what is written: what is being typed, what it may become, and where it leads. */

export interface Typed {
  /** What stands after the brackets so far. */
  words: string;
  /** Where the brackets begin. */
  start: number;
}

const LONGEST_TITLE = 200;

/** The link that is being typed where the cursor stands, if one is. */
export function typedLink(content: string, cursor: number): Typed | undefined {
  const before = content.slice(Math.max(0, cursor - LONGEST_TITLE), cursor);
  const open = before.lastIndexOf("[[");
  if (open < 0) return undefined;
  const words = before.slice(open + 2);
  if (/[\][|\n]/.test(words)) return undefined;
  return { words, start: cursor - words.length - 2 };
}

/** The text with the link written out, and where the cursor goes. */
export function withLink(
  content: string,
  cursor: number,
  typed: Typed,
  title: string,
): { content: string; cursor: number } {
  const rest = content.slice(cursor).replace(/^\]{1,2}/, "");
  const head = `${content.slice(0, typed.start)}[[${title}]]`;
  return { content: head + rest, cursor: head.length };
}

/** Titles that begin with some words, then those that have them elsewhere. */
export function completions(titles: readonly string[], words: string, most: number): string[] {
  const wanted = words.trim().toLowerCase();
  const found = titles.filter((title) => title.toLowerCase().includes(wanted));
  const rank = (title: string) => (title.toLowerCase().startsWith(wanted) ? 0 : 1);
  return found.sort((a, b) => rank(a) - rank(b) || a.localeCompare(b)).slice(0, most);
}

const LINK = /\[\[([^[\]|\n]+)(?:\|([^[\]\n]*))?\]\]/g;
const CODE = /(```[\s\S]*?(?:```|$)|`[^`\n]*`)/;
export const NOTE_LINK = "#note:";

/** Markdown in which `[[Title]]` and `[[Title|other words]]` are links; code stays as it is. */
export function asMarkdown(content: string): string {
  return content
    .split(CODE)
    .map((part, place) =>
      place % 2 === 1
        ? part
        : part.replace(LINK, (_whole, title: string, shown?: string) => {
            const label = (shown ?? title).replace(/[\\[\]]/g, "\\$&");
            return `[${label}](${NOTE_LINK}${encodeURIComponent(title.trim())})`;
          }),
    )
    .join("");
}

/** The notes whose title or text holds all of some words. */
export function filtered<T extends { title: string; content: string }>(
  notes: readonly T[],
  words: string,
): T[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  return notes.filter((note) => {
    const said = `${note.title}\n${note.content}`.toLowerCase();
    return wanted.every((word) => said.includes(word));
  });
}
