/**
 * The CloudFormation template and the policies: valid by AWS's published types, and as tight as
 * they claim.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { membersPortNumber } from '../../../src/engine/addresses.ts';
import { templateProblems } from '../../support/cfn-template.ts';

const root = join(import.meta.dirname, '../../..');
const template = read('infra/onager.cfn.yaml');

describe('the CloudFormation template', () => {
  it('names only resource types, properties and references that exist, each with a value of its type', () => {
    expect(templateProblems(template)).toEqual([]);
  });

  it.each([
    [
      'a property that does not exist',
      'HttpTokens: required',
      'HttpToken: required',
      /HttpToken: no such property/,
    ],
    [
      'a value of the wrong type',
      'DaysAfterInitiation: 1',
      'DaysAfterInitiation: one',
      /DaysAfterInitiation: not an integer/,
    ],
    ['a missing property', 'IpProtocol: tcp', 'CidrIpv6: "::/0"', /IpProtocol: missing/],
    ['a reference to nothing', '!Ref Role]', '!Ref Rolle]', /nothing is called Rolle/],
    [
      'an attribute that does not exist',
      'SecurityGroup.GroupId',
      'SecurityGroup.GroupIdd',
      /nothing is called SecurityGroup.GroupIdd/,
    ],
    [
      'a name in a text that does not exist',
      '{Bucket}/runs',
      '{Buket}/runs',
      /nothing is called Buket/,
    ],
    [
      'a type that does not exist',
      'AWS::EC2::LaunchTemplate',
      'AWS::EC2::LaunchTemplat',
      /unknown type/,
    ],
    [
      'an apostrophe in the description of a security group',
      'page of Onager instances',
      "page of Onager's instances",
      /GroupDescription: AWS does not take "The page of Onager's instances/,
    ],
    [
      'an umlaut in the description of a rule',
      'Description: the page',
      'Description: für die Seite',
      /SecurityGroupIngress\[0\].Description: AWS does not take/,
    ],
    [
      'a blank in the name of a policy',
      'PolicyName: runs',
      'PolicyName: all runs',
      /PolicyName: AWS does not take "all runs"/,
    ],
    [
      'a tag that the metadata service cannot tell',
      'onager:after.action',
      'onager/after action',
      /Tags\[2\].Key: AWS does not take/,
    ],
    [
      'a word that is not one of the possible ones',
      'HttpTokens: required',
      'HttpTokens: mandatory',
      /HttpTokens: AWS does not take "mandatory"/,
    ],
    [
      'a text of which nobody has looked up what AWS takes',
      'HttpEndpoint: enabled',
      'HttpEndpoint: enabled\n          HttpProtocolIpv6: on',
      /HttpProtocolIpv6: what AWS takes as this text is not in/,
    ],
    [
      'a parameter that cannot be left out though it has an empty default',
      'Type: String\n    Default: ""\n    Description: The VPC',
      'Type: AWS::EC2::VPC::Id\n    Default: ""\n    Description: The VPC',
      /Parameters.VpcId: a AWS::EC2::VPC::Id cannot be empty/,
    ],
    [
      'a condition that does not exist',
      '!If [HasVpc,',
      '!If [HasVcp,',
      /VpcId: no condition is called HasVcp/,
    ],
    ['a choice of the wrong type', '- [{ DeviceIndex: 0,', '- [{ DeviceIndex: none,', /an integer/],
  ])('detects %s', (_what, good, bad, expected) => {
    expect(template).toContain(good);
    expect(templateProblems(template.replace(good, bad)).join('\n')).toMatch(expected);
  });

  it('launches instances that require IMDSv2, tell their tags, publish, and are gone when they power off', () => {
    const { Resources } = parse(template, { logLevel: 'silent' });
    expect(Resources.LaunchTemplate.Properties.LaunchTemplateData).toMatchObject({
      InstanceInitiatedShutdownBehavior: 'terminate',
      MetadataOptions: { HttpTokens: 'required', InstanceMetadataTags: 'enabled' },
    });
    expect(template).toMatch(/Key: .onager:publish\.to., Value: !Sub .s3:\/\/\$\{Bucket\}\/runs./);
  });

  it('launches into the default VPC, or into the subnet that is named, with the same security group', () => {
    const { Parameters, Resources } = parse(template, { logLevel: 'silent' });
    expect([Parameters.VpcId.Default, Parameters.SubnetId.Default]).toEqual(['', '']);
    const { SecurityGroupIds, NetworkInterfaces } =
      Resources.LaunchTemplate.Properties.LaunchTemplateData;
    const group = ['SecurityGroup.GroupId'];
    expect(SecurityGroupIds).toEqual(['HasSubnet', 'AWS::NoValue', group]);
    expect(NetworkInterfaces).toEqual([
      'HasSubnet',
      [{ DeviceIndex: 0, SubnetId: 'SubnetId', Groups: group }],
      'AWS::NoValue',
    ]);
  });

  it('lets members of a cluster through to each other, and nobody else', () => {
    const { Resources } = parse(template, { logLevel: 'silent' });
    const rules = Object.values<Rule>(Resources).filter(
      ({ Type }) => Type === 'AWS::EC2::SecurityGroupIngress',
    );
    const group = 'SecurityGroup.GroupId';
    const port = { FromPort: membersPortNumber, ToPort: membersPortNumber };
    const self = { GroupId: group, SourceSecurityGroupId: group, ...port };
    expect(rules.map(({ Properties }) => Properties)).toEqual([
      expect.objectContaining({ ...self, IpProtocol: 'tcp' }),
      expect.objectContaining({ ...self, IpProtocol: 'udp' }),
    ]);
    const { SecurityGroupIngress } = Resources.SecurityGroup.Properties;
    expect(SecurityGroupIngress).toMatchObject([{ FromPort: 80, ToPort: 80 }]);
  });

  it('lets Session Manager in, by the policy that AWS has for it and nothing else', () => {
    const { Resources } = parse(template, { logLevel: 'silent' });
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the template's own variable
    const managed = 'arn:${AWS::Partition}:iam::aws:policy/AmazonSSMManagedInstanceCore';
    expect(Resources.Role.Properties.ManagedPolicyArns).toEqual([managed]);
  });

  it('keeps the bucket, and the rule that it takes TLS alone, when the stack is deleted', () => {
    const { Resources } = parse(template, { logLevel: 'silent' });
    for (const resource of [Resources.Bucket, Resources.BucketPolicy]) {
      expect(resource).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    }
  });

  it('gives its role exactly what infra/instance-policy.json has', () => {
    const { Resources } = parse(template, { logLevel: 'silent' });
    const policy = JSON.parse(read('infra/instance-policy.json'));
    const inTemplate = Resources.Role.Properties.Policies[0].PolicyDocument.Statement;
    expect(inTemplate.map(withoutResource)).toEqual(policy.Statement.map(withoutResource));
    const trust = JSON.parse(read('infra/instance-trust.json'));
    expect(Resources.Role.Properties.AssumeRolePolicyDocument).toEqual(trust);
  });
});

describe('the policies', () => {
  const files = [
    'infra/instance-policy.json',
    'infra/instance-policy-kms.json',
    'infra/instance-policy-cluster.json',
    'infra/ci-reader-policy.json',
    'infra/ci-launcher-policy.json',
    'packer/builder-policy.json',
  ];

  it.each(files)('%s has no wildcard action', (file) => {
    for (const { Action, Effect, Sid } of JSON.parse(read(file)).Statement) {
      expect({
        Sid,
        Effect,
        wild: [Action].flat().filter((name: string) => name.includes('*')),
      }).toEqual({
        Sid,
        Effect: 'Allow',
        wild: [],
      });
    }
  });

  it.each(files)('%s has names of statements that IAM takes', (file) => {
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html
    for (const { Sid } of JSON.parse(read(file)).Statement) expect(Sid).toMatch(/^[A-Za-z0-9]+$/);
  });

  it('let a CI job read what an instance writes, and upload where an instance fetches', () => {
    const of = (file: string): Readonly<Record<string, string>> =>
      Object.fromEntries(
        JSON.parse(read(file)).Statement.map(
          ({ Sid, Resource }: Readonly<{ Sid: string; Resource: string }>) => [Sid, Resource],
        ),
      );
    const instance = of('infra/instance-policy.json');
    expect(of('infra/ci-reader-policy.json')['ReadRuns']).toBe(instance['PublishRuns']);
    const launcher = of('infra/ci-launcher-policy.json');
    expect(launcher['UploadScenarios']).toBe(instance['FetchScenarios']);
    // The job launches with these tags, names and prefixes.
    const job = read('examples/ci/load-test.sh');
    expect(job).toContain('Key=onager:after.action,Value=terminate');
    expect(job).toMatch(/s3:\/\/\$bucket\/scenarios\/.*\n.*s3 cp/);
    expect(job).toContain('Key=onager:publish.to,Value=s3://$bucket/runs}');
  });

  it('let an instance read and write its own prefixes alone, and no list of anything', () => {
    const { Statement } = JSON.parse(read('infra/instance-policy.json'));
    const actions = Statement.flatMap(({ Action }: { Action: string[] }) => Action);
    expect(new Set(actions)).toEqual(new Set(['s3:PutObject', 's3:GetObject']));
    for (const { Resource } of Statement)
      expect(Resource).toMatch(/^arn:aws:s3:::my-bucket\/\w+\/\*$/);
  });

  it('let a member of a cluster describe instances, and list and write its cards alone', () => {
    const { Statement } = JSON.parse(read('infra/instance-policy-cluster.json'));
    expect(Statement).toEqual([
      // AWS has no permission for some instances only.
      expect.objectContaining({ Action: 'ec2:DescribeInstances', Resource: '*' }),
      expect.objectContaining({
        Action: 's3:PutObject',
        Resource: 'arn:aws:s3:::my-bucket/runs/_cluster/*',
      }),
      expect.objectContaining({
        Action: 's3:ListBucket',
        Condition: { StringLike: { 's3:prefix': 'runs/_cluster/*' } },
      }),
    ]);
  });
});

type Rule = Readonly<{ Type: string; Properties: unknown }>;

function withoutResource({ Resource, ...rest }: Record<string, unknown>): unknown {
  return { ...rest, Action: [rest['Action']].flat(), Resource: typeof Resource };
}

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}
