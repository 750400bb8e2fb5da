/** An async iterable that is filled by callbacks; nothing is lost between two reads. */
export interface Pushed<T> extends AsyncIterable<T> {
  push(item: T): void;
  end(): void;
}

export function pushed<T>(): Pushed<T> {
  const items: T[] = [];
  let wake = Promise.withResolvers<void>();
  let ended = false;
  return {
    push(item) {
      items.push(item);
      wake.resolve();
    },
    end() {
      ended = true;
      wake.resolve();
    },
    async *[Symbol.asyncIterator]() {
      for (;;) {
        while (items.length > 0) yield items.shift()!;
        if (ended) return;
        await wake.promise;
        wake = Promise.withResolvers<void>();
      }
    },
  };
}
