/** Reads several outputs of the test engine as one. */

type Reader<T> = (signal: AbortSignal) => AsyncIterable<T>;

/**
 * The batches of several readers, each as soon as it is there, in no order between them. A reader
 * is asked for its next batch only when the one before has been used, because it may reuse the
 * same arrays. If one fails, or nobody asks for more, the others are aborted.
 */
export async function* mergeReaders<T>(
  readers: readonly Reader<T>[],
  signal: AbortSignal,
): AsyncGenerator<T, void> {
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  const open = new Set(readers.map((reader) => reader(either)[Symbol.asyncIterator]()));
  const asked = new Set<Promise<void>>();
  const answers: (() => Readonly<{ from: AsyncIterator<T>; result: IteratorResult<T> }>)[] = [];
  let news = Promise.withResolvers<void>();

  // Not by Promise.race: what is raced again and again against a reader that is silent piles up.
  function ask(from: AsyncIterator<T>): void {
    const asking = from
      .next()
      .then(
        (result) => answers.push(() => ({ from, result })),
        (error: unknown) =>
          answers.push(() => {
            throw error;
          }),
      )
      .then(() => {
        asked.delete(asking);
        news.resolve();
      });
    asked.add(asking);
  }

  try {
    for (const batches of open) ask(batches);
    while (open.size > 0) {
      const answer = answers.shift();
      if (answer === undefined) {
        await news.promise;
        news = Promise.withResolvers();
        continue;
      }
      const { from, result } = answer();
      if (result.done === true) {
        open.delete(from);
        continue;
      }
      yield result.value;
      ask(from);
    }
  } finally {
    over.abort();
    await Promise.all(asked);
    await Promise.allSettled([...open].map(async (batches) => await batches.return?.()));
  }
}
