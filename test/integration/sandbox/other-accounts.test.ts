/** Another account of the machine, who knows every path: a root's data folder can be passed through, so each thing in it is closed by itself. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { baseRefOf } from '../../../src/domain/git-names.ts';
import { ensureProject, prepareWorktree } from '../../../src/sandbox/index.ts';
import { IS_ROOT, ONLY_ROOT } from '../../support/ordinary-user.ts';
import { aPlace, personsGit, type Place } from './place.ts';

const STRANGER = '29517';

describe.runIf(IS_ROOT)(`the work of root${ONLY_ROOT}`, () => {
  let place: Place;
  let git_dir: string;
  beforeEach(async () => {
    place = aPlace();
    chmodSync(place.home, 0o711);
    const person = join(place.home, 'person');
    mkdirSync(person);
    writeFileSync(join(person, 'secret.txt'), 'the secret of root\n');
    personsGit(person, 'init', '-q');
    personsGit(person, 'add', '-A');
    personsGit(person, 'commit', '-qm', 'start');
    mkdirSync(join(place.home, 'projects'), { mode: 0o711 });
    ({ git_dir } = await ensureProject(join(place.home, 'projects/prj_1.git')));
    personsGit(person, 'push', '-q', git_dir, `HEAD:${baseRefOf('ses_1')}`);
  });
  afterEach(() => place.remove());

  /** What somebody without rights reads there. */
  const stolen = (...argv: readonly string[]): string => {
    const as = ['--reuid', STRANGER, '--regid', STRANGER, '--clear-groups', '--', ...argv];
    return spawnSync('setpriv', as, { encoding: 'utf8', cwd: '/', env: { PATH: '/usr/bin:/bin' } }).stdout;
  };
  const fromProject = () =>
    stolen('git', '-c', 'safe.directory=*', `--git-dir=${git_dir}`, 'show', `${baseRefOf('ses_1')}:secret.txt`);

  it('is not read out of the project, and the session still borrows its objects', async () => {
    expect(fromProject()).toBe('');
    const { sandbox, folders } = place;
    await prepareWorktree({
      session_id: 'ses_1',
      sandbox,
      project_git_dir: git_dir,
      base_ref: baseRefOf('ses_1'),
      folders,
      branch: 'tack/fix',
    });
    expect((await place.run('cat secret.txt', { base_objects: join(git_dir, 'objects') })).out).toBe(
      'the secret of root\n',
    );
    chmodSync(git_dir, 0o755);
    expect(fromProject()).toBe('the secret of root\n'); // the folder's mode is what holds
  });
});
