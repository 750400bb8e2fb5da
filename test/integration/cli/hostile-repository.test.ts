/** What a repository that came from elsewhere makes the person's own command do: each attack works on git alone. */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openRepository } from '../../../src/cli/git/repository.ts';
import { takeSnapshot } from '../../../src/cli/git/snapshot.ts';
import { fetchWork, pushBase } from '../../../src/cli/git/transport.ts';
import { git, repositoryWith } from '../../support/repository.ts';
import { startRig } from '../api/rig.ts';

let place: string;
let marker: string;
beforeEach(() => {
  place = realpathSync(mkdtempSync(join(tmpdir(), 'tack-hostile-')));
  marker = join(place, 'marker');
});
afterEach(() => rmSync(place, { recursive: true, force: true }));

describe('a folder that looks like a repository', () => {
  /** Ordinary files of a clone: nothing of its `.git` is the author's. */
  function cloned(): string {
    const author = repositoryWith({
      'README.md': 'hello\n',
      'docs/tool/.gitattributes': '* filter=x\n',
      'docs/tool/HEAD': 'ref: refs/heads/main\n',
      'docs/tool/config': `[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tworktree = .\n[filter "x"]\n\tclean = touch ${marker}; cat\n`,
      'docs/tool/objects/keep': '',
      'docs/tool/refs/keep': '',
    });
    execFileSync('git', ['clone', '-q', author, join(place, 'clone')]);
    rmSync(author, { recursive: true, force: true });
    return join(place, 'clone/docs/tool');
  }

  it('is not taken for one: no command of its settings runs', async () => {
    const folder = cloned();
    git(folder, 'add', 'HEAD');
    expect(existsSync(marker)).toBe(true); // git alone does what it says
    rmSync(marker);
    rmSync(join(folder, 'index'));

    const taken = async () => (await takeSnapshot(await openRepository(folder))).dispose();
    await expect(taken()).rejects.toMatchObject({ code: 'repository_missing' });
    expect(existsSync(marker)).toBe(false);
    expect((await openRepository(join(place, 'clone/docs'))).top).toBe(join(place, 'clone')); // the clone itself is one
  });
});

describe('settings of a repository', () => {
  let server: Server;
  let stranger: Server;
  let heard: string[];
  let base_url: string;
  beforeEach(async () => {
    heard = [];
    server = createServer((_request, response) => void response.writeHead(404).end());
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as { port: number };
    base_url = `http://127.0.0.1:${port}`;
    stranger = createServer((request, response) => {
      heard.push(String(request.headers.authorization));
      response.writeHead(403).end();
    });
    await once(stranger.listen(port, '127.0.0.2'), 'listening');
  });
  afterEach(async () => {
    for (const one of [server, stranger]) {
      one.close();
      one.closeAllConnections();
      await once(one, 'close');
    }
  });

  const remote = () => ({ base_url, token: 'the-token' });

  it('do not lead the token to another host', async () => {
    const folder = repositoryWith({ 'a.txt': 'a\n' });
    try {
      const { host } = new URL(base_url);
      git(folder, 'config', 'http.curloptResolve', `${host}:127.0.0.2`);
      const header = `http.extraHeader=Authorization: Bearer the-token`;
      await once(spawn('git', ['-C', folder, '-c', header, 'ls-remote', `${base_url}/git/prj_1`]), 'close');
      expect(heard).toEqual(['Bearer the-token']); // git alone is led astray
      heard.length = 0;

      const repository = await openRepository(folder);
      await expect(fetchWork(repository, remote(), 'fix')).rejects.toMatchObject({ code: 'git_failed' });
      const snapshot = await takeSnapshot(repository);
      await expect(pushBase(repository, remote(), snapshot, 'ses_12345678')).rejects.toMatchObject({
        code: 'git_failed',
      });
      snapshot.dispose();
      expect(heard).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('start no program in the moment that the token is there', async () => {
    const rig = await startRig();
    const folder = repositoryWith({ 'a.txt': 'a\n' });
    const other = repositoryWith({ 'b.txt': 'b\n' });
    const work = repositoryWith({ 'c.txt': 'c\n' });
    try {
      const repository = await openRepository(folder);
      const remote = { base_url: rig.url, token: rig.token };
      const snapshot = await takeSnapshot(repository);
      await pushBase(repository, remote, snapshot, 'ses_12345678');
      snapshot.dispose();
      git(join(rig.projects, `${repository.project_id}.git`), 'fetch', '-q', work, 'HEAD:refs/tack/work/fix');
      writeFileSync(join(folder, '.git/objects/info/alternates'), `${join(other, '.git/objects')}\n`);
      git(folder, 'config', 'core.alternateRefsCommand', `env >>${marker}; false`);
      git(folder, 'fetch', '-q', work, 'HEAD');
      expect(existsSync(marker)).toBe(true); // git alone starts it
      rmSync(marker);
      git(folder, 'update-ref', '-d', 'FETCH_HEAD');
      git(folder, 'prune');
      expect(await fetchWork(repository, remote, 'fix')).toMatch(/^[0-9a-f]{40}$/);
      expect(existsSync(marker)).toBe(false);
    } finally {
      await rig.close();
      for (const one of [folder, other, work]) rmSync(one, { recursive: true, force: true });
    }
  });

  it('give no meaning of their own to a program that is not installed', async () => {
    const folder = repositoryWith({ 'a.txt': 'a\n' });
    const path = process.env['PATH'];
    const programs = join(place, 'bin'); // git and what it needs, and no LFS
    mkdirSync(programs);
    for (const name of ['git', 'sh', 'touch'])
      symlinkSync(execFileSync('which', [name], { encoding: 'utf8' }).trim(), join(programs, name));
    try {
      process.env['PATH'] = programs;
      git(folder, 'config', 'alias.lfs', `!touch ${marker}`);
      git(folder, 'lfs', 'version');
      expect(existsSync(marker)).toBe(true);
      rmSync(marker);
      (await takeSnapshot(await openRepository(folder))).dispose();
      expect(existsSync(marker)).toBe(false);
    } finally {
      process.env['PATH'] = path;
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
