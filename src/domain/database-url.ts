/** Where Postgres is: a connection string that shows itself without its password, wherever it is printed. */

const SCHEMA = /^[a-z_][a-z0-9_]{0,62}$/;
/** Of this program's tables, unless `?schema=` says another one. */
const DEFAULT_SCHEMA = 'tackroom';

export class DatabaseUrl {
  readonly #url: string;
  /** Of the tables. */
  readonly schema: string;
  /** `host:port/database`, for messages. */
  readonly shown: string;

  private constructor(url: string, { schema, shown }: { readonly schema: string; readonly shown: string }) {
    this.#url = url;
    this.schema = schema;
    this.shown = shown;
  }

  /** Null for what is no address of a Postgres database. Says nothing about the text: it has a password in it. */
  static parse(text: string): DatabaseUrl | null {
    const url = urlOf(text);
    if (!url) return null;
    const schema = url.searchParams.get('schema') ?? DEFAULT_SCHEMA;
    if (!SCHEMA.test(schema)) return null;
    const host = url.searchParams.get('host') ?? decodeURIComponent(url.hostname);
    const at = `${host || 'localhost'}${url.port ? `:${url.port}` : ''}${url.pathname}`;
    url.searchParams.delete('schema');
    return new DatabaseUrl(url.href, { schema, shown: schema === DEFAULT_SCHEMA ? at : `${at}, schema ${schema}` });
  }

  /** With its password: for the connection alone. */
  reveal(): string {
    return this.#url;
  }
  toString(): string {
    return this.shown;
  }
  toJSON(): string {
    return this.shown;
  }
}

/** `postgres:///name?host=/run/postgresql` has no host of its own, which only an unknown scheme may. */
function urlOf(text: string): URL | null {
  if (!/^postgres(ql)?:\/\//.test(text)) return null;
  try {
    const url = new URL(text);
    return url.pathname.length > 1 && decodeURIComponent(url.hostname + url.pathname) ? url : null;
  } catch {
    return null;
  }
}
