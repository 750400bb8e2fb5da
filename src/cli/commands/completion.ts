import { z } from 'zod';
import { EXIT } from '../../domain/errors.ts';
import { defineCommand } from '../command.ts';
import { SCRIPTS, SHELLS } from '../completion/scripts.ts';

export const command = defineCommand({
  name: 'completion',
  summary: 'Print what makes a shell complete commands, options and ids.',
  arguments: [['<shell>', SHELLS.join(', ')]],
  examples: [
    'source <(tack completion bash)',
    'source <(tack completion zsh)',
    'tack completion fish > ~/.config/fish/completions/tack.fish',
  ],
  input: z.strictObject({ shell: z.enum(SHELLS) }),
  async run({ shell }, { out }) {
    out.text(SCRIPTS[shell]);
    return EXIT.ok;
  },
});
