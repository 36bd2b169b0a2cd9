/**
 * Checks that JSON which Onager wrote earlier, and which somebody may have changed since, has the
 * shape that its reader relies on.
 */

/** Tells of one thing that is wrong, and where; gives false. */
export type Wrong = (where: string, what: string) => false;

/** Whether a value is a `T`; tells of everything in it that is not as it should be. */
export type Schema<T> = (value: unknown, wrong: Wrong, where?: string) => value is T;

/** The type that a schema stands for. */
export type FromSchema<S> = S extends Schema<infer T> ? T : never;

type Schemas = Readonly<Record<string, Schema<unknown>>>;
type Required<S extends Schemas> = { [Key in keyof S]: FromSchema<S[Key]> };
type Optional<S extends Schemas> = { [Key in keyof S]?: FromSchema<S[Key]> };

/**
 * Parses the text. Throws a SyntaxError that says what is wrong with it without any of its values.
 */
export function parseWithSchema<T>(schema: Schema<T>, json: string): T {
  const problems: string[] = [];
  const value = parsed(json);
  const wrong: Wrong = (where, what) => {
    problems.push(where === '' ? what : `${where}: ${what}`);
    return false;
  };
  if (schema(value, wrong)) return value;
  throw new SyntaxError(problems.join('; '));
}

export function text(expected = 'text', isOne = (_: string): boolean => true): Schema<string> {
  return (value, wrong, where = ''): value is string =>
    (typeof value === 'string' && isOne(value)) || wrong(where, `expected ${expected}`);
}

export const someText = text('text that is not empty', (value) => value !== '');

/** A moment as `Date.prototype.toISOString` writes it. */
export const time = text(
  'a time such as 2026-01-02T03:04:05.678Z',
  (value) =>
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(value) && !Number.isNaN(Date.parse(value)),
);

export function number(
  expected = 'a number',
  isOne = (_: number): boolean => true,
): Schema<number> {
  return (value, wrong, where = ''): value is number =>
    (typeof value === 'number' && isOne(value)) || wrong(where, `expected ${expected}`);
}

export const amount = number('a number from 0', (value) => value >= 0);
export const wholeNumber = number('a whole number', Number.isSafeInteger);

export function oneOf<const T extends string | number>(...values: readonly T[]): Schema<T> {
  return (value, wrong, where = ''): value is T =>
    values.some((one) => one === value) || wrong(where, `expected one of ${values.join(', ')}`);
}

export function list<T>(item: Schema<T>): Schema<T[]> {
  return (value, wrong, where = ''): value is T[] =>
    Array.isArray(value)
      ? areAll(value.entries(), (each, at) => item(each, wrong, inner(where, at)))
      : wrong(where, 'expected a list');
}

export function dictionary<T>(item: Schema<T>): Schema<Record<string, T>> {
  return (value, wrong, where = ''): value is Record<string, T> =>
    isObject(value)
      ? areAll(Object.entries(value), (each, at) => item(each, wrong, inner(where, at)))
      : wrong(where, 'expected object');
}

/** Nothing but these fields. */
export function object<R extends Schemas, O extends Schemas = Record<never, never>>(
  required: R,
  optional?: O,
): Schema<Required<R> & Optional<O>> {
  const schemas = new Map(Object.entries({ ...optional, ...required }));
  return (value, wrong, where = ''): value is Required<R> & Optional<O> => {
    if (!isObject(value)) return wrong(where, 'expected object');
    const missing = Object.keys(required).filter((key) => !Object.hasOwn(value, key));
    for (const key of missing) wrong(inner(where, key), 'is missing');
    const fieldsFit = areAll(Object.entries(value), (field, key) => {
      const schema = schemas.get(key);
      return schema?.(field, wrong, inner(where, key)) ?? wrong(inner(where, key), 'is unknown');
    });
    return fieldsFit && missing.length === 0;
  };
}

// What JSON.parse says of a bad text quotes from it.
function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw new SyntaxError('not JSON');
  }
}

/** Looks at every one, so that everything that is wrong is told at once. */
function areAll<K>(
  entries: Iterable<readonly [K, unknown]>,
  fits: (value: unknown, key: K) => boolean,
): boolean {
  let all = true;
  for (const [key, value] of entries) all = fits(value, key) && all;
  return all;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function inner(where: string, key: string | number): string {
  return where === '' ? String(key) : `${where}.${key}`;
}
