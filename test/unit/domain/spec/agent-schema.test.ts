/** The schema that editors use takes what Tackroom takes, and refuses a typo. That it is fresh is a test of the pages. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';

const FILE = 'docs/reference/agent.schema.json';
const schema = z.fromJSONSchema(JSON.parse(readFileSync(FILE, 'utf8')) as Parameters<typeof z.fromJSONSchema>[0]);
const takes = (text: string): boolean => schema.safeParse(parse(text)).success;
const START = 'name: coder\nharness: claude-code\n';

describe('the schema of agent files', () => {
  it.each(readdirSync('agents'))('takes the shipped %s, which names it', (name) => {
    const text = readFileSync(`agents/${name}`, 'utf8');
    expect(text.split('\n')[0]).toBe(`# yaml-language-server: $schema=../${FILE}`);
    expect(takes(text)).toBe(true);
  });

  it('demands no key that has a default, and refuses a typo wherever it is', () => {
    expect(takes(START)).toBe(true);
    expect(takes(`${START}polices: {}\n`)).toBe(false);
    expect(takes(START.replace('claude-code', 'claude'))).toBe(false);
    expect(takes(`${START}limits: { turn_minutes: soon }\n`)).toBe(false);
    const rule = '{ name: a, on: shell.exec, commands: [git push], effect: ask, reason: It leaves. }';
    expect(takes(`${START}policies: { rules: [${rule}] }\n`)).toBe(true);
    expect(takes(`${START}policies: { rules: [${rule.replace('effect: ask', 'effect: maybe')}] }\n`)).toBe(false);
  });
});
