/** The names of a session's work in git: two refs in the project's repository, one branch in the person's. */

const TITLE_MAX = 40;
const WORK = 'refs/tack/work/';

/** What a person's push brings in: the commit that the session starts from. */
export const baseRefOf = (session_id: string): string => `refs/tack/base/${session_id}`;

/** The work of the session as it was last saved. */
export const workRefOf = (slug: string): string => `${WORK}${slug}`;

/** What the person finds it under once it was fetched. */
export const branchOf = (slug: string): string => `tack/${slug}`;

/** The slug in the ref of a session's work; null in another ref. */
export const slugIn = (ref: string): string | null => (ref.startsWith(WORK) ? ref.slice(WORK.length) : null);

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
