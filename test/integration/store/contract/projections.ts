import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Envelope } from '../../../../src/domain/events/envelope.ts';
import { foldSession, type SessionFold } from '../../../../src/domain/events/fold-session.ts';
import type { NewEvent } from '../../../../src/domain/events/new-event.ts';
import { fold } from '../../../../src/domain/session/fold.ts';
import { statusOf } from '../../../../src/domain/session/status.ts';
import * as say from '../../../unit/domain/session/a-session.ts';
import { aSession, at, PHASES, tell, type Told } from '../../../unit/domain/session/a-session.ts';
import type { Given, Use } from '../contract.ts';
import { message, SESSION } from './an-event.ts';

export function projectionContract(use: Use): void {
  describe('projections', () => {
    const write = async ({ log }: Told, session_id = SESSION) => {
      for (const [n, event] of log.entries()) await use().store.log.append(session_id, null, `${n}`, [event]);
    };

    it.each(Object.keys(PHASES) as (keyof typeof PHASES)[])(
      'shows a session that is “%s” as the fold of its log',
      async (phase) => {
        const { other } = use();
        const told = PHASES[phase]();
        await write(told);
        expect(await other.projections.session(SESSION)).toMatchObject({
          ...statusOf(told.state),
          session_id: SESSION,
          title: 'A session',
          agent: 'coder',
          harness: 'scripted',
          head_seq: told.log.length,
          queued: told.state.queue.length,
          turns: told.log.filter(({ type }) => type === 'turn.started').length,
        });
      },
    );

    it('is the same row however the events were cut into appends', async () => {
      const { store } = use();
      const told = PHASES.expired();
      const observed = [message('hm'), usage(10, 5), usage(7, 1)];
      const events: readonly NewEvent[] = [...told.log.slice(0, 4), ...observed, ...told.log.slice(4)];
      let n = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 20, maxLength: 20 }), async (cuts) => {
          const session_id = `ses_${(n += 1)}`;
          for (let from = 0, cut = 0; from < events.length; from += cuts[cut - 1]!)
            await store.log.append(session_id, null, `${from}`, events.slice(from, from + cuts[cut++]!));
          const row = await store.projections.session(session_id);
          expect(row).toEqual(await rowFromLog(use(), session_id));
          expect(row).toMatchObject({ status: 'paused', input_tokens: 17, output_tokens: 6 });
        }),
        { numRuns: 15 },
      );
    });

    it('writes nothing when the append is refused', async () => {
      const { store } = use();
      await write(aSession());
      const before = await store.projections.session(SESSION);
      await expect(store.log.append(SESSION, 3, 'x', [usage(1, 1)])).rejects.toMatchObject({
        code: 'store_stale_epoch',
      });
      expect(await store.projections.session(SESSION)).toEqual(before);
    });

    it('lists sessions newest first, page by page, by status and project', async () => {
      const { store, other, time } = use();
      const names = ['a', 'b', 'c', 'd', 'e'].map((name) => `ses_${name}`);
      for (const [n, session_id] of names.entries()) {
        if (n !== 3) time.now += 1_000; // c and d came in the same moment
        const told = n % 2 === 0 ? aSession() : tell(aSession(), say.prompt(1));
        const [first, ...rest] = told.log;
        const project_id = n < 3 ? 'prj_1' : 'prj_2';
        await store.log.append(session_id, null, 'a', [{ ...first!, data: { ...first!.data, project_id } }, ...rest]);
      }
      const list = async (query: Omit<Parameters<typeof other.projections.sessions>[0], 'limit'>, limit = 10) => {
        const { data, has_more } = await other.projections.sessions({ limit, ...query });
        return [data.map(({ session_id }) => session_id.slice(4)).join(''), has_more];
      };
      expect(await list({})).toEqual(['edcba', false]);
      expect(await list({}, 2)).toEqual(['ed', true]);
      expect(await list({ after: 'ses_d' }, 2)).toEqual(['cb', true]);
      expect(await list({ after: 'ses_b' }, 2)).toEqual(['a', false]);
      expect(await list({ after: 'ses_a' }, 2)).toEqual(['', false]);
      expect(await list({ before: 'ses_b' }, 2)).toEqual(['dc', true]);
      expect(await list({ before: 'ses_d' }, 2)).toEqual(['e', false]);
      expect(await list({ order: 'asc', after: 'ses_b' }, 2)).toEqual(['cd', true]);
      expect(await list({ order: 'asc', before: 'ses_d', status: 'idle' }, 1)).toEqual(['c', true]);
      expect(await list({ status: 'starting' })).toEqual(['db', false]);
      expect(await list({ status: 'idle', after: 'ses_e' }, 1)).toEqual(['c', true]);
      expect(await list({ project_id: 'prj_1' })).toEqual(['cba', false]);
      expect(await list({ project_id: 'prj_1', status: 'idle' })).toEqual(['ca', false]);
      expect(await list({ status: 'closed' })).toEqual(['', false]);
      expect(await store.projections.session('ses_none')).toBeNull();
    });

    it('shows an approval with its card, and how it was answered, with the words', async () => {
      const { store, other } = use();
      const card = { title: 'git push', name: 'Bash', input: { command: 'git push' } };
      const refs = { card: await store.blobs.put(JSON.stringify(card)), message: await store.blobs.put('not today') };
      const asked = tell(PHASES.running(), say.ask(1, { card: refs.card }));
      await write(asked);
      expect(await other.projections.approval('apr_1')).toMatchObject({
        approval_id: 'apr_1',
        session_id: SESSION,
        turn_id: 'trn_1',
        kind: 'tool',
        status: 'pending',
        digest: say.sha256('action 1'),
        title: 'git push',
        approval: { ...card, card, rules: ['pushes'] },
        resolution: null,
        expires_at: at(3600),
      });
      await write(tell(asked, say.answer(1, { decision: 'deny', message: refs.message })));
      expect(await other.projections.approval('apr_1')).toMatchObject({
        status: 'decided',
        resolution: { decision: 'deny', message: 'not today', actor: say.ANNA, via: 'cli' },
      });
      expect(await other.projections.approval('apr_none')).toBeNull();
    });

    it('lists approvals with the longest wait first, page by page, by status and session', async () => {
      const { other } = use();
      for (const [n, session_id] of ['ses_a', 'ses_b', 'ses_c'].entries())
        await write(
          tell(
            PHASES.running(),
            { ...say.ask(`${n}.1`), at: at(n) },
            { ...say.ask(`${n}.2`), at: at(n) },
            say.answer(`${n}.1`),
          ),
          session_id,
        );
      const list = async (query: Omit<Parameters<typeof other.projections.approvals>[0], 'limit'>, limit = 10) => {
        const { data, has_more } = await other.projections.approvals({ limit, ...query });
        return [data.map(({ approval_id }) => approval_id.slice(4)).join(' '), has_more];
      };
      expect(await list({})).toEqual(['0.1 0.2 1.1 1.2 2.1 2.2', false]);
      expect(await list({ status: 'pending' })).toEqual(['0.2 1.2 2.2', false]);
      expect(await list({ status: 'pending', after: 'apr_0.2' }, 1)).toEqual(['1.2', true]);
      expect(await list({ session_id: 'ses_b' })).toEqual(['1.1 1.2', false]);
      expect(await list({ session_id: 'ses_b', status: 'decided' })).toEqual(['1.1', false]);
      expect(await list({ after: 'apr_1.1' }, 2)).toEqual(['1.2 2.1', true]);
      expect(await list({ before: 'apr_1.2' }, 2)).toEqual(['0.2 1.1', true]);
      expect(await list({ order: 'desc', after: 'apr_1.1' }, 3)).toEqual(['0.2 0.1', false]);
    });

    it('keeps the state that the log folds to', async () => {
      const { store } = use();
      const told = PHASES.suspended();
      await write(told);
      expect(fold(await store.log.read(SESSION, { after: 0, limit: 100 }))).toEqual(told.state);
    });
  });
}

const usage = (input_tokens: number, output_tokens: number): NewEvent =>
  message('', { type: 'usage.recorded', data: { input_tokens, output_tokens } });

/** Built again from the log alone. */
async function rowFromLog({ store }: Given, session_id: string) {
  const events = await store.log.read(session_id, { after: 0, limit: 1_000 });
  return events.reduce<SessionFold | null>((before, event: Envelope) => foldSession(before, event), null)?.row;
}
