/** Settings that name a location: scenario.from, publish.to, endpoints, the entry file. */

import type { BadValue, Read, ValueReader } from './values.ts';

/** `s3://bucket/key` or an https URL. */
export const scenarioFrom: ValueReader<string> = (text) => {
  const wrong = (is: string, hint: string): BadValue => ({
    code: 'SETTINGS_SCENARIO_FROM',
    is,
    hint,
  });
  if (/^s3:\/\//i.test(text)) {
    const place = s3Place(text);
    if (!('value' in place)) return wrong(place.is, place.hint);
    if (place.value.key === '' || place.value.key.endsWith('/')) {
      return wrong('names no object', 'write s3://bucket/key, such as s3://bucket/checkout.zip');
    }
    return { value: text };
  }
  if (/^http:\/\//i.test(text)) {
    return {
      code: 'SETTINGS_SCENARIO_HTTP',
      is: 'is not encrypted in transit',
      hint: 'use https:// or s3://: whoever can change the scenario decides where the load goes',
    };
  }
  const url = /^https:\/\//i.test(text) && !/\s/.test(text) ? URL.parse(text) : null;
  if (url === null) {
    return wrong(
      'is not an s3:// or https:// address',
      'write s3://bucket/key or https://host/path',
    );
  }
  if (url.username !== '' || url.password !== '') {
    return wrong('contains a user or password', 'use a presigned URL, or s3:// with a role');
  }
  return { value: text };
};

/** `s3://bucket` or `s3://bucket/prefix`; the prefix loses the slashes at its ends. */
export const publishTo: ValueReader<Readonly<{ bucket: string; prefix: string }>> = (text) => {
  const place = s3Place(text);
  if (!('value' in place)) return place;
  return {
    value: { bucket: place.value.bucket, prefix: withoutSlashes(place.value.key) },
  };
};

function withoutSlashes(key: string): string {
  let [start, end] = [0, key.length];
  while (key[start] === '/') start += 1;
  while (end > start && key[end - 1] === '/') end -= 1;
  return key.slice(start, end);
}

/** The address of an S3 service: http or https, host and perhaps port and path. */
export const endpoint: ValueReader<string> = (text) => {
  const url = /^https?:\/\//i.test(text) && !/\s/.test(text) ? URL.parse(text) : null;
  if (url !== null && url.username === '' && url.password === '' && !/[?#]/.test(text)) {
    return { value: text };
  }
  return {
    code: 'SETTINGS_ENDPOINT',
    is: 'is not the address of an S3 service',
    hint: 'write http:// or https://, the host and perhaps the port; no user, no query',
  };
};

/** The name of a file in the scenario, relative to its root. */
export const entry: ValueReader<string> = (text) => {
  const segments = text.split('/');
  const odd = segments.some((segment) => ['', '.', '..'].includes(segment));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (!odd && text.length <= 1_024 && !/[\u0000-\u001f\u007f\\]/.test(text)) return { value: text };
  return {
    code: 'SETTINGS_ENTRY',
    is: 'is not the name of a file in the scenario',
    hint: 'write its path inside the archive with forward slashes, such as load/tsung.xml',
  };
};

/** An AWS region, or the region name of another S3 service. */
export const region: ValueReader<string> = (text) => {
  if (/^[a-z]{2}(-[a-z]+)+-\d[a-z]$/.test(text)) {
    return {
      code: 'SETTINGS_REGION',
      is: 'is an availability zone',
      hint: `write the region: ${text.slice(0, -1)}`,
    };
  }
  if (/^[a-z0-9][a-z0-9-]{0,62}$/.test(text)) return { value: text };
  return {
    code: 'SETTINGS_REGION',
    is: 'is not a region',
    hint: 'write its code, such as eu-west-1',
  };
};

function s3Place(text: string): Read<Readonly<{ bucket: string; key: string }>> {
  const wrong = (is: string, hint: string): BadValue => ({ code: 'SETTINGS_PUBLISH_TO', is, hint });
  const match = /^s3:\/\/([^/]*)(?:\/(.*))?$/s.exec(text);
  if (match === null) return wrong('is not an s3:// address', 'write s3://bucket/prefix');
  const [, bucket = '', key = ''] = match;
  if (!isBucketName(bucket)) {
    return wrong(
      'names a bucket that cannot exist',
      'a bucket name has 3 to 63 lower-case letters, digits, dots and hyphens, and is not an IP address',
    );
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (Buffer.byteLength(key) > 700 || /[\u0000-\u001f\u007f]/.test(key)) {
    return wrong('has a path that is too long or unprintable', 'keep it below 700 bytes');
  }
  if (key.split('/').some((segment) => segment === '.' || segment === '..')) {
    return wrong('has . or .. in its path', 'S3 has no folders to go up: write the whole key');
  }
  return { value: { bucket, key } };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
function isBucketName(name: string): boolean {
  return (
    /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) &&
    !/\.\.|\.-|-\./.test(name) &&
    !/^\d+\.\d+\.\d+\.\d+$/.test(name)
  );
}
