/**
 * Collects what Tsung's own reader does not check and would fail only for a running user: questions
 * that are asked in addition, as Erlang terms.
 */

import {
  type Attribute,
  descendants,
  type Element,
  unescapeXml,
  withAllBelow,
} from '../../xml/tree.ts';

type Asked =
  | Readonly<{ kind: 'callback'; module: string; name: string }>
  | Readonly<{ kind: 'code'; text: string }>
  | Readonly<{ kind: 'regexp'; text: string }>;

/** `start`: where in the document the text in question begins. */
export type ReaderQuestion = Readonly<{ element: Element; start: number; asked: Asked }>;

const atom = /^[a-z]\w*$/;

export function questionsOf(root: Element, text: string): readonly ReaderQuestion[] {
  const sent = descendants(root, 'request')
    .filter((request) => ['true', 'all_except_body'].includes(request.attribute('subst') ?? ''))
    .flatMap((request) => request.children.flatMap(withAllBelow));
  return [
    ...withAllBelow(root).flatMap(codeQuestions),
    ...descendants(root, 'setdynvars').flatMap(callbackQuestions),
    ...descendants(root, 'match').flatMap((match) => matchQuestions(match, text)),
    ...[...sent, ...descendants(root, 'thinktime')].flatMap(substitutionQuestions),
  ];
}

/** An attribute that is Erlang code: Tsung evaluates it while reading, to get a function. */
export function codeOf(element: Element): Attribute | undefined {
  const { attributes, name } = element;
  if (name === 'oid') return attributes.find((attribute) => attribute.name === 'eval');
  if (name !== 'setdynvars' || element.attribute('sourcetype') !== 'eval') return undefined;
  return attributes.find((attribute) => attribute.name === 'code');
}

/** The terms of `file:consult`; a question is identified by its number. */
export function asTerms(questions: readonly ReaderQuestion[]): string {
  return questions
    .map(({ asked }, index) => {
      const words = Object.values(asked).slice(1).map(asCharacters);
      return `{${asked.kind}, ${asCharacters(String(index))}, ${words.join(', ')}}.\n`;
    })
    .join('');
}

/** A string as a list of character codes, so that nothing in it can end it. */
function asCharacters(text: string): string {
  return `[${Array.from(text, (character) => character.codePointAt(0)).join(',')}]`;
}

function codeQuestions(element: Element): readonly ReaderQuestion[] {
  const code = codeOf(element);
  if (code === undefined) return [];
  // An XML parser reads a line end in an attribute as a blank.
  const text = code.value.replace(/[\t\n\r]/g, ' ');
  return [{ element, start: code.start, asked: { kind: 'code', text } }];
}

/** The reader itself rejects a callback without a module. */
function callbackQuestions(element: Element): readonly ReaderQuestion[] {
  const callback = element.attributes.find(({ name }) => name === 'callback');
  if (element.attribute('sourcetype') !== 'erlang' || callback === undefined) return [];
  const [module, name, ...more] = callback.value.split(':').filter((part) => part !== '');
  if (module === undefined || name === undefined || more.length > 0) return [];
  return [{ element, start: callback.start, asked: { kind: 'callback', module, name } }];
}

function matchQuestions(element: Element, text: string): readonly ReaderQuestion[] {
  const applied = element.attributes.find(({ name }) => name === 'apply_to_content');
  const [module = '', ...name] = applied?.value.split(':') ?? [];
  const callback =
    applied === undefined
      ? []
      : [
          {
            element,
            start: applied.start,
            asked: { kind: 'callback', module, name: name.join(':') } as const,
          },
        ];
  if (element.attribute('subst') === 'true') return callback;
  const content = text.slice(element.openEnd, element.end).replace(/<\/match\s*>$/, '');
  // Tsung reads only the first piece of text; a CDATA section or a comment begins another.
  if (content.includes('<')) return callback;
  return [
    ...callback,
    { element, start: element.start, asked: { kind: 'regexp', text: unescapeXml(content) } },
  ];
}

function substitutionQuestions(element: Element): readonly ReaderQuestion[] {
  return element.attributes
    .filter(({ name }) => name !== 'contents')
    .flatMap(({ start, value }) =>
      substituted(value)
        .map((between) => between.split(':'))
        .filter((parts) => parts.length === 2 && parts.every((part) => atom.test(part)))
        .map(([module = '', name = '']) => ({
          element,
          start,
          asked: { kind: 'callback', module, name } as const,
        })),
    );
}

/**
 * The text between two `%%`, such as `module:function`; a `%%` that ends one does not begin
 * another.
 */
function substituted(value: string): readonly string[] {
  return value.split('%%').filter((_, index, all) => index % 2 === 1 && index < all.length - 1);
}
