/** junit.xml: the verdicts as test cases, for CI systems. */

import { problemLine } from '../errors.ts';
import { describeMeasured } from '../slo/format.ts';
import type { SloResult } from '../slo/result.ts';
import { replaceUnseen } from '../text.ts';
import { howEarly } from './early-end.ts';
import type { Summary } from './summary.ts';

type TestCase = Readonly<{
  className: string;
  name: string;
  failure?: string;
  skipped?: string;
  /** What to say about a case that did not fail. */
  output?: string;
}>;

/**
 * One case for the completion of the run, one for the scenario's own verdict if it has one, one for
 * the health of the generator, and one for each rule.
 */
export function junitXml(summary: Summary): string {
  const cases = [
    completed(summary),
    ...scenarioVerdict(summary),
    generatorValid(summary),
    ...rules(summary),
  ];
  const failures = cases.filter(({ failure }) => failure !== undefined).length;
  const skipped = cases.filter((it) => it.skipped !== undefined).length;
  const seconds = durationMs(summary) / 1_000;
  const counts = `tests="${cases.length}" failures="${failures}" errors="0" skipped="${skipped}"`;
  const time = `time="${seconds.toFixed(3)}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="onager" ${counts} ${time}>`,
    `  <testsuite name="${escaped(summary.run.id)}" ${counts} ${time} timestamp="${escaped(summary.generatedAt)}">`,
    ...cases.map(caseXml),
    ...warningsXml(summary.run.warnings),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function completed(summary: Summary): TestCase {
  const { run } = summary;
  const base = { className: 'onager.run', name: 'run completed' };
  const problem = run.problems[0];
  if (problem !== undefined) return { ...base, failure: problemLine(problem) };
  const { outcome } = run;
  if (outcome === undefined)
    return { ...base, failure: `the run has not ended: it is ${run.phase}` };
  const when = howEarly(summary);
  switch (outcome.kind) {
    case 'complete':
      return base;
    case 'cut':
      return when === '' ? base : { ...base, output: `the run was cut${when}` };
    case 'stopped':
      return { ...base, failure: `the run was stopped by hand${when}` };
    case 'interrupted': {
      const why = problemLine(outcome.problem);
      return { ...base, failure: `the run was interrupted${when}: ${why}` };
    }
    case 'failed':
      return { ...base, failure: problemLine(outcome.problem) };
    default:
      return outcome satisfies never;
  }
}

/** From the scenario's own thresholds or assertions. */
function scenarioVerdict({ run: { outcome } }: Summary): TestCase[] {
  if (outcome?.verdict === undefined) return [];
  const { ok, message } = outcome.verdict;
  const base = { className: 'onager.scenario', name: "the scenario's own verdict" };
  return [{ ...base, ...(ok ? { output: message } : { failure: message }) }];
}

/** A doubt is not a failure: it does not change the exit code of the command either. */
function generatorValid({ generator }: Summary): TestCase {
  const base = { className: 'onager.generator', name: 'generator valid' };
  switch (generator.verdict) {
    case 'valid':
      return base;
    case 'strained':
    case 'suspect':
      return { ...base, skipped: `${generator.verdict}: ${generator.reasons.join('; ')}` };
    case 'unknown':
      return { ...base, skipped: 'the health of the generator is unknown' };
    default:
      return generator.verdict satisfies never;
  }
}

function rules({ slo }: Summary): TestCase[] {
  return slo.rules.map((result) => {
    const found = foundBy(result);
    return {
      className: 'onager.slo',
      name: result.rule.text,
      ...(result.ok ? { output: found } : { failure: found }),
    };
  });
}

function foundBy(result: SloResult): string {
  const found = describeMeasured(result);
  return result.measured === undefined ? found : `measured ${found}`;
}

function durationMs({ loadStartedMs = 0, loadEndedMs = 0 }: Summary): number {
  return loadEndedMs - loadStartedMs;
}

function caseXml({ className, name, failure, skipped, output }: TestCase): string {
  const head = `    <testcase classname="${className}" name="${escaped(name)}"`;
  if (failure !== undefined) return `${head}><failure message="${escaped(failure)}"/></testcase>`;
  if (skipped !== undefined) return `${head}><skipped message="${escaped(skipped)}"/></testcase>`;
  if (output === undefined) return `${head}/>`;
  return `${head}><system-out>${escaped(output)}</system-out></testcase>`;
}

function warningsXml(warnings: Summary['run']['warnings']): readonly string[] {
  if (warnings.length === 0) return [];
  const lines = warnings.map(({ code, message }) => `warning: ${code}: ${message}`);
  return [`    <system-out>${lines.map(escaped).join('\n')}</system-out>`];
}

function escaped(text: string): string {
  return replaceUnseen(text).replace(/[&<>"']/gu, (character) => `&#${character.charCodeAt(0)};`);
}
