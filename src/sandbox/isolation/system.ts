import { lstatSync, readdirSync, readlinkSync } from 'node:fs';
import type { SystemPaths } from './options.ts';

/** Below /etc: what programs need to run and to speak the person's language. No account, no key, no resolver. */
const ETC =
  /^(alternatives|ld\.so\.(cache|conf|conf\.d)|nsswitch\.conf|mime\.types|localtime|timezone|terminfo|inputrc|bash\.bashrc|profile|protocols|services|magic|perl|fonts|java-.*|python3.*)$/;

/** Looks up what of this host's system shows inside. */
export function systemPaths(): SystemPaths {
  const roots = ['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32'].flatMap((name) => {
    const stat = lstatSync(`/${name}`, { throwIfNoEntry: false });
    if (!stat) return [];
    return [[name, stat.isSymbolicLink() ? readlinkSync(`/${name}`) : null] as const];
  });
  const etc = readdirSync('/etc').filter((name) => ETC.test(name));
  return { roots: Object.fromEntries(roots), etc: [...etc.toSorted(), 'ssl/openssl.cnf'] };
}
