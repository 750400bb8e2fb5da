/** What does the work: the harnesses on this machine, and who pays for their models. */
import { credentialOf, type Config } from '../config.ts';
import { createHarnesses } from '../harnesses/index.ts';
import { failed, ok, warning, type Check, type Look } from './check.ts';

export const harnesses =
  ({ claude_bin, path }: Config): Look =>
  () =>
    Promise.all(
      createHarnesses({ binary: claude_bin, path }).all.map(
        async ({ manifest: { id, title, proven_version }, probe }): Promise<Omit<Check, 'check'>> => {
          const found = await probe();
          if (!found.found) return warning(`${title}: ${found.problem}`, INSTALL[id] ?? `install ${title}`);
          const seen = `${title} ${found.version}`;
          if (proven_version === null || found.version === proven_version) return ok(`${seen} (${found.path})`);
          return ok(`${seen} (${found.path}); proven with ${proven_version}`);
        },
      ),
    );

const INSTALL: Readonly<Record<string, string>> = { 'claude-code': 'npm install -g @anthropic-ai/claude-code' };

export const credentials: Look = async () => {
  const found = credentialOf('this terminal');
  if (found === null) return [warning('no key for Anthropic in this terminal', 'export ANTHROPIC_API_KEY=…')];
  const where = found.base_url === null ? 'Anthropic' : addressOf(found.base_url);
  if (where === null)
    return [failed(`ANTHROPIC_BASE_URL is no address: ${found.base_url}`, 'unset ANTHROPIC_BASE_URL')];
  return [ok(`${found.source}, for ${where}`)];
};

/** Without what could be a secret in it. */
function addressOf(url: string): string | null {
  return URL.canParse(url) ? new URL(url).host : null;
}
