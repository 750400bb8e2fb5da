import { describe, expect, it } from 'vitest';
import { turnUuid } from '../../../../src/harnesses/claude-code/said.ts';
import { createVoice, Resume } from '../../../../src/harnesses/claude-code/voice.ts';
import type { ResumeState } from '../../../../src/harnesses/contract.ts';
import { sha256 } from '../../domain/policy/a-policy.ts';

const ID = '6f1f7b2e-7e0a-4a53-9c1b-0f3a2d1c4b5a';
const text = (words: string) => ({ type: 'text' as const, text: words });
const END = text('(End of the message.)');
const open = (resume: Partial<Resume> = {}, heard: readonly string[] = []) => {
  const saved: ResumeState[] = [];
  const voice = createVoice({
    resume: { native_session_id: ID, steers: [], ...resume },
    isHeard: (uuid) => heard.includes(uuid),
    save: async (state) => void saved.push(state),
    sha256,
  });
  return { voice, saved };
};
const prompt = turnUuid('trn_1', sha256);
const turn = { turn_id: 'trn_1', note: null, content: [text('Mend it.')] };

describe('the first message of an attempt', () => {
  it('is the prompt, under an id that the turn has on every attempt, and never ends in words of the person', async () => {
    expect(await open().voice.begin(turn)).toEqual({ uuid: prompt, content: [text('Mend it.'), END] });
    expect(prompt).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('brings the note before the prompt', async () => {
    const { content } = await open().voice.begin({ ...turn, note: 'It goes on.' });
    expect(content).toEqual([text('It goes on.'), text('Mend it.'), END]);
  });

  it('does not repeat a prompt that was heard', async () => {
    const said = await open({}, [prompt]).voice.begin(turn);
    expect(said.uuid).not.toBe(prompt);
    expect(said.content).toEqual([text('The session was interrupted and goes on now. Go on with the task.'), END]);
    expect((await open({}, [prompt]).voice.begin({ ...turn, note: 'Note.' })).content).toEqual([text('Note.'), END]);
  });

  it('says where the shell stood', async () => {
    const { content } = await open({ cwd: '/home/agent/work/a' }, [prompt]).voice.begin({ ...turn, note: 'Note.' });
    expect(content[1]).toEqual(
      text('Your shell was in /home/agent/work/a, and stands in the root of the worktree now.'),
    );
  });

  it('hands over images, documents and files', async () => {
    const data = Buffer.from('hello').toString('base64');
    const { content } = await open().voice.begin({
      ...turn,
      content: [
        { type: 'image', media_type: 'image/png', data },
        { type: 'file', name: 'a.pdf', media_type: 'application/pdf', data },
        { type: 'file', name: 'a.txt', media_type: 'text/plain', data },
      ],
    });
    expect(content).toEqual([
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data } },
      { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data } },
      text('File a.txt:\nhello'),
      END,
    ]);
  });
});

describe('a message that steers', () => {
  it('is kept before it is said, and brought by the next process until it was heard', async () => {
    const { voice, saved } = open();
    const steer = await voice.steer([text('Quick!')]);
    expect(saved).toEqual([{ native_session_id: ID, steers: [steer] }]);
    const next = open(Resume.parse(saved[0]), [prompt]);
    const first = await next.voice.begin({ ...turn, note: 'Note.' });
    expect(first.content).toEqual([text('Note.'), text('Quick!'), END]);
    // it was heard when the message that brought it was
    const after = open(Resume.parse(next.saved[0]), [prompt, first.uuid]);
    expect((await after.voice.begin({ ...turn, note: 'Note.' })).content).toEqual([text('Note.'), END]);
    expect(after.voice.state()).toEqual({ native_session_id: ID });
    // and not when that one was lost as well
    const lost = open(Resume.parse(next.saved[0]), [prompt]);
    expect((await lost.voice.begin({ ...turn, note: 'Note.' })).content).toContainEqual(text('Quick!'));
  });

  it('is not taken when it cannot be kept', async () => {
    const { voice, saved } = open();
    expect(await voice.steer([text('x'.repeat(64_001))])).toBeNull();
    expect(await voice.steer([{ type: 'image', media_type: 'image/png', data: '' }])).toBeNull();
    expect(saved).toEqual([]);
  });
});
