/** Where the broker says what it did: names, numbers and rules, never content. */
export interface BrokerLog {
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
}
