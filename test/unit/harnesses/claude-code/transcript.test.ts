import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { layHome, transcriptPath } from '../../../../src/harnesses/claude-code/home.ts';
import { followTranscript, type Transcript } from '../../../../src/harnesses/claude-code/transcript.ts';

const uid = process.getuid?.() ?? 0;
const line = (value: unknown): string => `${JSON.stringify(value)}\n`;
const queue = line({ type: 'queue-operation', operation: 'enqueue' });
const prompt = line({ type: 'user', uuid: 'u1', message: { content: [{ type: 'text', text: 'Hi' }] } });
const call = line({ type: 'assistant', message: { content: [{ type: 'tool_use', id: 't1' }] } });
const result = line({ type: 'user', uuid: 'u2', message: { content: [{ type: 'tool_result', tool_use_id: 't1' }] } });
const steer = line({ type: 'attachment', attachment: { type: 'queued_command', source_uuid: 's1' } });

let folder: string;
let file: string;
let archive: string;
const follow = (archived = ''): Transcript =>
  followTranscript({
    file,
    uid,
    archived: Buffer.from(archived),
    async archive(offset, bytes) {
      expect(offset).toBe(archive.length);
      archive += Buffer.from(bytes).toString();
    },
  });

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'tack-transcript-')));
  file = join(folder, 't.jsonl');
  archive = '';
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('followTranscript', () => {
  it('is no transcript any more when it has grown beyond measure, at once or little by little', async () => {
    const archived = Buffer.alloc(200_000_000);
    writeFileSync(file, '');
    truncateSync(file, 270_000_000);
    const kept: number[] = [];
    const transcript = followTranscript({
      file,
      uid,
      archived,
      archive: async (_, bytes) => void kept.push(bytes.length),
    });
    await expect(transcript.follow()).rejects.toMatchObject({ code: 'gate_bypassed' });
    expect(kept).toEqual([]);
  });

  it('archives whole lines, in their order, once', async () => {
    const transcript = follow();
    await transcript.follow();
    expect(archive).toBe('');
    writeFileSync(file, queue + prompt + call.slice(0, 20));
    await Promise.all([transcript.follow(), transcript.follow()]);
    expect(archive).toBe(queue + prompt);
    appendFileSync(file, call.slice(20) + result);
    await transcript.follow();
    expect(archive).toBe(queue + prompt + call + result);
    transcript.assertUntouched();
  });

  it('begins with a prompt: without one Claude Code refuses to resume', async () => {
    const transcript = follow();
    writeFileSync(file, queue);
    await transcript.follow();
    expect(archive).toBe('');
  });

  it('goes on behind what is archived already', async () => {
    archive = queue + prompt;
    writeFileSync(file, queue + prompt + call);
    const transcript = follow(archive);
    expect(transcript.isHeard('u1')).toBe(true);
    await transcript.follow();
    expect(archive).toBe(queue + prompt + call);
  });

  it('knows what it holds: messages of ours, calls, results', async () => {
    const transcript = follow();
    writeFileSync(file, prompt + call);
    expect(await transcript.holds('said:u1')).toBe(true);
    expect(await transcript.holds('call:t1')).toBe(true);
    const later = transcript.holds('result:t1');
    appendFileSync(file, result + steer);
    expect(await later).toBe(true);
    expect(transcript.isHeard('s1')).toBe(true);
    expect(transcript.isHeard('s2')).toBe(false);
  });

  it('waits no longer when nothing more will be written', async () => {
    const transcript = follow();
    writeFileSync(file, prompt);
    const never = transcript.holds('result:t1');
    await transcript.close();
    expect(await never).toBe(false);
    appendFileSync(file, result);
    await transcript.follow();
    expect(archive).toBe(prompt);
  });

  it.each<readonly [string, () => void]>([
    ['became shorter', () => truncateSync(file, 3)],
    ['is gone', () => rmSync(file)],
    ['became a symlink', () => (renameSync(file, `${file}x`), symlinkSync(`${file}x`, file))],
    ['became a folder', () => (rmSync(file), mkdirSync(file))],
    ['lies behind a symlink', () => (renameSync(folder, `${folder}x`), symlinkSync(`${folder}x`, folder))],
  ])('is broken off when the file %s', async (_, change) => {
    const transcript = follow();
    writeFileSync(file, prompt);
    await transcript.follow();
    change();
    await expect(transcript.follow()).rejects.toMatchObject({ code: 'gate_bypassed' });
    rmSync(`${folder}x`, { recursive: true, force: true });
  });

  it('sees that the archived part was changed', async () => {
    const transcript = follow();
    writeFileSync(file, prompt + call);
    await transcript.follow();
    writeFileSync(file, prompt.replace('Hi', 'Ho') + call);
    expect(() => transcript.assertUntouched()).toThrow(expect.objectContaining({ code: 'gate_bypassed' }) as Error);
  });

  it('hands on what the archive says, and says it again', async () => {
    const transcript = followTranscript({
      file,
      uid,
      archived: Buffer.alloc(0),
      archive: () => Promise.reject(new Error('full')),
    });
    writeFileSync(file, prompt);
    await expect(transcript.follow()).rejects.toThrow('full');
    await expect(transcript.holds('said:u1')).rejects.toThrow('full');
  });

  it('takes lines that mean nothing as they are', async () => {
    const transcript = follow();
    writeFileSync(file, `${prompt}no JSON\n7\nnull\n{"type":"user"}\n{"type":"assistant","message":{"content":"x"}}\n`);
    expect(await transcript.holds('said:u1')).toBe(true);
  });
});

describe('layHome', () => {
  const path = transcriptPath('/home/agent/work', 'id');
  const lay = () => layHome(folder, { path, transcript: Buffer.from(prompt), uid });

  it('lays the archive, and leaves nothing of what Claude Code believes', () => {
    for (const name of ['.claude/hooks', '.claude/projects/x']) mkdirSync(join(folder, name), { recursive: true });
    for (const name of ['.claude/settings.json', '.claude.json', '.mcp.json', 'CLAUDE.md', 'kept.txt'])
      writeFileSync(join(folder, name), '{}');
    chmodSync(folder, 0); // an agent may have closed its home to itself
    lay();
    expect(readdirSync(folder, { recursive: true }).toSorted()).toEqual([
      '.claude',
      '.claude/projects',
      '.claude/projects/-home-agent-work',
      path,
      'kept.txt',
    ]);
    expect(readFileSync(join(folder, path), 'utf8')).toBe(prompt);
  });

  it('removes also what the agent closed to everybody, itself included', () => {
    mkdirSync(join(folder, '.claude/projects/x/y'), { recursive: true });
    writeFileSync(join(folder, '.claude/projects/x/settings.json'), '{}');
    for (const name of ['.claude/projects/x/y', '.claude/projects/x', '.claude']) chmodSync(join(folder, name), 0);
    lay();
    expect(readdirSync(join(folder, '.claude'), { recursive: true })).not.toContain('projects/x');
  });

  it('follows no symlink that a former turn left', () => {
    const outside = mkdtempSync(join(tmpdir(), 'tack-outside-'));
    symlinkSync(outside, join(folder, '.claude'));
    lay();
    expect(readdirSync(outside)).toEqual([]);
    rmSync(outside, { recursive: true });
  });
});
