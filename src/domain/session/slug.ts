/** The name of a session's work in git: `refs/tack/work/<slug>` in the project, branch `tack/<slug>` for the person. */

const TITLE_MAX = 40;

/** Words of the title and the end of the id: readable, and its own for each session. */
export function slugOf({ session_id, title }: { readonly session_id: string; readonly title: string }): string {
  const words = title
    .toLowerCase()
    .normalize('NFKD')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, TITLE_MAX)
    .replaceAll(/^-+|-+$/g, '');
  const tail = session_id.slice(-6);
  return words ? `${words}-${tail}` : tail;
}
