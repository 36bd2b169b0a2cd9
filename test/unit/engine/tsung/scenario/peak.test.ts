/** What a scenario plans at most at one time, or why that is not known before. */
import { expect, it } from 'vitest';
import { peakOf } from '../../../../../src/engine/tsung/scenario/peak.ts';
import { parseTree } from '../../../../../src/engine/tsung/xml/tree.ts';

const phase = (number: number, users: string, more = ''): string =>
  `<arrivalphase phase="${number}" duration="60" unit="second"><users ${users} unit="second"/>${more}</arrivalphase>`;
const session = (content: string, share = 'probability="100"', name = 's'): string =>
  `<session name="${name}" ${share} type="ts_http">${content}</session>`;
const request = '<request><http url="/"/></request>';

function peak(load: string, sessions: string) {
  const text = `<tsung><load>${load}</load><sessions>${sessions}</sessions></tsung>`;
  return peakOf(parseTree(text));
}

it('is of the phase with the most requests, not the most users', () => {
  const mixed = [
    session(request, 'probability="100"', 'read'),
    session(request.repeat(10), 'probability="0"', 'buy'),
  ].join('');
  const buying =
    '<session_setup name="read" probability="50"/><session_setup name="buy" probability="50"/>';
  const load = phase(1, 'arrivalrate="10"') + phase(2, 'interarrival="0.2"', buying);
  expect(peak(load, mixed)).toEqual({ usersPerSecond: 5, requestsPerSecond: 27.5 });
});

it('counts what is repeated, in transactions and conditions', () => {
  const inner = `<for from="1" to="10" var="i">${request}<thinktime value="1"/></for>`;
  const content = `<transaction name="t"><for from="1" to="5" incr="2" var="j">${inner}</for></transaction><if var="a" eq="b">${request}</if>`;
  expect(peak(phase(1, 'arrivalrate="2"'), session(content))).toEqual({
    usersPerSecond: 2,
    requestsPerSecond: 62,
  });
});

it('weighs sessions by their weights', () => {
  const sessions =
    session(request, 'weight="1"', 'a') + session(request.repeat(4), 'weight="2"', 'b');
  expect(peak(phase(1, 'arrivalrate="3"'), sessions)).toMatchObject({ requestsPerSecond: 9 });
});

it.each([
  { what: 'users one by one', load: '<user session="s" start_time="1" unit="second"/>' },
  { what: 'a phase without a rate', load: phase(1, 'interarrival="0"'), says: 'phase 1' },
  { what: 'a variable', content: `<for from="1" to="%%_n%%" var="i">${request}</for>` },
  { what: 'repeat', content: `<repeat name="r" max_repeat="9">${request}</repeat>` },
  { what: 'foreach', content: `<foreach in="l" var="x">${request}</foreach>` },
  {
    what: 'an answer',
    content: '<request><match do="loop" max_loop="9">x</match><http url="/"/></request>',
  },
])('is not known with $what', ({ load = phase(1, 'arrivalrate="1"'), content = request }) => {
  expect(peak(load, session(content))).toEqual({ unknown: expect.any(String) });
});
