/** `node:sqlite`, without the line that Node 22 prints about it: it would stand in every command's stderr. */
type Sqlite = typeof import('node:sqlite');

export const { DatabaseSync } = quietly(() => process.getBuiltinModule('node:sqlite'));
export type DatabaseSync = InstanceType<Sqlite['DatabaseSync']>;
export type StatementSync = ReturnType<DatabaseSync['prepare']>;

/** Only the load is quiet, and only about experiments. */
function quietly(load: () => Sqlite): Sqlite {
  const warn = process.emitWarning;
  process.emitWarning = ((warning: string | Error, ...rest: unknown[]) => {
    if (rest[0] !== 'ExperimentalWarning') Reflect.apply(warn, process, [warning, ...rest]);
  }) as typeof warn;
  try {
    return load();
  } finally {
    process.emitWarning = warn;
  }
}
