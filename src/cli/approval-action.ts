/** What an approval asks for, field by field: what the agent wrote is shown, never obeyed. Pure. */
import type { Approval } from '../api/contract/approval.ts';
import { visible } from './visible.ts';

type Asked = Pick<Approval, 'title' | 'kind' | 'request'>;

/** A script first and whole; then every field that says something, one a line. */
export function actionLines({ title, request }: Asked): readonly string[] {
  const preview = request['preview'];
  if (typeof preview !== 'object' || preview === null) return visible(title).split('\n');
  const { kind: _kind, cwd, script, argv: _argv, ...fields } = preview as Readonly<Record<string, unknown>>;
  const rest = Object.entries(fields).filter(([, value]) => !isEmpty(value));
  return [
    ...(typeof script === 'string' ? visible(script).split('\n') : []),
    ...rest.map(([name, value]) => line(name, value)),
    ...(typeof cwd === 'string' ? [line('cwd', cwd)] : []),
  ];
}

const line = (name: string, value: unknown): string =>
  visible(`${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`.replaceAll(/\s+/g, ' '));

const isEmpty = (value: unknown): boolean =>
  value === null ||
  value === undefined ||
  value === false ||
  (Array.isArray(value) && value.length === 0) ||
  (typeof value === 'object' && Object.keys(value).length === 0);
