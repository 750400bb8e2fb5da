import { existsSync } from 'node:fs';
import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hostGit } from './host-git.ts';

/**
 * Makes sure that a project's bare repository exists, and returns its objects' folder. Never packed or pruned by itself:
 * sessions borrow its objects. A half-made one of a process that died is not taken for one.
 */
export async function ensureProject(git_dir: string): Promise<{ readonly git_dir: string; readonly objects: string }> {
  const objects = join(git_dir, 'objects');
  if (existsSync(join(git_dir, READY))) return { git_dir, objects };
  await mkdir(dirname(git_dir), { recursive: true, mode: 0o755 });
  const making = `${git_dir}.${process.pid}.${Date.now()}.new`;
  try {
    await hostGit({
      git_dir: making,
      args: ['init', '--quiet', '--bare', '--template=', '--initial-branch=main', making],
    });
    await writeFile(join(making, 'config'), CONFIG);
    await mkdir(join(making, 'info'), { recursive: true });
    await chmod(making, 0o700); // a sandbox has its objects bound; nobody else comes by the path, which can be guessed
    // whatever the umask: the sandbox's uid reads the objects, and git keeps the mode of what it adds
    for (const folder of ['', 'info', 'pack']) await chmod(join(making, 'objects', folder), 0o755);
    await writeFile(join(making, READY), '');
    await replace(making, git_dir);
  } finally {
    await rm(making, { recursive: true, force: true });
  }
  return { git_dir, objects };
}

/** Of two that make the same project, the first one stays. */
async function replace(making: string, git_dir: string): Promise<void> {
  if (existsSync(git_dir) && !existsSync(join(git_dir, READY))) await rm(git_dir, { recursive: true, force: true });
  try {
    await rename(making, git_dir);
  } catch (error) {
    if (!existsSync(join(git_dir, READY))) throw error;
  }
}

const READY = 'tackroom-ready';

/** Mistakes of old commits that do no harm: a person cannot mend their history for our sake. */
const TOLERATED = [
  'badDate',
  'badDateOverflow',
  'badEmail',
  'badName',
  'badTimezone',
  'missingEmail',
  'missingNameBeforeEmail',
  'missingSpaceBeforeDate',
  'missingSpaceBeforeEmail',
  'zeroPaddedDate',
  'zeroPaddedFilemode',
] as const;

const fsck = (section: 'receive' | 'fetch'): string =>
  [`[${section}]`, '\tfsckObjects = true', `[${section} "fsck"]`, ...TOLERATED.map((id) => `\t${id} = warn`)].join(
    '\n',
  );

const CONFIG = `[core]
	repositoryformatversion = 0
	filemode = true
	bare = true
	sharedRepository = 0644
	logAllRefUpdates = false
	hooksPath = /dev/null
	fsync = committed
	fsyncMethod = batch
[gc]
	auto = 0
[maintenance]
	auto = false
[receive]
	autogc = false
	denyDeletes = true
	denyNonFastForwards = true
	unpackLimit = 1
	hideRefs = refs
	hideRefs = !refs/tack/base/
[uploadpack]
	hideRefs = refs
	hideRefs = !refs/tack/
[fetch]
	unpackLimit = 1
${fsck('receive')}
${fsck('fetch')}
`;
