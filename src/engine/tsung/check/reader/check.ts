/**
 * Has Tsung's own reader judge the text that will run, and explains in plain words, with the
 * author's lines, what it rejects.
 */

import type { Problem } from '../../../../errors.ts';
import type { Install } from '../../run/install.ts';
import type { Prepared } from '../../scenario/prepare.ts';
import type { Rewritten } from '../../scenario/rewrite.ts';
import { usesTls } from '../../scenario/tls.ts';
import { applyEdits, offsetsBefore, setAttribute } from '../../xml/edits.ts';
import type { Where } from '../../xml/source-map.ts';
import { type Element, parseTree, withAllBelow } from '../../xml/tree.ts';
import { askReader } from './ask.ts';
import { type Lack, lackFindings } from './lacks.ts';
import { questionProblem } from './question-problems.ts';
import { asTerms, codeOf, questionsOf } from './questions.ts';
import { refusalInWords } from './words.ts';

type ReaderOptions = Readonly<{
  install: Install;
  /** The folder of Onager's compiled modules. */
  modules: string;
  tlsVerify: boolean;
  prepared: Prepared;
  rewritten: Rewritten;
  signal: AbortSignal;
}>;

/** With a warning, the reader reached no verdict; the scenario may be right. */
type Verdict = Readonly<{ problems: readonly Problem[]; warnings: readonly Problem[] }>;

/** Throws `ENGINE_MISSING` and `ENGINE_BROKEN`. */
export async function readerVerdict(options: ReaderOptions): Promise<Verdict> {
  const { install, modules, tlsVerify, prepared, rewritten, signal } = options;
  const { text } = rewritten;
  const root = parseTree(text);
  const elements = withAllBelow(root);
  const questions = questionsOf(root, text);
  const answer = await askReader({
    install,
    modules,
    tlsVerify: tlsVerify && usesTls(root),
    text: harmless(text, elements),
    questions: asTerms(questions),
    scenarioDir: prepared.scenario.dir,
    signal,
  });
  if ('unread' in answer) {
    const message = `Tsung's own reader has not judged the scenario: ${answer.unread}`;
    const hint = 'it may be right all the same: Tsung reads it again before the load starts';
    return { problems: [], warnings: [{ code: 'TSUNG_UNJUDGED', message, hint }] };
  }
  const before = offsetsBefore(prepared.text, rewritten.edits);
  const where = (offset: number): string => prepared.where(before(offset));
  const lacks = lackFindings(answer.lines.flatMap(lackOf), elements, where);
  const problems = answer.lines.flatMap(([kind = '', ...words]) => {
    if (kind === 'ok' || kind === 'lacks') return [];
    if (kind === 'no-authorities') return [noAuthorities];
    if (kind === 'refused') return [refused(words, elements, where)];
    const [id = '', ...more] = words;
    const question = questions[Number(id)];
    return question === undefined ? [] : [questionProblem(question, [kind, ...more], text, where)];
  });
  return { warnings: lacks.warnings, problems: [...lacks.problems, ...problems] };
}

const noAuthorities: Problem = {
  code: 'TLS_AUTHORITIES',
  message: 'tls.verify is true, and this machine has no certificates of authorities to verify with',
  hint: 'apt-get install ca-certificates',
};

function lackOf(line: readonly string[]): readonly Lack[] {
  const [kind, caller = '', called = '', call = '', release = ''] = line;
  return kind === 'lacks' ? [{ caller, called, call, release }] : [];
}

/**
 * The scenario's code must not run by being read: Tsung evaluates it to get a function, so it is
 * given one of ours. The clients are this machine, under a name that an Erlang without network has.
 */
function harmless(text: string, elements: readonly Element[]): string {
  return applyEdits(
    text,
    elements.flatMap((element) => {
      const code = codeOf(element);
      if (code !== undefined) return [setAttribute(element, code.name, 'fun(_) -> ok end.')];
      return element.name === 'client' ? [setAttribute(element, 'host', 'localhost')] : [];
    }),
  );
}

/** `elements`: all, in the order in which the reader's program counts them. */
function refused(
  [reason = '', index = '', type = '', value = '']: readonly string[],
  elements: readonly [Element, ...Element[]],
  where: Where,
): Problem {
  const [root] = elements;
  const element = index === '' ? undefined : elements[Number(index)];
  const read = type === '' ? {} : { read: { type, value } };
  const refusal = { reason, ...read, ...(element === undefined ? {} : { element }) };
  const words = refusalInWords(refusal, root);
  const place = words.element ?? element ?? root;
  return {
    code: 'TSUNG_REFUSED',
    message: words.message,
    hint: words.hint,
    where: where(place.start),
  };
}
