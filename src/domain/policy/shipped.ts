/** What holds when nobody says otherwise: the farthest level. Defaults alone, so that every nearer level can replace them. */
import { PLANTED_FILES, PLANTED_FOLDERS } from '../planted.ts';
import type { SandboxKind } from '../sandbox-kind.ts';
import type { PolicyDefault, PolicyLevel } from './schema.ts';

/** Environments, keys, credential stores, wherever they are. */
export const SECRET_FILES = [
  '/**/.env*',
  '/**/*.{pem,key,p12,pfx,jks,keystore,ppk,kdbx}',
  '/**/id_{rsa,dsa,ecdsa,ed25519,ecdsa_sk,ed25519_sk}',
  '/**/{.ssh,.gnupg,.password-store,.azure}/**',
  '/**/.local/share/keyrings/**',
  '/**/.aws/{credentials,config}',
  '/**/.config/{gcloud,op}/**',
  '/**/.config/{gh,glab-cli}/*.yml',
  '/**/.kube/config',
  '/**/.docker/config.json',
  '/**/.claude/.credentials.json',
  '/**/.codex/auth.json',
  '/**/.cargo/credentials{,.toml}',
  '/**/{.netrc,_netrc,.git-credentials,.pgpass,.my.cnf,.pypirc,.htpasswd,.vault-token}',
  ...['~/.npmrc', '/root/.npmrc', '/home/*/.npmrc'],
];

const allow = (name: string, on: PolicyDefault['on'], more: Partial<PolicyDefault> = {}): PolicyDefault => ({
  name,
  on,
  effect: 'allow',
  ...more,
});
const ask = (
  name: string,
  on: PolicyDefault['on'],
  reason: string,
  more: Partial<PolicyDefault> = {},
): PolicyDefault => ({
  name,
  on,
  effect: 'ask',
  reason,
  ...more,
});

/** What none of them covers, such as a path outside of the worktree, is asked. */
const DEFAULTS: readonly PolicyDefault[] = [
  allow('reads', ['file.read', 'file.search'], { paths: ['**', '~/**', '/tmp/**'] }),
  {
    name: 'secret-files',
    on: ['file.read', 'file.search'],
    paths: SECRET_FILES,
    effect: 'deny',
    reason: 'Files of secrets are not read.',
  },
  allow('writes', 'file.write', { paths: ['**'] }),
  ask('git-folder', 'file.write', 'What lies in `.git` makes git run commands.', { paths: ['**/.git/**'] }),
  ask('planted-files', 'file.write', 'Editors and tools obey this file.', {
    paths: [...PLANTED_FILES.map((name) => `**/${name}`), ...PLANTED_FOLDERS.map((name) => `**/${name}/**`)],
  }),
  allow('agents', 'agent.spawn'),
  allow('plans', 'plan.update'),
  allow('skills', 'skill.load'),
  ask('questions', 'question.ask', 'The agent asks a question.'),
  ask('plan-proposals', 'plan.propose', 'The agent proposes a plan.'),
  ask('requests', 'net.request', 'It leaves the sandbox.'),
  ask('web-search', 'net.search', 'It leaves through the provider of the model.'),
  allow('model', 'model.request'),
  ask('mcp', 'mcp.call', 'A server outside of the sandbox does it.'),
  ask('git-remotes', ['git.fetch', 'git.push'], 'It leaves the sandbox.'),
  ask('packages', ['package.install', 'package.publish'], 'It leaves the sandbox.'),
  ask('forges', 'forge.call', 'It leaves the sandbox.'),
  ask('unknown-tools', 'tool.other', 'Nothing is known about this tool.'),
];

const SHELL: Readonly<Record<SandboxKind, PolicyDefault>> = {
  bubblewrap: allow('shell', 'shell.exec'),
  none: ask('shell-without-sandbox', 'shell.exec', 'There is no sandbox: it runs on the bare machine.'),
};

export function shippedLevel(sandbox: SandboxKind): PolicyLevel {
  return { level: 'shipped', rules: [], defaults: [...DEFAULTS, SHELL[sandbox]] };
}
