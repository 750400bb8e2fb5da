/** The programs of a Postgres server, for the tests that start one: found on this machine, or installed where apt may. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Their folder, the newest first; null: there are none. */
export function postgresPrograms(): string | null {
  const folders = [
    ...versions().map((version) => join(DEBIAN, version, 'bin')),
    ...(process.env['PATH'] ?? '').split(delimiter),
  ];
  return folders.find((folder) => ['initdb', 'postgres'].every((name) => isProgram(join(folder, name)))) ?? null;
}

const DEBIAN = '/usr/lib/postgresql';
/** Debian's package would make a cluster and start it: nothing of it is wanted here. */
const NO_CLUSTER = '/etc/postgresql-common/createcluster.d';
const INSTALL = `
set -e
mkdir -p ${NO_CLUSTER}
echo 'create_main_cluster = false' > ${NO_CLUSTER}/tackroom-tests.conf
apt-get install -y --no-install-recommends postgresql || { apt-get update -qq && apt-get install -y --no-install-recommends postgresql; }`;

/** Where it may: root, or who may be root without a password. Else the tests that need it say that they were not run. */
export function installPostgres(): void {
  if (postgresPrograms() !== null || !answers('apt-get', '--version')) return;
  const as = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  if (as.length > 0 && !answers('sudo', '-n', 'true')) return;
  console.error('Installing the Postgres server for the tests with apt …');
  const [command, ...args] = [...as, 'env', 'DEBIAN_FRONTEND=noninteractive', '/bin/sh', '-c', INSTALL];
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) console.error(`apt could not install it: ${stderr.trim().split('\n').at(-1)}`);
}

const answers = (command: string, ...args: readonly string[]): boolean => spawnSync(command, args).status === 0;

function versions(): readonly string[] {
  try {
    return readdirSync(DEBIAN).toSorted((a, b) => Number(b) - Number(a));
  } catch {
    return [];
  }
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
