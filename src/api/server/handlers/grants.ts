/** What is allowed without asking, and taking it back. */
import { readGrants } from '../../../domain/approval/read-grants.ts';
import { isTackError, TackError } from '../../../domain/errors.ts';
import type { Handlers } from '../handler.ts';
import { requireSession } from '../known-session.ts';
import type { ServerParts } from '../parts.ts';
import { grantView, type HeldGrant } from '../view/grant.ts';
import { pageOf } from '../view/page.ts';

export function grantHandlers(parts: ServerParts): Handlers['grants'] {
  const { records, projections, engine } = parts;

  async function inForce(session_id: string | undefined, project_id: string | undefined): Promise<HeldGrant[]> {
    const project = session_id === undefined ? project_id : (await requireSession(parts, session_id)).record.project_id;
    const kept =
      project === undefined
        ? await records.allGrants()
        : project === null
          ? []
          : (await records.grants(project)).map((grant) => ({ project_id: project, grant }));
    const held =
      project_id !== undefined && session_id === undefined ? [] : await projections.grants(session_id ?? null);
    const lasting = kept.flatMap(({ project_id: of, grant }) =>
      readGrants([grant]).grants.map((read) => ({ project_id: of, grant: read })),
    ); // what is none allows nothing
    const known = new Set(lasting.map(({ grant }) => grant.grant_id));
    const own = held.filter(({ grant }) => !known.has(grant.grant_id));
    const revoked = await Promise.all(own.map(({ grant }) => records.isGrantRevoked(grant.grant_id)));
    return [...lasting, ...own.filter((_, n) => !revoked[n])];
  }

  /** The session whose person gave it. */
  async function givenIn(grant_id: string): Promise<string | null> {
    const held = (await projections.grants(null)).find(({ grant }) => grant.grant_id === grant_id);
    if (held) return held.session_id;
    const kept = (await records.allGrants()).find(({ grant }) => grant['grant_id'] === grant_id);
    return kept ? ((await projections.approval(String(kept.grant['approval_id'])))?.session_id ?? null) : null;
  }

  return {
    async list({ query: { session_id, project_id, ...query } }) {
      const grants = await inForce(session_id, project_id);
      const made = await Promise.all(grants.map(({ grant }) => projections.approval(grant.approval_id)));
      return pageOf(
        grants.map((grant, n) => grantView(grant, made[n] ?? null)),
        ({ id }) => id,
        query,
      );
    },
    /** In its session's log, so that a running turn asks again; and in the store, for the other sessions of the project. */
    async revoke({ params: { grant_id }, key, actor, via }) {
      const session_id = await givenIn(grant_id);
      const isLogged = session_id !== null && (await loggedIn(session_id));
      const isForgotten = await records.revokeGrant(grant_id);
      if (!isLogged && !isForgotten)
        throw new TackError('grant_not_found', `Nothing is allowed by ${JSON.stringify(grant_id)}.`);
      return { object: 'grant', id: grant_id, revoked: true };

      async function loggedIn(session_id: string): Promise<boolean> {
        try {
          await engine.revokeGrant(session_id, { grant_id, actor, via }, key);
          return true;
        } catch (error) {
          if (isTackError(error) && HOLDS_NONE.has(error.code)) return false;
          throw error;
        }
      }
    },
  };
}

/** The session has ended, or has forgotten it: what it gave to its project may live on. */
const HOLDS_NONE: ReadonlySet<string> = new Set(['grant_not_found', 'session_closed', 'session_not_found']);
