/**
 * What AWS takes as the texts of a CloudFormation template. The published resource types hold no
 * patterns: these are from the API references of the services.
 */

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html */
const ec2Description = /^[a-zA-Z0-9. _\-:/()#,@[\]+=&;{}!$*]{1,255}$/;
/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html */
const iamName = /^[\w+=,.@-]{1,128}$/;

/** What a property's value must match, by the end of its path. */
const texts: Readonly<Record<string, RegExp>> = {
  GroupDescription: ec2Description,
  GroupName: /^(?!sg-)[a-zA-Z0-9. _\-:/()#,@[\]+=&;{}!$*]{1,255}$/,
  // Of a rule of a security group.
  Description: ec2Description,
  IpProtocol: /^(?:tcp|udp|icmp|icmpv6|-1|\d{1,3})$/,
  // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateLaunchTemplate.html
  LaunchTemplateName: /^[a-zA-Z0-9().\-/_]{3,128}$/,
  // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RequestLaunchTemplateData.html
  InstanceInitiatedShutdownBehavior: /^(?:stop|terminate)$/,
  // API_LaunchTemplateInstanceMetadataOptionsRequest.html, in the same reference
  HttpEndpoint: /^(?:enabled|disabled)$/,
  HttpTokens: /^(?:optional|required)$/,
  InstanceMetadataTags: /^(?:enabled|disabled)$/,
  'TagSpecifications.ResourceType':
    /^(?:instance|volume|network-interface|spot-instances-request)$/,
  // Tags that the metadata service tells: no blank and no slash in a key.
  // https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html
  'Tags.Key': /^(?!aws:)(?!(?:\.|\.\.|_index)$)[\w+\-=.,:@]{1,128}$/,
  'Tags.Value': /^[\w +\-=.:/@]{0,256}$/,
  PolicyName: iamName,
  RoleName: iamName,
  InstanceProfileName: iamName,
  // https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachRolePolicy.html
  ManagedPolicyArns: /^arn:[\w-]+:iam::(?:aws|\w{1,12}):policy\/[\w+=,.@/-]{1,512}$/,
  // https://docs.aws.amazon.com/AmazonS3/latest/API/API_LifecycleRule.html
  'Rules.Id': /^[\x20-\x7e]{1,255}$/,
  'Rules.Status': /^(?:Enabled|Disabled)$/,
  'Rules.Prefix': /^(?!\/)[\w/.-]{1,1024}$/,
  // https://docs.aws.amazon.com/AmazonS3/latest/API/API_OwnershipControlsRule.html
  'Rules.ObjectOwnership': /^(?:BucketOwnerPreferred|ObjectWriter|BucketOwnerEnforced)$/,
  // https://docs.aws.amazon.com/AmazonS3/latest/API/API_ServerSideEncryptionByDefault.html
  SSEAlgorithm: /^(?:AES256|aws:kms|aws:kms:dsse)$/,
};

/** A text without a pattern is a problem too: nobody has looked at what AWS takes there. */
export function textProblem(path: readonly string[], value: string): string | undefined {
  const pattern = texts[path.slice(-2).join('.')] ?? texts[path.at(-1) ?? ''];
  if (pattern === undefined) return 'what AWS takes as this text is not in cfn-texts.ts';
  return pattern.test(value) ? undefined : `AWS does not take ${JSON.stringify(value)}`;
}

/** As the CloudFormation user guide has it, in parameters-section-structure.html. */
export function parameterProblem(parameter: Readonly<Record<string, unknown>>): string | undefined {
  const { Type: type, Default: value, AllowedPattern: pattern } = parameter;
  if (String(type).startsWith('AWS::') && value === '') {
    return `a ${type} cannot be empty: an optional one is a String`;
  }
  if (value === undefined || pattern === undefined) return undefined;
  return new RegExp(`^(?:${pattern})$`).test(String(value))
    ? undefined
    : `its default ${JSON.stringify(value)} is not in its pattern`;
}
