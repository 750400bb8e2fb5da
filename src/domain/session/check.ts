/** The shape of what is said to a session, checked by hand: anybody with the engine's command line may say anything, and workflow code has no zod. */
import { ACTOR_TYPES, VIAS } from '../actor-words.ts';
import { refuse, type Refusal } from '../errors.ts';

/** What a message must have; `?` at the end of a name: it may be missing. What is not named here is not looked at. */
type Shape = Readonly<Record<string, (value: unknown) => boolean>>;

type Data = Readonly<Record<string, unknown>>;
const isRecord = (value: unknown): value is Data =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const text =
  (max: number) =>
  (value: unknown): boolean =>
    typeof value === 'string' && value !== '' && value.length <= max;
/** Names go into rows, arguments and the messages of commits: none of them takes a NUL, and not all of them half of a letter. */
const id = (value: unknown): boolean => text(300)(value) && !/[\p{Cc}\p{Cs}]/u.test(value as string);
const oneOf =
  (words: readonly string[]) =>
  (value: unknown): boolean =>
    typeof value === 'string' && words.includes(value);
const flag = (value: unknown): boolean => typeof value === 'boolean';
const amount = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value) && value >= 0;
const DIGEST = /^[0-9a-f]{64}$/;
const digest = (value: unknown): boolean => typeof value === 'string' && DIGEST.test(value);
const isPair = (value: unknown): value is Data => isRecord(value) && Object.keys(value).length === 2;
const blob = (value: unknown): boolean => isPair(value) && digest(value['$blob']) && amount(value['bytes']);
const texts = (value: unknown): boolean => Array.isArray(value) && value.length <= 1_000 && value.every(text(1_000));
const orNull =
  (isRight: (value: unknown) => boolean) =>
  (value: unknown): boolean =>
    value === null || isRight(value);

const BY: Shape = {
  actor: (value) => isPair(value) && oneOf(ACTOR_TYPES)(value['type']) && id(value['id']),
  via: orNull(oneOf(VIAS)),
};
const SAYS: Shape = { ...BY, client_id: id, turn_id: id, content: blob };

const SHAPES: Readonly<Record<string, Shape>> = {
  prompt: SAYS,
  steer: SAYS,
  request_approval: {
    approval_id: id,
    turn_id: id,
    attempt: amount,
    kind: id,
    action: blob,
    digest: id,
    rules: texts,
    grantable: id,
    approvers: orNull(texts),
    on_expiry: id,
    expires_in_s: amount,
    card: blob,
  },
  decide_approval: {
    ...BY,
    approval_id: id,
    digest: id,
    decision: id,
    grant_id: id,
    'message?': blob,
    'input?': blob,
  },
  ask_again: { ...BY, approval_id: id, new_approval_id: id },
  revoke_grant: { ...BY, grant_id: id },
  interrupt: { ...BY, 'reason?': text(2_000) },
  close: { ...BY, 'reason?': text(2_000) },
  set_policy: { ...BY, policy_version: id, policy: blob },
  set_agent: { ...BY, agent: blob, steers: flag },
  note_work: { ...BY, key: id, what: (value) => value === 'applied' || value === 'discarded', commit: id, branch: id },
};

/** Null: it is what its name says, and not too large to be kept. */
export function malformed(type: string, said: unknown): Refusal | null {
  const shape = SHAPES[type];
  if (!shape) return null; // said by the workflow itself
  const data = isRecord(said) ? said : {};
  const wrong = Object.entries(shape).flatMap(([key, isRight]) => {
    const name = key.replace(/\?$/, '');
    return isRight(data[name]) || (name !== key && data[name] === undefined) ? [] : [name];
  });
  if (wrong.length === 0) return null;
  const code = type === 'decide_approval' ? 'decision_invalid' : 'request_invalid';
  return refuse(
    code,
    `${type}: ${wrong.map((name) => `\`${name}\``).join(', ')} ${wrong.length > 1 ? 'are' : 'is'} missing or wrong.`,
  );
}
