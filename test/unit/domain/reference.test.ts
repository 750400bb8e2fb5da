/** The reference pages of policies and agents say what the schemas say, and their examples are right. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ACTION_KINDS } from '../../../src/domain/action/schema.ts';
import { PLANTED_FILES, PLANTED_FOLDERS } from '../../../src/domain/planted.ts';
import { PolicyBody, Rule, LEVELS } from '../../../src/domain/policy/schema.ts';
import { AgentConfig, AgentLimits, HARNESS_IDS } from '../../../src/domain/spec/agent.ts';
import { parseAgent } from '../../../src/domain/spec/parse.ts';
import { stepsOf } from '../../../src/harnesses/scripted/script.ts';

const page = (name: string) => readFileSync(`docs/reference/${name}.md`, 'utf8');
const examples = (text: string) => [...text.matchAll(/^```yaml\n(.*?)^```/gms)].map(([, yaml = '']) => yaml);
const named = (text: string) => new Set([...text.matchAll(/`([^`\n]+)`/g)].map(([, word]) => word));

describe('docs/reference/policies.md', () => {
  const text = page('policies');
  it('names every kind of action, every key of a rule, every level, and what editors obey', () => {
    const words = named(text);
    const wanted = [...ACTION_KINDS, ...Object.keys(Rule.shape), ...LEVELS, ...PLANTED_FILES, ...PLANTED_FOLDERS];
    expect(wanted.filter((word) => !words.has(word))).toEqual([]);
  });
  it('names no kind that is none', () => {
    const kinds = [...named(text)].filter((word) =>
      /^(file|shell|agent|plan|skill|question|net|model|mcp|git|package|forge|tool)\.[a-z]+$/.test(word ?? ''),
    );
    expect(kinds.filter((kind) => !(ACTION_KINDS as readonly unknown[]).includes(kind))).toEqual([]);
  });
  it('has examples that are right', () => {
    expect(examples(text).length).toBeGreaterThan(1);
    for (const example of examples(text)) parseAgent(`name: a\nharness: claude-code\n${example}`, 'policies.md');
  });
});

describe('docs/reference/agents.md', () => {
  const text = page('agents');
  it('has a row for every key, and names every limit and harness', () => {
    const rows = [...text.matchAll(/^\| `(\w+)` /gm)].map(([, key]) => key);
    expect(rows.filter((key) => key !== 'scripted')).toEqual(Object.keys(AgentConfig.shape));
    const words = named(text);
    expect([...Object.keys(AgentLimits.shape), ...HARNESS_IDS].filter((word) => !words.has(word))).toEqual([]);
    expect(Object.keys(PolicyBody.shape).filter((word) => !words.has(word))).toEqual([]);
  });
  it('has examples that are right', () => {
    for (const example of examples(text)) {
      const { script } = parseAgent(example, 'agents.md');
      if (script !== undefined) expect(stepsOf(script, 0).length).toBeGreaterThan(3);
    }
    expect(examples(text)).toHaveLength(2);
  });
  it('shows mistakes as they are said', () => {
    const file = `name: reviewer
harness: claud-code

polices: x
policies:
  rules:
    - name: a
      on: file.write
      hosts: [x]
      effect: ask
      reason: r
`;
    const shown = /^```\n(reviewer.*?)^```/ms.exec(text)?.[1]?.trim();
    expect(() => parseAgent(file, 'reviewer.yaml')).toThrow(expect.objectContaining({ message: shown }));
  });
});
