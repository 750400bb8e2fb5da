/** The rules of one session: set by a person, read from its log. */
import { canonicalJson } from '../../../domain/canonical.ts';
import { isBlobRef } from '../../../domain/events/blob-fields.ts';
import { createPolicyFor } from '../../../domain/policy/index.ts';
import { SessionPolicy } from '../../../domain/policy/schema.ts';
import type { Handlers } from '../handler.ts';
import { requireSession } from '../known-session.ts';
import { eventsOf } from '../log-pages.ts';
import type { ServerParts } from '../parts.ts';

type Rows = Pick<Handlers['sessions'], 'policy' | 'setPolicy'>;

export function policyHandlers(parts: ServerParts): Rows {
  const { engine, blobs, log, sha256 } = parts;
  const policyFor = createPolicyFor({ sha256 });
  return {
    async policy({ params: { session_id } }) {
      const { record } = await requireSession(parts, session_id);
      let policy = SessionPolicy.parse({});
      for await (const { data } of eventsOf(log, session_id, ['session.updated'])) {
        const set = data['session_policy'];
        if (isBlobRef(set)) policy = SessionPolicy.parse(JSON.parse(await blobs.text(set)));
      }
      const { version } = policyFor(record.agent, policy);
      return { object: 'policy', session_id, policy_version: version, rules: policy.rules };
    },
    async setPolicy({ params: { session_id }, body, key, actor, via }) {
      const { record } = await requireSession(parts, session_id);
      const { version } = policyFor(record.agent, body);
      const policy = await blobs.put(canonicalJson(body));
      await engine.setPolicy(record, { policy_version: version, policy, actor, via }, key);
      return { object: 'policy', session_id, policy_version: version, rules: body.rules };
    },
  };
}
