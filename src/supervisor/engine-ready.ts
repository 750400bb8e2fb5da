/** When an engine can be used: it answers, its namespace is there and has our search attributes. */
import { Connection, isGrpcServiceError } from '@temporalio/client';
import { SEARCH_ATTRIBUTES } from '../domain/search-attributes.ts';

export interface EngineAddress {
  readonly address: string;
  readonly namespace: string;
  /** Whether the engine is this group's: then closed histories are kept for 30 days whatever stood before. */
  readonly is_own: boolean;
}

const RETENTION = { seconds: (30 * 24 * 3600) as never };
const NOT_FOUND = 5; // google.rpc.Code

/** Resolves then. `tried` is told why not yet, each time that this changes. */
export async function engineReady(
  engine: EngineAddress,
  { signal, tried }: { readonly signal: AbortSignal; readonly tried: (why: string) => void },
): Promise<void> {
  let last = '';
  for (;;) {
    signal.throwIfAborted();
    try {
      const connection = await Connection.connect({ address: engine.address, connectTimeout: 1_000 });
      try {
        return await prepareNamespace(connection, engine);
      } finally {
        await connection.close();
      }
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      if (why !== last) tried((last = why));
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS)); // not yet: whoever waits has a deadline
    }
  }
}

const RETRY_MS = 50;

async function prepareNamespace(connection: Connection, { namespace, is_own }: EngineAddress): Promise<void> {
  const { workflowService } = connection;
  try {
    await workflowService.describeNamespace({ namespace });
  } catch (error) {
    if (!isGrpcServiceError(error) || Number(error.code) !== NOT_FOUND) throw error;
    await workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod: RETENTION });
  }
  await addMissingAttributes(connection, namespace);
  if (is_own)
    await workflowService.updateNamespace({ namespace, config: { workflowExecutionRetentionTtl: RETENTION } });
}

const INDEXED = { Keyword: 2, Bool: 5, Datetime: 6 } as const; // temporal.api.enums.v1.IndexedValueType

/** The flags of the start count for a new file only. */
async function addMissingAttributes(connection: Connection, namespace: string): Promise<void> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const missing = Object.entries(SEARCH_ATTRIBUTES).filter(([name]) => !(name in customAttributes));
  if (missing.length === 0) return;
  await connection.operatorService.addSearchAttributes({
    namespace,
    searchAttributes: Object.fromEntries(missing.map(([name, type]) => [name, INDEXED[type]])),
  });
}
