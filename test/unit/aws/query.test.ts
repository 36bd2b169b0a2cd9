/** Where requests of AWS's Query API go. */
import { expect, it } from 'vitest';
import { endpointOf } from '../../../src/aws/query.ts';

it.each([
  ['ec2', 'eu-central-1', 'https://ec2.eu-central-1.amazonaws.com/'],
  ['autoscaling', 'us-gov-west-1', 'https://autoscaling.us-gov-west-1.amazonaws.com/'],
  ['ec2', 'cn-north-1', 'https://ec2.cn-north-1.amazonaws.com.cn/'],
])('%s of %s is at %s', (service, region, url) => {
  expect(endpointOf(service, region)).toBe(url);
});
