import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { DatabaseUrl } from '../../../src/domain/database-url.ts';

const URL_WITH_PASSWORD = 'postgres://ann:S3cret-pass@db.example.org:5433/rooms?sslmode=verify-full&schema=red';

describe('the address of a database', () => {
  it('is taken with its schema, which is no word of the server', () => {
    const url = DatabaseUrl.parse(URL_WITH_PASSWORD)!;
    expect(url.schema).toBe('red');
    expect(url.shown).toBe('db.example.org:5433/rooms, schema red');
    expect(url.reveal()).toBe('postgres://ann:S3cret-pass@db.example.org:5433/rooms?sslmode=verify-full');
  });

  it.each([
    ['postgresql://localhost/rooms', 'localhost/rooms'],
    ['postgres://ann@localhost:5432/rooms', 'localhost:5432/rooms'],
    ['postgres:///rooms?host=/run/postgresql', '/run/postgresql/rooms'],
    ['postgres://ann:p%40ss@[::1]:5432/rooms', '[::1]:5432/rooms'],
  ])('may be %s', (text, shown) => expect(DatabaseUrl.parse(text)).toMatchObject({ shown, schema: 'tackroom' }));

  it.each([
    '',
    'rooms',
    'mysql://localhost/rooms',
    'postgres://localhost',
    'postgres://localhost/',
    'postgres://ann:secret@:x/rooms',
    'postgres://localhost/rooms?schema=a-b',
    'postgres://localhost/rooms?schema=a;drop schema b',
  ])('is not %j', (text) => expect(DatabaseUrl.parse(text)).toBeNull());

  it('shows its password only to who asks for it', () => {
    const url = DatabaseUrl.parse(URL_WITH_PASSWORD)!;
    const shown = [`${url}`, JSON.stringify({ url }), inspect(url, { depth: 9, showHidden: true }), inspect({ url })];
    for (const text of shown) expect(text).not.toContain('S3cret-pass');
    expect(url.reveal()).toContain('S3cret-pass'); // control
  });
});
