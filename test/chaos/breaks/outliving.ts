/** A sandbox that does not end with its worker: another process holds its lifeline, and is nobody's child that matters. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { LaunchRequest, Sandbox, SandboxProcess } from '../../../src/sandbox/contract.ts';

const KEEPER = fileURLToPath(new URL('keeper.ts', import.meta.url));

export const outliving = (sandbox: Sandbox): Sandbox => ({
  ...sandbox,
  launch: (request) => (request.home === 'scratch' ? sandbox.launch(request) : kept(sandbox.kind, request)),
});

async function kept(kind: Sandbox['kind'], request: LaunchRequest): Promise<SandboxProcess> {
  const child = spawn(process.execPath, [KEEPER, kind, JSON.stringify(request)], {
    stdio: 'pipe',
    detached: true,
    cwd: '/',
  });
  child.stdin.on('error', () => undefined); // whoever is gone no longer reads: the exit says so
  const exited = new Promise<Awaited<SandboxProcess['exited']>>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  await once(child, 'spawn');
  return {
    pid: child.pid ?? 0,
    stdin: child.stdin,
    stdout: child.stdout,
    stderr: child.stderr,
    exited,
    async kill() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}
