import { Link } from "@tanstack/react-router";
import Renderer, { defaultUrlTransform } from "react-markdown";
import remarkGfm from "remark-gfm";
import { asMarkdown, NOTE_LINK } from "@/features/notes/links";
import type { Note } from "@/features/notes/queries";
import { s } from "@/shared/strings";

interface Props {
  content: string;
  notes: readonly Note[];
}

/** A note as it reads. Markup in it stays text, and pictures of other hosts are named, not loaded. */
export function Markdown({ content, notes }: Props) {
  return (
    <div className="prose-note">
      <Renderer
        remarkPlugins={[remarkGfm]}
        urlTransform={(url) => (url.startsWith(NOTE_LINK) ? url : defaultUrlTransform(url))}
        components={{
          a: ({ href = "", children }) => <Anchor href={href} notes={notes} label={children} />,
          img: ({ alt }) => <span className="text-muted">{s.notes.picture(alt ?? "")}</span>,
        }}
      >
        {asMarkdown(content)}
      </Renderer>
    </div>
  );
}

interface AnchorProps {
  href: string;
  notes: readonly Note[];
  label: React.ReactNode;
}

function Anchor({ href, notes, label }: AnchorProps) {
  if (!href.startsWith(NOTE_LINK)) {
    return (
      <a href={href} target="_blank" rel="noreferrer noopener">
        {label}
      </a>
    );
  }
  const title = decodeURIComponent(href.slice(NOTE_LINK.length));
  const note = notes.find((one) => one.title.toLowerCase() === title.toLowerCase());
  if (!note) return <span title={s.notes.noSuchNote(title)}>{label}</span>;
  return (
    <Link to="/notes/$noteId" params={{ noteId: note.id }}>
      {label}
    </Link>
  );
}
