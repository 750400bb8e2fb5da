/** What Claude Code sends, as far as we read it: loosely, because its protocol moves. Source: claude 2.1.330, stream-json and control protocol. */
import { z } from 'zod';

const Block = z.looseObject({
  type: z.string(),
  text: z.string().nullish(),
  thinking: z.string().nullish(),
  id: z.string().nullish(),
  name: z.string().nullish(),
  input: z.unknown().optional(),
  tool_use_id: z.string().nullish(),
  content: z.unknown().optional(),
  is_error: z.boolean().nullish(),
});
export type Block = z.infer<typeof Block>;

const ModelUsage = z.looseObject({
  inputTokens: z.number(),
  outputTokens: z.number(),
  cacheReadInputTokens: z.number(),
  cacheCreationInputTokens: z.number(),
});

const Parent = { parent_tool_use_id: z.string().nullish() };

export const NativeMessage = z.discriminatedUnion('type', [
  z.looseObject({
    type: z.literal('system'),
    subtype: z.string(),
    tools: z.array(z.string()).nullish(),
    claude_code_version: z.string().nullish(),
    error_status: z.number().nullish(),
    attempt: z.number().nullish(),
    max_retries: z.number().nullish(),
    state: z.string().nullish(),
    uuid: z.string().nullish(),
  }),
  z.looseObject({
    type: z.literal('assistant'),
    message: z.looseObject({ id: z.string(), model: z.string().nullish(), content: z.array(Block) }),
    ...Parent,
  }),
  z.looseObject({
    type: z.literal('user'),
    message: z.looseObject({ content: z.union([z.string(), z.array(Block)]) }),
    isReplay: z.boolean().nullish(),
    tool_result_meta: z
      .array(
        z.looseObject({
          id: z.string().nullish(),
          non_execution_kind: z.string().nullish(),
          permission_decision: z.looseObject({ decision: z.string() }).nullish(),
        }),
      )
      .nullish(),
    ...Parent,
  }),
  z.looseObject({
    type: z.literal('stream_event'),
    event: z.looseObject({
      type: z.string(),
      index: z.number().nullish(),
      message: z.looseObject({ id: z.string() }).nullish(),
      content_block: Block.nullish(),
      delta: z
        .looseObject({ type: z.string().nullish(), text: z.string().nullish(), thinking: z.string().nullish() })
        .nullish(),
    }),
    ...Parent,
  }),
  z.looseObject({
    type: z.literal('result'),
    subtype: z.string(),
    is_error: z.boolean().nullish(),
    result: z.string().nullish(),
    errors: z.array(z.string()).nullish(),
    stop_reason: z.string().nullish(),
    terminal_reason: z.string().nullish(),
    api_error_status: z.number().nullish(),
    usage: z
      .looseObject({
        input_tokens: z.number(),
        output_tokens: z.number(),
        cache_read_input_tokens: z.number().nullish(),
        cache_creation_input_tokens: z.number().nullish(),
      })
      .nullish(),
    /** With what sub-agents used. */
    model_usage_since_last_result: z.record(z.string(), ModelUsage).nullish(),
  }),
]);
export type NativeMessage = z.infer<typeof NativeMessage>;

/** Ids and names of calls go into keys and rows of the log. */
const Name = z.string().max(500);

/** What Claude Code asks of us, to be answered under its request id. */
export const ControlRequest = z.looseObject({
  type: z.literal('control_request'),
  request_id: z.string(),
  request: z.discriminatedUnion('subtype', [
    z.looseObject({
      subtype: z.literal('hook_callback'),
      callback_id: z.string(),
      input: z.looseObject({
        hook_event_name: z.literal('PreToolUse'),
        cwd: z.string().nullish(),
        tool_name: Name,
        tool_input: z.record(z.string(), z.unknown()),
        tool_use_id: Name,
        agent_id: z.string().nullish(),
      }),
    }),
    z.looseObject({
      subtype: z.literal('can_use_tool'),
      tool_name: Name,
      input: z.record(z.string(), z.unknown()),
      tool_use_id: Name,
      agent_id: z.string().nullish(),
    }),
  ]),
});
export type ControlRequest = z.infer<typeof ControlRequest>;
export const ControlResponse = z.looseObject({
  type: z.literal('control_response'),
  response: z.looseObject({ subtype: z.string(), request_id: z.string(), error: z.string().nullish() }),
});

/** Messages that say nothing we need. */
export const IGNORED: readonly string[] = [
  'tool_progress',
  'tool_use_summary',
  'rate_limit_event',
  'prompt_suggestion',
  'command_lifecycle',
  'auth_status',
  'active_goal',
  'autocompact_state',
  'keep_alive',
  'control_cancel_request',
];
