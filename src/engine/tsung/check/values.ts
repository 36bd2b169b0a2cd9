/**
 * Finds numbers and think times that the DTD allows and Tsung cannot read: it reads numbers as
 * Erlang does.
 */

import type { Problem } from '../../../errors.ts';
import { number } from '../scenario/load.ts';
import type { Where } from '../xml/source-map.ts';
import { descendants, type Element } from '../xml/tree.ts';
import { textProblems } from './texts.ts';

/** `others`: what Tsung accepts besides a number, such as `infinity` or a variable (`%%`). */
type Rule = Readonly<{ isWhole: boolean; others?: RegExp }>;

const whole: Rule = { isWhole: true };
const fraction: Rule = { isWhole: false };
const wholeOrVariable: Rule = { isWhole: true, others: /%%/ };

const dynamicTime = /^(%%.*|wait_bidi|wait_global)$/s;

/** By element, or by `option NAME` for an option. */
const rules: Readonly<Record<string, Readonly<Record<string, Rule>>>> = {
  thinktime: {
    value: { isWhole: false, others: dynamicTime },
    min: whole,
    max: whole,
  },
  for: { from: wholeOrVariable, to: wholeOrVariable, incr: whole },
  repeat: { max_repeat: whole },
  match: { max_loop: whole, loop_back: whole, max_restart: whole, sleep_loop: whole },
  load: { duration: whole, loop: whole },
  user: { start_time: fraction },
  server: { weight: fraction },
  session_setup: { probability: fraction, weight: fraction },
  'option thinktime': { value: fraction, min: whole, max: whole },
  'option hibernate': { value: { isWhole: true, others: /^infinity$/ } },
  'option rate_limit': { value: whole, max: whole },
  'option ports_range': { min: whole, max: whole },
  ...Object.fromEntries(
    [
      ...['seed', 'job_notify_port', 'connect_timeout', 'idle_timeout', 'global_ack_timeout'],
      ...['max_retries', 'retry_timeout', 'tcp_rcv_buffer', 'tcp_snd_buffer', 'udp_rcv_buffer'],
      ...['udp_snd_buffer', 'userid_max', 'global_number'],
    ].map((name) => [`option ${name}`, { value: whole }]),
  ),
};
const options = ['option', 'set_option'];
const ruled = Object.keys(rules).filter((key) => key !== 'thinktime' && !key.includes(' '));

export function valueProblems({
  root,
  text,
  where,
}: Readonly<{ root: Element; text: string; where: Where }>): readonly Problem[] {
  const thinktimes = isOverridden(root) ? [] : descendants(root, 'thinktime');
  return [
    ...descendants(root, ...ruled, ...options).flatMap((element) => numberProblems(element, where)),
    ...thinktimes.flatMap((element) => thinktimeProblems(element, where)),
    ...textProblems(root, text, where),
  ];
}

function numberProblems(element: Element, where: Where): readonly Problem[] {
  const { name, attributes } = element;
  const option = options.includes(name) ? (element.attribute('name') ?? '') : undefined;
  const key = option === undefined ? name : `option ${option}`;
  const its = Object.hasOwn(rules, key) ? (rules[key] ?? {}) : {};
  return attributes.flatMap((attribute) => {
    const rule = Object.hasOwn(its, attribute.name) ? its[attribute.name] : undefined;
    if (rule === undefined || isRead(attribute.value, rule)) return [];
    const of = option === undefined ? `<${name}>` : `<${name} name="${option}">`;
    const kind = rule.isWhole ? 'whole number' : 'number';
    return [
      {
        code: 'TSUNG_NUMBER' as const,
        message: `${attribute.name} "${attribute.value}" of ${of} is not a ${kind}`,
        hint: rule.isWhole
          ? 'write it in digits, such as 5, without a sign or unit'
          : 'write it as 5 or 0.5, without a sign or unit',
        where: where(attribute.start),
      },
    ];
  });
}

/** Whether an option replaces all think times, so that Tsung does not read them. */
function isOverridden(root: Element): boolean {
  return descendants(root, 'option').some(
    (option) => option.attribute('name') === 'thinktime' && option.attribute('override') === 'true',
  );
}

/**
 * A think time is a time above 0 or a range of whole seconds; without either, the option applies.
 */
function thinktimeProblems(element: Element, where: Where): readonly Problem[] {
  const problems = numberProblems(element, where).filter(() => element.attribute('value') !== '');
  if (problems.length > 0) return problems;
  const [value, min, max] = ['value', 'min', 'max'].map((name) => element.attribute(name)?.trim());
  if (value !== undefined && dynamicTime.test(value)) return [];
  const isTime = min === undefined && max === undefined && (number(value ?? '1') ?? 0) > 0;
  const isRange = value === undefined && Number(min) > 0 && Number(max) > Number(min);
  if (isTime || isRange) return [];
  const shown = element.attributes
    .filter(({ name }) => name !== 'random')
    .map((attribute) => `${attribute.name} "${attribute.value}"`);
  return [
    {
      code: 'TSUNG_NUMBER',
      message: `<thinktime> is neither a time nor a range: ${shown.join(' ')}`,
      hint: 'give it a value above 0, or a min above 0 and a max above that; leave it out to wait for nothing',
      where: where(element.start),
    },
  ];
}

function isRead(value: string, { isWhole, others }: Rule): boolean {
  if (others?.test(value) === true) return true;
  return isWhole ? /^\d+$/.test(value.trim()) : number(value.trim()) !== undefined;
}
