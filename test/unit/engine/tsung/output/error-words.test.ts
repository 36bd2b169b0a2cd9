import { describe, expect, it } from 'vitest';
import { crashOf, errorInWords } from '../../../../../src/engine/tsung/output/error-words.ts';

describe('a crash', () => {
  it.each([
    [
      'user@own@my_mod@token@1@undef',
      "user crashed in the scenario's own code: my_mod:token/1 undefined",
    ],
    [
      'user@own@my_mod@token@1@badmatch',
      "user crashed in the scenario's own code: my_mod:token/1: badmatch",
    ],
    [
      'user@eval@badarg@erlang@list_to_integer@1',
      "user crashed in the scenario's own code (eval): badarg in erlang:list_to_integer/1",
    ],
    [
      'user@eval@undef@accounts@next@1',
      "user crashed in the scenario's own code (eval): accounts:next/1 undefined",
    ],
    [
      'user@tsung@ts_dynvars@set@3@function_clause',
      'user crashed in ts_dynvars:set/3 (Tsung): function_clause',
    ],
    [
      'user@tsung@ts_http@parse@2@undef@httpd_util@hexlist_to_integer@1',
      'user crashed in ts_http:parse/2 (Tsung): httpd_util:hexlist_to_integer/1 undefined',
    ],
    [
      'user@onager@onager_user@acts@2@badmatch',
      'user crashed in onager_user:acts/2 (Onager): badmatch',
    ],
    ['user@none@timeout@gen_server@call@2', 'user crashed: timeout in gen_server:call/2'],
    [
      'user@none@set_profile_error',
      'user ended by Tsung: a step of its session is missing: is it of another protocol than the session? (set_profile_error)',
    ],
    [
      'ts_launcher@tsung@ts_launcher@launcher@2@badarith',
      'ts_launcher crashed in ts_launcher:launcher/2 (Tsung): badarith',
    ],
    ['other', 'user crashed for other reasons'],
  ])('%s is told in words', (counter, words) => {
    expect(errorInWords(`error_crash@${counter}`)).toBe(words);
  });

  it('is of a user, or of something else', () => {
    expect(crashOf('error_crash@user@eval@badarg')).toBe('user');
    expect(crashOf('error_crash@other')).toBe('user');
    expect(crashOf('error_crash@ts_launcher@none@badarg')).toBe('other');
    expect(crashOf('error_crash_of_mine')).toBeUndefined();
  });

  it('that is made up by a scenario is only odd', () => {
    for (const counter of ['@', '@@@', '@user@own', '@user@tsung@@', '@user@__proto__@x'])
      expect(errorInWords(`error_crash${counter}`)).toMatch(/crashed/);
  });
});

it('tells why TLS failed, and where', () => {
  expect(errorInWords('error_connect_tls_self_signed')).toBe(
    'TLS: the certificate is signed by itself (error_connect_tls_self_signed)',
  );
  expect(errorInWords('error_inet_tls_bad_record_mac')).toBe(
    'TLS: bad_record_mac (error_inet_tls_bad_record_mac)',
  );
  expect(errorInWords('error_connect_tls_constructor')).toBe(
    'TLS: constructor (error_connect_tls_constructor)',
  );
});

it('leaves other counters as they are', () => {
  expect(errorInWords('error_connect_econnrefused')).toBe('error_connect_econnrefused');
});
