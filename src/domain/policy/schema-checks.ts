/** What a rule can get wrong beyond its shape: a matcher that never matches would be a rule that never holds. */
import { ACTION_KINDS, ACTION_SCHEMAS, type ActionKind } from '../action/schema.ts';
import { compileGlob, compileName } from './glob.ts';
import { isAbout, type Matching } from './matchers.ts';
import { compileCommand } from './shell/match-commands.ts';

/** Which kinds carry what a matcher looks at. */
const CARRIED_BY = {
  paths: ['file.read', 'file.search', 'file.write', 'shell.exec'],
  commands: ['shell.exec'],
  hosts: ACTION_KINDS.filter((kind) => 'host' in ACTION_SCHEMAS[kind].shape),
  tools: ['mcp.call', 'tool.other', 'skill.load', 'agent.spawn'],
} as const satisfies Record<string, readonly ActionKind[]>;

const COMPILE = {
  paths: (text: string) => compileGlob(text.replace(/^~/, '')),
  commands: compileCommand,
  hosts: compileName,
  tools: compileName,
} as const;

type Part = keyof typeof CARRIED_BY;
interface Problem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

export function problemsOf(matching: Matching): readonly Problem[] {
  return (Object.keys(CARRIED_BY) as readonly Part[]).flatMap((part) => {
    const patterns = matching[part];
    return patterns ? [...unfitting(matching, part), ...uncompiled(part, patterns)] : [];
  });
}

function unfitting({ on }: Matching, part: Part): readonly Problem[] {
  const kinds: readonly ActionKind[] = CARRIED_BY[part];
  if (kinds.some(isAbout(on))) return [];
  return [{ path: [part], message: `fits no kind in \`on\`; it is for ${kinds.join(', ')}` }];
}

function uncompiled(part: Part, patterns: readonly string[]): readonly Problem[] {
  return patterns.flatMap((pattern, at) => {
    try {
      COMPILE[part](pattern);
      return [];
    } catch (error) {
      return [{ path: [part, at], message: (error as Error).message }];
    }
  });
}

/** In `commands` a star is a letter, and a shell has replaced it: said where a person writes a policy, since such a rule holds for next to nothing. */
export const starred = (body: Readonly<Record<'rules' | 'defaults', readonly Matching[]>>): readonly Problem[] =>
  (['rules', 'defaults'] as const).flatMap((part) =>
    body[part].flatMap(({ commands = [] }, at) =>
      commands.flatMap((pattern, nth) => {
        const words = pattern.split(/\s+/);
        const star = words.findIndex((word) => word.includes('*'));
        const meant = star > 0 ? `: write \`${words.slice(0, star).join(' ')}\`` : '';
        const message = `\`*\` is no wildcard here; first words cover whatever comes behind them${meant}`;
        return star < 0 ? [] : [{ path: [part, at, 'commands', nth], message }];
      }),
    ),
  );

const SESSION_RULES_MAX = 200;

/** What the nearest level may not say: it would take the place of what a farther one says. */
export function loosening({ rules, defaults }: Levelled): readonly Problem[] {
  const allows = rules.flatMap(({ effect }, at) =>
    effect === 'allow'
      ? [{ path: ['rules', at, 'effect'], message: '`allow` loosens: the policy of a session has ask and deny alone' }]
      : [],
  );
  const replaces = 'a default takes the place of a farther one and may loosen it: write a rule that asks or denies';
  return [
    ...allows,
    ...(defaults.length > 0 ? [{ path: ['defaults'], message: replaces }] : []),
    ...(rules.length > SESSION_RULES_MAX
      ? [{ path: ['rules'], message: `has ${rules.length} rules; ${SESSION_RULES_MAX} are taken` }]
      : []),
  ];
}

interface Levelled {
  readonly rules: readonly { readonly effect: string }[];
  readonly defaults: readonly unknown[];
}

/** Names that stand there before. */
export function repeatedNames(rules: readonly { readonly name?: string | undefined }[]): readonly Problem[] {
  return rules.flatMap(({ name }, at) =>
    name !== undefined && rules.findIndex((rule) => rule.name === name) < at
      ? [{ path: [at, 'name'], message: `${JSON.stringify(name)} names another one too` }]
      : [],
  );
}
