/** Reads values out of foreign JSON; throws an Error that says which one is wrong. */

export function record(input: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof input !== 'object' || input === null) throw wrong(what, 'an object');
  return { ...input };
}

export function list(input: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(input)) throw wrong(what, 'a list');
  return input;
}

export function number(input: unknown, what: string): number {
  if (typeof input !== 'number' || !Number.isFinite(input)) throw wrong(what, 'a number');
  return input;
}

export function string(input: unknown, what: string): string {
  if (typeof input !== 'string') throw wrong(what, 'text');
  return input;
}

function wrong(what: string, wanted: string): Error {
  return new Error(`this summary cannot be read: "${what}" is not ${wanted}`);
}
