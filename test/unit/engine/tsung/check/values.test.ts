/** Values that Tsung can answer only with an Erlang term, or with nothing but errors. */

import { describe, expect, it } from 'vitest';
import { valueProblems } from '../../../../../src/engine/tsung/check/values.ts';
import { parseTree } from '../../../../../src/engine/tsung/xml/tree.ts';

function problemsOf(text: string): readonly string[] {
  const where = (offset: number): string => String(text.slice(0, offset).split('\n').length);
  return valueProblems({ root: parseTree(text), text, where }).map(
    ({ code, message, where: line }) => `${line} ${code}: ${message}`,
  );
}

describe('a number', () => {
  it.each([
    '<thinktime value="2"/>',
    '<thinktime value="2  "/>',
    '<thinktime min=" 1" max="3 "/>',
    '<thinktime value="0.5" random="true"/>',
    '<thinktime value="1.0e3"/>',
    '<thinktime value="%%_pause%%"/>',
    '<thinktime value="wait_global"/>',
    '<thinktime value="wait_bidi"/>',
    '<thinktime min="1" max="3"/>',
    '<thinktime/>',
    '<server weight="0.5"/>',
    '<server weight="2"/>',
    '<for from="1" to="%%_n%%" incr="2" var="i"/>',
    '<repeat name="r" max_repeat="7"/>',
    '<match max_loop="3" sleep_loop="1">x</match>',
    '<option name="thinktime" value="0.5" override="true"/>',
    '<option name="hibernate" value="infinity"/>',
    '<option name="user_agent" type="ts_http"/>',
    '<option name="file_server" value="users.csv"/>',
    '<option type="ts_jabber" name="domain" value="jabber.org"/>',
    '<load duration="1" unit="minute" loop="2"/>',
    '<set_option name="rate_limit" value="1024" max="2048"/>',
  ])('is read in %s', (element) => {
    expect(problemsOf(`<tsung>${element}</tsung>`)).toEqual([]);
  });

  it.each([
    ['<thinktime value="x"/>', 'value "x" of <thinktime> is not a number'],
    ['<thinktime value="-1"/>', 'value "-1" of <thinktime> is not a number'],
    ['<thinktime value=".5"/>', 'value ".5" of <thinktime> is not a number'],
    ['<thinktime value="1,5"/>', 'value "1,5" of <thinktime> is not a number'],
    ['<thinktime min="0.5" max="2"/>', 'min "0.5" of <thinktime> is not a whole number'],
    ['<for from="1" to="ten" var="i"/>', 'to "ten" of <for> is not a whole number'],
    [
      '<for from="1" to="2" incr="%%_i%%" var="i"/>',
      'incr "%%_i%%" of <for> is not a whole number',
    ],
    ['<repeat max_repeat="often"/>', 'max_repeat "often" of <repeat> is not a whole number'],
    ['<match sleep_loop="1.5">x</match>', 'sleep_loop "1.5" of <match> is not a whole number'],
    ['<user start_time="soon"/>', 'start_time "soon" of <user> is not a number'],
    ['<load duration="1h"/>', 'duration "1h" of <load> is not a whole number'],
    ['<server weight="half"/>', 'weight "half" of <server> is not a number'],
    [
      '<session_setup probability="most"/>',
      'probability "most" of <session_setup> is not a number',
    ],
    [
      '<option name="seed" value="now"/>',
      'value "now" of <option name="seed"> is not a whole number',
    ],
    [
      '<option name="hibernate" value="never"/>',
      'value "never" of <option name="hibernate"> is not a whole number',
    ],
    [
      '<option name="thinktime" value="a"/>',
      'value "a" of <option name="thinktime"> is not a number',
    ],
    [
      '<option name="ports_range" min="low" max="65000"/>',
      'min "low" of <option name="ports_range"> is not a whole number',
    ],
    [
      '<option type="ts_jabber" name="userid_max" value="many"/>',
      'value "many" of <option name="userid_max"> is not a whole number',
    ],
    [
      '<set_option name="connect_timeout" value="1s"/>',
      'value "1s" of <set_option name="connect_timeout"> is not a whole number',
    ],
  ])('is missed in %s', (element, message) => {
    expect(problemsOf(`<tsung>\n${element}</tsung>`)).toEqual([`2 TSUNG_NUMBER: ${message}`]);
  });
});

describe('a thinktime', () => {
  it.each([
    ['<thinktime value="0"/>', 'value "0"'],
    ['<thinktime value="0.0"/>', 'value "0.0"'],
    ['<thinktime value=""/>', 'value ""'],
    ['<thinktime min="1"/>', 'min "1"'],
    ['<thinktime max="2"/>', 'max "2"'],
    ['<thinktime min="2" max="2"/>', 'min "2" max "2"'],
    ['<thinktime min="0" max="2"/>', 'min "0" max "2"'],
    ['<thinktime min="1" max="2" value="3"/>', 'min "1" max "2" value "3"'],
  ])('that Tsung refuses is reported: %s', (element, shown) => {
    expect(problemsOf(`<tsung>${element}</tsung>`)).toEqual([
      `1 TSUNG_NUMBER: <thinktime> is neither a time nor a range: ${shown}`,
    ]);
  });

  it('may be anything where an option overrides it', () => {
    const option = '<option name="thinktime" value="2" override="true"/>';
    const all = '<thinktime value="0"/><thinktime value="x"/><thinktime min="2"/>';
    expect(problemsOf(`<tsung>${option}${all}</tsung>`)).toEqual([]);
  });
});

describe('text of a request', () => {
  it.each([
    '<request tag="grün"><http url="/käse" contents="ü"/></request>',
    '<request><http url="/%E6%97%A5"/></request>',
    '<request><!-- 日 --><match><!-- 日 -->x</match><http url="/"/></request>',
    '<session name="日本"/>',
    '<request><http url="/" contents_from_file="日.txt"/></request>',
    '<option name="file_server" value="日.csv"/>',
  ])('is Latin-1 in %s', (element) => {
    expect(problemsOf(`<tsung>${element}</tsung>`)).toEqual([]);
  });

  it.each([
    [
      '<request>\n<http url="/日"/></request>',
      '2 TSUNG_TEXT: url of <http> has the character "日"',
    ],
    [
      '<request><http url="/" contents="&#x20ac;"/></request>',
      '1 TSUNG_TEXT: contents of <http> has the character "€"',
    ],
    [
      '<request><http url="/"><http_header name="x" value="ü日"/></http></request>',
      '1 TSUNG_TEXT: value of <http_header> has the character "日"',
    ],
    [
      '<request><match>🛒</match></request>',
      '1 TSUNG_TEXT: the text of <match> has the character "🛒"',
    ],
    [
      '<request><websocket><![CDATA[日]]></websocket></request>',
      '1 TSUNG_TEXT: the text of <websocket> has the character "日"',
    ],
    ['<request tag="日"/>', '1 TSUNG_TEXT: tag of <request> has the character "日"'],
    ['<transaction name="日"/>', '1 TSUNG_TEXT: name of <transaction> has the character "日"'],
    [
      '<user_agent probability="100">日</user_agent>',
      '1 TSUNG_TEXT: the text of <user_agent> has the character "日"',
    ],
    ['<foreach include="日"/>', '1 TSUNG_TEXT: include of <foreach> has the character "日"'],
  ])('cannot be sent by Tsung in %s', (element, expected) => {
    expect(problemsOf(`<tsung>${element}</tsung>`)).toEqual([expected]);
  });
});
