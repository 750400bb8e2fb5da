/** Reading an event's `data` leniently: a newer server may say more, or otherwise. */
import type { Envelope } from '../../domain/events/envelope.ts';
import { oneLine } from './printable.ts';

export type Data = Readonly<Record<string, unknown>>;

export const text = (data: Data, field: string): string => {
  const value = data[field];
  return typeof value === 'string' ? value : '';
};
export const number = (data: Data, field: string): number => {
  const value = data[field];
  return typeof value === 'number' ? value : 0;
};
export const record = (data: Data, field: string): Data => {
  const value = data[field];
  return isRecord(value) ? value : {};
};
export const list = (data: Data, field: string): readonly unknown[] => {
  const value = data[field];
  return Array.isArray(value) ? value : [];
};
export const isRecord = (value: unknown): value is Data =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What was said: the text parts of `content`, and what else it holds by its kind. */
export function words(data: Data): string {
  const parts = list(data, 'content').filter(isRecord);
  if (parts.length === 0) return text(data, 'text') || text(data, 'output');
  return parts
    .map((part) => (part['type'] === 'text' ? text(part, 'text') : `[${text(part, 'name') || text(part, 'type')}]`))
    .join('\n');
}

/** `by ann via web`, `by policy on_expiry`, `by operator via signal`. */
export function by({ actor: { type, id }, via }: Pick<Envelope, 'actor' | 'via'>): string {
  const who = type === 'user' || type === id ? id : `${type} ${id}`;
  return oneLine(`by ${who}${via ? ` via ${via}` : ''}`, 100);
}
