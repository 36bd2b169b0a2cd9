/**
 * Checks that JSON which Onager wrote earlier, and which somebody may have changed since, has the
 * shape that its reader relies on.
 */

/**
 * Records one thing that is wrong, and where; returns false. `keepsUnknown`: fields that no schema
 * names are not wrong.
 */
export type Wrong = ((where: string, what: string) => false) & Readonly<{ keepsUnknown?: boolean }>;

/**
 * `unknownFields`: `kept` is for files that another version of Onager may have written. Their
 * further fields come back with the rest.
 */
type ParseOptions = Readonly<{ unknownFields?: 'refused' | 'kept' }>;

/** Whether a value is a `T`; records everything in it that is not as it should be. */
export type Schema<T> = (value: unknown, wrong: Wrong, where?: string) => value is T;

/** The type that a schema stands for. */
export type FromSchema<S> = S extends Schema<infer T> ? T : never;

type Schemas = Readonly<Record<string, Schema<unknown>>>;
type Required<S extends Schemas> = { [Key in keyof S]: FromSchema<S[Key]> };
type Optional<S extends Schemas> = { [Key in keyof S]?: FromSchema<S[Key]> };

/**
 * The value that the text stands for. Throws a SyntaxError that says what is wrong with it, without
 * any of its values.
 */
export function parseWithSchema<T>(
  schema: Schema<T>,
  json: string,
  { unknownFields = 'refused' }: ParseOptions = {},
): T {
  const problems: string[] = [];
  const value = parsed(json);
  const wrong = collector(problems, unknownFields === 'kept');
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

export const truth: Schema<boolean> = (value, wrong, where = ''): value is boolean =>
  typeof value === 'boolean' || wrong(where, 'expected true or false');

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

export function nullable<T>(schema: Schema<T>): Schema<T | null> {
  return (value, wrong, where = ''): value is T | null =>
    value === null || schema(value, wrong, where);
}

/** A field that must not be there. */
export const absent: Schema<never> = (_, wrong, where = ''): _ is never =>
  wrong(where, 'must not be there');

/** One of several shapes, which the text in one of their fields tells apart. */
export function byField<S extends Schemas>(
  field: string,
  shapes: S,
): Schema<FromSchema<S[keyof S]>> {
  const tag = oneOf(...Object.keys(shapes));
  return (value, wrong, where = ''): value is FromSchema<S[keyof S]> => {
    if (!isObject(value)) return wrong(where, 'expected object');
    if (!Object.hasOwn(value, field)) return wrong(inner(where, field), 'is missing');
    const name = value[field];
    return tag(name, wrong, inner(where, field)) && shapes[name]?.(value, wrong, where) === true;
  };
}

/** One of several shapes. `expected` says in words which. */
export function either<A, B>(expected: string, a: Schema<A>, b: Schema<B>): Schema<A | B> {
  return (value, wrong, where = ''): value is A | B => {
    const silent = collector([], wrong.keepsUnknown === true);
    return (
      a(value, silent, where) || b(value, silent, where) || wrong(where, `expected ${expected}`)
    );
  };
}

/** These fields, and unless unknown ones are kept no others. */
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
      if (schema !== undefined) return schema(field, wrong, inner(where, key));
      return wrong.keepsUnknown === true || wrong(inner(where, key), 'is unknown');
    });
    return fieldsFit && missing.length === 0;
  };
}

function collector(problems: string[], keepsUnknown: boolean): Wrong {
  const add = (where: string, what: string): false => {
    problems.push(where === '' ? what : `${where}: ${what}`);
    return false;
  };
  return Object.assign(add, { keepsUnknown });
}

// The message of JSON.parse quotes from a bad text.
function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw new SyntaxError('not JSON');
  }
}

/** Looks at all of them, so that everything that is wrong is reported at once. */
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
